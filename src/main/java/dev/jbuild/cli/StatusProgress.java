package dev.jbuild.cli;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.BuildEvent.Step;
import dev.jbuild.console.Console;
import dev.jbuild.console.Progress;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// A build for programs that read `docker build --progress=rawjson`: each event is a status of
/// BuildKit's, on a line of standard error. The digest of a step is one of its name and text.
final class StatusProgress implements Progress {

  private final Console console;
  private final Clock clock;
  private final StatusMessages messages;
  private final Map<Step, Instant> begun = new HashMap<>();

  StatusProgress(Console console, Clock clock) {
    this.console = console;
    this.clock = clock;
    this.messages = new StatusMessages(clock);
  }

  @Override
  public synchronized void on(BuildEvent event) {
    switch (event) {
      case BuildEvent.Started(var step) -> {
        begun.putIfAbsent(step, clock.instant());
        print("vertexes", vertex(step));
      }
      case BuildEvent.Output(var step, var bytes) -> {
        var log = of(step);
        log.put("stream", 1);
        log.put("data", Base64.getEncoder().encodeToString(bytes));
        log.put("timestamp", clock.instant().toString());
        print("logs", log);
      }
      case BuildEvent.Moved(var step, var bytes, var total) -> status(step, "moved", bytes, total);
      case BuildEvent.Looked(var step, var listed, var read) -> status(step, "read", read, listed);
      case BuildEvent.Waiting(var step, var reason) -> status(step, "waits " + reason, 0, -1);
      case BuildEvent.Finished(var step, var outcome, var took, _) -> {
        var end = clock.instant();
        begun.putIfAbsent(step, end.minus(took));
        var vertex = vertex(step);
        vertex.put("completed", end.toString());
        switch (outcome) {
          case CACHED, IN_STORE, THERE -> vertex.put("cached", true);
          case FAILED, CANCELLED -> vertex.put("error", outcome.text());
          case DONE, MOUNTED -> {}
        }
        begun.remove(step);
        print("vertexes", vertex);
      }
      case BuildEvent.Warning(var message) -> console.line(messages.warning(message));
    }
  }

  private void print(String kind, Map<String, Object> one) {
    console.line(StatusMessages.line(kind, one));
  }

  private static String digest(Step step) {
    return StatusMessages.digest(step.id() + "\0" + step.text());
  }

  private Map<String, Object> vertex(Step step) {
    var vertex = new LinkedHashMap<String, Object>();
    vertex.put("digest", digest(step));
    vertex.put("name", "[" + step.id() + "] " + step.text());
    vertex.put("started", begun.getOrDefault(step, clock.instant()).toString());
    return vertex;
  }

  private static Map<String, Object> of(Step step) {
    var members = new LinkedHashMap<String, Object>();
    members.put("vertex", digest(step));
    return members;
  }

  private void status(Step step, String id, long current, long total) {
    var status = of(step);
    status.put("id", id);
    if (total > 0) {
      status.put("total", total);
    }
    status.put("current", current);
    status.put("timestamp", clock.instant().toString());
    print("statuses", status);
  }

  @Override
  public void close() {}
}
