package dev.jbuild.cli;

import dev.jbuild.build.DebugRequest;
import dev.jbuild.build.Debugger;
import dev.jbuild.build.Mending;
import dev.jbuild.build.Rescuer;
import dev.jbuild.build.StepSettings;
import dev.jbuild.console.Console;
import dev.jbuild.console.Progress;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.linux.Machine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// `--on-error shell`: a shell in a RUN that fails, while the build waits. If the instruction
/// succeeds when it is run again there, the build goes on with the files as they are then.
final class ShellOnError implements Rescuer {

  private final Keyboard keyboard = new Keyboard(System.in);
  private final Progress progress;
  private final Console console;
  private final StepSettings settings;
  private final Map<String, String> environment;

  ShellOnError(
      Progress progress, Console console, StepSettings settings, Map<String, String> environment) {
    this.progress = progress;
    this.console = console;
    this.settings = settings;
    this.environment = environment;
  }

  /// Whether it is wanted.
  ///
  /// @throws BuildFailure if there is no terminal for the shell, which is said before the build
  static boolean isWanted(Options options) {
    return switch (options.value("--on-error").orElse("stop")) {
      case "stop" -> false;
      case "shell" -> {
        if (!Machine.isTerminal(0) || !Machine.isTerminal(1)) {
          throw Options.usage("--on-error shell needs a terminal, and there is none")
              .hint("leave it out; jbuild debug goes into the step that failed afterwards");
        }
        yield true;
      }
      default -> throw Options.usage("--on-error takes stop or shell");
    };
  }

  @Override
  public boolean mends(Mending step) throws IOException, InterruptedException {
    progress.hold();
    try {
      return enter(step);
    } catch (BuildFailure e) {
      console.failure(e);
      return false;
    } finally {
      progress.release();
    }
  }

  private boolean enter(Mending step) throws IOException, InterruptedException {
    console.message("in " + step.shown());
    console.message("retry runs the instruction again; leave with exit");
    var request = new DebugRequest(false, List.of(), false, settings, new TreeMap<>(), environment);
    var visits = new ArrayList<Debugger.Visit>();
    var foreground = new Foreground(true, true, SignalNumbers.TERMINATE, console);
    try {
      var _ =
          foreground.run(
              (_, streams, control) -> {
                try (var input = keyboard.reader()) {
                  var visit = step.enter(request, input, streams, control);
                  visits.add(visit);
                  return visit.status();
                }
              });
    } finally {
      foreground.letGo();
    }
    if (visits.isEmpty()) {
      return false;
    }
    var transcript = visits.getFirst().transcript();
    DebugCommand.tell(transcript, console);
    boolean isMended = transcript.lastRetry().orElse(1) == 0;
    console.message(
        isMended
            ? "the build goes on with these files; they are cached nowhere, and the image's history"
                + " says that they were changed by hand"
            : "the build stops: the instruction did not succeed");
    return isMended;
  }
}
