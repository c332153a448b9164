package dev.jbuild.console;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// A build of which only trouble is shown: warnings, and the last lines of a step that fails.
final class QuietProgress implements Progress {

  /// How much of a failed step's output is shown.
  private static final int TAIL_LINES = 20;

  private final Console console;
  private final Map<BuildEvent.Step, Output> outputs = new HashMap<>();

  private static final class Output {
    final StepText text = new StepText();
    final Deque<byte[]> tail = new ArrayDeque<>();

    void keep(byte[] line) {
      tail.addLast(line);
      if (tail.size() > TAIL_LINES) {
        tail.removeFirst();
      }
    }
  }

  QuietProgress(Console console) {
    this.console = console;
  }

  @Override
  public synchronized void on(BuildEvent event) {
    switch (event) {
      case BuildEvent.Started _, BuildEvent.Moved _, BuildEvent.Looked _, BuildEvent.Waiting _ -> {}
      case BuildEvent.Output(var step, var bytes) -> {
        var output = outputs.computeIfAbsent(step, _ -> new Output());
        output.text.lines(bytes).forEach(output::keep);
      }
      case BuildEvent.Finished finished -> {
        var output = outputs.remove(finished.step());
        if (output != null && finished.outcome() == BuildEvent.Outcome.FAILED) {
          show(output);
        }
      }
      case BuildEvent.Warning(var message) -> console.progressWarning(message);
    }
  }

  private void show(Output output) {
    if (output.text.rest().length > 0) {
      output.keep(output.text.rest());
    }
    for (var line : output.tail) {
      console.message("   " + StepText.safe(line, console.hasColours()));
    }
  }

  @Override
  public void close() {}
}
