package dev.jbuild.console;

import java.util.HashMap;
import java.util.Map;

/// A build as plain lines, each with the step it belongs to: for pipes, files and CI logs.
public final class PlainProgress implements Progress {

  private final Console console;
  private final Map<BuildEvent.Step, StepText> outputs = new HashMap<>();

  public PlainProgress(Console console) {
    this.console = console;
  }

  @Override
  public synchronized void on(BuildEvent event) {
    switch (event) {
      case BuildEvent.Started(var step) -> console.message(step.id() + "  " + step.text());
      case BuildEvent.Output(var step, var bytes) -> {
        for (var line : outputs.computeIfAbsent(step, _ -> new StepText()).lines(bytes)) {
          output(step, line);
        }
      }
      case BuildEvent.Moved _ -> {} // a log is not redrawn
      case BuildEvent.Waiting(var step, var reason) ->
          console.message(step.id() + "  waits " + reason);
      case BuildEvent.Finished finished -> finished(finished);
      case BuildEvent.Warning(var message) -> console.warning(message);
    }
  }

  private void output(BuildEvent.Step step, byte[] line) {
    console.message(step.id() + "  | " + StepText.safe(line, console.hasColours()));
  }

  private void finished(BuildEvent.Finished finished) {
    var step = finished.step();
    var text = outputs.remove(step);
    if (text != null && text.rest().length > 0) {
      output(step, text.rest());
    }
    var line = new StringBuilder(step.id()).append("  ");
    switch (finished.outcome()) {
      case CACHED, IN_STORE, THERE, MOUNTED -> line.append(step.text()).append("  ");
      case DONE, FAILED, CANCELLED -> {}
    }
    line.append(finished.outcome().text());
    if (!finished.note().isEmpty()) {
      line.append("  ").append(finished.note());
    }
    console.message(line.append("  ").append(Console.time(finished.took())).toString());
  }

  @Override
  public void close() {}
}
