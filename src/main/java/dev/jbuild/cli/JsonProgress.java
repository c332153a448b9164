package dev.jbuild.cli;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.BuildEvent.Step;
import dev.jbuild.console.Console;
import dev.jbuild.console.Progress;
import dev.jbuild.console.StepText;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// A build for programs: each event is a JSON object on a line of standard error. docs/progress.md
/// describes them.
final class JsonProgress implements Progress {

  private final Console console;
  private final JsonMessages messages = new JsonMessages();
  private final Map<Step, StepText> texts = new HashMap<>();

  JsonProgress(Console console) {
    this.console = console;
  }

  @Override
  public synchronized void on(BuildEvent event) {
    switch (event) {
      case BuildEvent.Started(var step) -> print("started", step, Map.of());
      case BuildEvent.Output(var step, var bytes) -> output(step, bytes);
      case BuildEvent.Moved(var step, var bytes, var total) -> {
        var more = new LinkedHashMap<String, Object>();
        more.put("bytes", bytes);
        if (total >= 0) {
          more.put("total", total);
        }
        print("moved", step, more);
      }
      case BuildEvent.Looked(var step, var listed, var read) -> {
        var more = new LinkedHashMap<String, Object>();
        more.put("listed", listed);
        more.put("read", read);
        print("looked", step, more);
      }
      case BuildEvent.Waiting(var step, var reason) ->
          print("waiting", step, Map.of("reason", reason));
      case BuildEvent.Finished finished -> finished(finished);
      case BuildEvent.Warning(var message) -> console.line(messages.warning(message));
    }
  }

  private void print(String event, Step step, Map<String, Object> more) {
    var members = new LinkedHashMap<String, Object>();
    members.put("event", event);
    members.put("step", step.id());
    members.put("text", step.text());
    members.putAll(more);
    console.line(JsonText.compact(members));
  }

  /// Only whole lines are told, and pieces of very long ones: a character must not be parted.
  private void output(Step step, byte[] bytes) {
    var text = texts.computeIfAbsent(step, _ -> new StepText());
    text.lines(bytes).forEach(line -> line(step, line));
  }

  private void line(Step step, byte[] line) {
    print("output", step, Map.of("line", new String(line, StandardCharsets.UTF_8)));
  }

  private void finished(BuildEvent.Finished finished) {
    var step = finished.step();
    var text = texts.remove(step);
    if (text != null && text.rest().length > 0) {
      line(step, text.rest());
    }
    var more = new LinkedHashMap<String, Object>();
    more.put("outcome", finished.outcome().text());
    more.put("milliseconds", finished.took().toMillis());
    if (!finished.note().isEmpty()) {
      more.put("note", finished.note());
    }
    print("finished", step, more);
  }

  @Override
  public void close() {}
}
