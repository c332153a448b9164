package dev.jbuild.cli;

import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.Signals;
import dev.jbuild.linux.TerminalMode;
import dev.jbuild.linux.WindowSize;
import dev.jbuild.sandbox.ExitStatus;
import dev.jbuild.sandbox.LostOutput;
import dev.jbuild.sandbox.StepControl;
import dev.jbuild.sandbox.StepOutput;
import dev.jbuild.sandbox.StepStreams;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A process in the foreground: what a person types reaches it, what it writes reaches the person,
/// and signals to jbuild are signals to it.
///
/// With a terminal the person's own lets every key through meanwhile, Ctrl-C and Ctrl-Z included,
/// and is as it was afterwards, whatever happens.
final class Foreground {

  private static final int STANDARD_INPUT = 0;

  /// What a shell adds to the number of a signal that ended a process.
  private static final int SIGNALLED = 128;

  /// By their names, with the numbers that x86-64 and aarch64 share (asm-generic/signal.h).
  private static final Map<String, Integer> FORWARDED =
      Map.of(
          "HUP", 1, "INT", 2, "USR1", 10, "USR2", 12, "ALRM", 14, "VTALRM", 26, "PROF", 27, "IO",
          29, "PWR", 30);

  private final boolean passesInput;
  private final boolean hasTerminal;
  private final int stopSignal;
  private final OptionalInt patience;
  private final Console console;
  private final StepControl control = new StepControl();
  private final Optional<TerminalMode> typing = TerminalMode.of(STANDARD_INPUT);

  private volatile int endedBy;

  /// What runs in the foreground.
  interface Work {
    ExitStatus run(@Nullable InputStream input, StepStreams streams, StepControl control)
        throws IOException, InterruptedException;
  }

  /// @param passesInput whether the process reads what jbuild's standard input has
  /// @param hasTerminal whether it has a terminal
  /// @param stopSignal what it gets when jbuild gets SIGTERM
  /// @throws BuildFailure if nobody can type on its terminal
  Foreground(boolean passesInput, boolean hasTerminal, int stopSignal, Console console) {
    this(passesInput, hasTerminal, stopSignal, OptionalInt.empty(), console);
  }

  /// @param patience after so many seconds it is killed if it has not ended of the stop signal;
  ///     empty for never
  Foreground(
      boolean passesInput,
      boolean hasTerminal,
      int stopSignal,
      OptionalInt patience,
      Console console) {
    this.patience = patience;
    this.passesInput = passesInput;
    this.hasTerminal = hasTerminal;
    this.stopSignal = stopSignal;
    this.console = console;
    if (passesInput && hasTerminal && typing.isEmpty()) {
      throw Options.usage("standard input is no terminal, so there is nobody to type on the -t one")
          .hint("leave out -t to pass standard input on as it is");
    }
  }

  /// Runs it to its end.
  ///
  /// @return its exit code; 128 and more if a signal ended it, before it began too, SIGPIPE if
  ///     nobody reads its output any more
  /// @throws BuildFailure if its output cannot be written for another reason
  ExitStatus run(Work work) throws IOException, InterruptedException {
    var main = Thread.currentThread();
    FORWARDED.forEach((name, number) -> Signals.handle(name, () -> pass(number, number, main)));
    Signals.handle("TERM", () -> stop(main));
    try {
      if (!hasTerminal) {
        return work.run(input(), apart(), control);
      }
      return passesInput ? onTerminal(work) : work.run(null, terminal(), control);
    } catch (InterruptedException e) {
      if (endedBy == 0) {
        throw e;
      }
      return ExitStatus.killed(endedBy);
    } catch (LostOutput e) {
      if (e.isClosedPipe()) {
        return e.status();
      }
      throw BuildFailure.of(
          BuildFailure.Kind.STORE,
          "cannot pass on its output: " + Printable.of(String.valueOf(e.getMessage())),
          e);
    }
  }

  /// Signals end jbuild from now on, as if nothing had ever run here.
  void letGo() {
    FORWARDED.forEach(
        (name, number) -> Signals.handle(name, () -> System.exit(SIGNALLED + number)));
    Signals.handle("TERM", () -> System.exit(SIGNALLED + SignalNumbers.TERMINATE));
  }

  private ExitStatus onTerminal(Work work) throws IOException, InterruptedException {
    var mode = typing.orElseThrow();
    Runtime.getRuntime().addShutdownHook(new Thread(mode::close));
    Signals.handle("WINCH", this::resize);
    Signals.handle("CONT", () -> continueOn(mode));
    try (mode) {
      mode.makeRaw();
      return work.run(input(), terminal(), control);
    }
  }

  private @Nullable InputStream input() {
    return passesInput ? System.in : null;
  }

  private StepStreams apart() {
    return new StepStreams.Apart(to(console.processOutput()), to(console.processErrors()));
  }

  private StepStreams terminal() {
    return new StepStreams.Terminal(to(console.processOutput()), size());
  }

  private static StepOutput to(OutputStream stream) {
    return (bytes, length) -> {
      try {
        stream.write(bytes, 0, length);
        stream.flush();
      } catch (IOException e) {
        throw new LostOutput(e);
      }
    };
  }

  /// Of whichever of our streams is a terminal.
  private static WindowSize size() {
    return Stream.of(STANDARD_INPUT, 1, 2)
        .flatMap(fd -> TerminalMode.of(fd).stream())
        .map(TerminalMode::size)
        .findFirst()
        .orElse(new WindowSize(0, 0));
  }

  private void resize() {
    try {
      control.resize(size());
    } catch (IOException e) {
      // The terminal is gone; who had it learns that otherwise.
    }
  }

  /// After Ctrl-Z's own signal came from elsewhere: the shell that let us go on has its own idea of
  /// a terminal's settings.
  private void continueOn(TerminalMode mode) {
    try {
      mode.makeRaw();
      resize();
    } catch (IOException e) {
      // It is gone.
    }
  }

  private void stop(Thread main) {
    pass(stopSignal, SignalNumbers.TERMINATE, main);
    if (patience.isPresent()) {
      Thread.ofPlatform().daemon().start(() -> killLater(main));
    }
  }

  private void killLater(Thread main) {
    try {
      Thread.sleep(Duration.ofSeconds(patience.orElse(0)));
      pass(SignalNumbers.KILL, SignalNumbers.KILL, main);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Before the process runs and after it, a signal ends jbuild.
  private void pass(int number, int original, Thread main) {
    try {
      if (!control.signal(number)) {
        endedBy = original;
        main.interrupt();
      }
    } catch (IOException e) {
      endedBy = original;
      main.interrupt();
    }
  }
}
