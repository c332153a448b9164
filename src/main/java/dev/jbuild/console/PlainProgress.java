package dev.jbuild.console;

import java.util.HashMap;
import java.util.Map;

/// A build as plain lines, each with the step it belongs to: for pipes, files and CI logs.
public final class PlainProgress implements Progress {

  /// From how many files on there is a line about them: few, each for twice as many.
  private static final long MANY_FILES = 100_000;

  private final Console console;
  private final Map<BuildEvent.Step, StepText> outputs = new HashMap<>();

  private final Map<BuildEvent.Step, Long> nextFiles = new HashMap<>();

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
      case BuildEvent.Looked looked -> looked(looked);
      case BuildEvent.Waiting(var step, var reason) ->
          console.message(step.id() + "  waits " + reason);
      case BuildEvent.Finished finished -> finished(finished);
      case BuildEvent.Warning(var message) -> console.progressWarning(message);
    }
  }

  private void looked(BuildEvent.Looked looked) {
    long files = looked.listed() + looked.read();
    long next = nextFiles.getOrDefault(looked.step(), MANY_FILES);
    if (files >= next) {
      console.message(looked.step().id() + "  " + looked.text());
      nextFiles.put(looked.step(), Math.max(next, files / 2) * 2);
    }
  }

  private void output(BuildEvent.Step step, byte[] line) {
    console.message(step.id() + "  | " + StepText.safe(line, console.hasColours()));
  }

  private void finished(BuildEvent.Finished finished) {
    var step = finished.step();
    var text = outputs.remove(step);
    nextFiles.remove(step);
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
