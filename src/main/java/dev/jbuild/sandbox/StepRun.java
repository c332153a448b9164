package dev.jbuild.sandbox;

import dev.jbuild.linux.Signals;
import dev.jbuild.linux.WindowSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A running step: its process and the threads that carry bytes from and to it.
///
/// Standard input carries the table, then the step's input; standard output is the step's output
/// and errors, unless [Wiring] has them go elsewhere; standard error is the report. Closing the
/// report tells the program to kill the step, so nobody reads it before the end.
final class StepRun {

  private static final int BUFFER = 1 << 16;
  private static final long PATIENCE_SECONDS = 10;
  private static final byte END_OF_INPUT = 4; // Ctrl-D

  private final Process process;
  private final Wiring wiring;
  private final boolean isByRuntime;
  private final List<StepReader> readers = new ArrayList<>();
  private volatile int endedBy;

  /// @param isByRuntime whether the keeper's child is a container runtime, and the step its child
  StepRun(Process process, Wiring wiring, boolean isByRuntime) {
    this.process = process;
    this.wiring = wiring;
    this.isByRuntime = isByRuntime;
    switch (wiring) {
      case Wiring.Plain plain -> read("step-output", process.getInputStream(), plain.output());
      case Wiring.Apart apart -> {
        read("step-output", process.getInputStream(), apart.output());
        read("step-errors", apart.pipe().output(), apart.errors());
      }
      case Wiring.Terminal terminal ->
          read("step-output", terminal.terminal().output(), terminal.output());
    }
  }

  private void read(String name, InputStream source, StepOutput output) {
    readers.add(new StepReader(name, source, output, this::kill));
  }

  /// Gives the program its table, and the step its input.
  void feed(byte[] table, @Nullable InputStream input) {
    switch (wiring) {
      case Wiring.Plain _, Wiring.Apart _ -> {
        if (input == null) {
          send(table, InputStream.nullInputStream());
        } else {
          start("step-input", () -> send(table, input));
        }
      }
      case Wiring.Terminal terminal -> {
        send(table, InputStream.nullInputStream());
        if (input != null) {
          start("step-input", () -> type(input, terminal.terminal().keyboard()));
        }
      }
    }
  }

  private static void start(String name, Runnable work) {
    Thread.ofPlatform().daemon().name(name).start(work);
  }

  private void send(byte[] table, InputStream input) {
    try (var pipe = process.getOutputStream()) {
      pipe.write(table);
      pipe.flush();
      pass(input, pipe);
    } catch (IOException e) {
      // The step does not read any more, or its input broke off: it sees the end of the file. If
      // the table was cut short the report says so, by its absence.
    }
  }

  private static void type(InputStream input, OutputStream keyboard) {
    try {
      pass(input, keyboard);
      keyboard.write(END_OF_INPUT);
    } catch (IOException | IllegalStateException e) {
      // The terminal is closed: nobody reads any more.
    }
  }

  private static void pass(InputStream input, OutputStream output) throws IOException {
    var buffer = new byte[BUFFER];
    for (int n; (n = input.read(buffer)) >= 0; ) {
      output.write(buffer, 0, n);
      output.flush();
    }
  }

  /// Waits for the end of the step and of its output, and gives the report, of which nothing is
  /// left if we killed the step.
  ///
  /// @throws InterruptedException after the step was killed
  byte[] await() throws IOException, InterruptedException {
    try {
      process.waitFor();
      wiring.release();
      for (var reader : readers) {
        reader.awaitEnd();
      }
    } catch (InterruptedException e) {
      kill();
      awaitDeath();
      throw e;
    }
    for (var reader : readers) {
      reader.rethrow();
    }
    return endedBy == 0 ? process.getErrorStream().readAllBytes() : new byte[0];
  }

  /// See [StepControl#signal].
  void signal(int number) throws IOException {
    var keeper = ProcessHandle.of(process.pid());
    var parent = isByRuntime ? keeper.flatMap(StepRun::child) : keeper;
    var first = parent.flatMap(StepRun::child);
    boolean isHandled = first.isPresent() && Dispositions.of(first.get().pid()).handle(number);
    if (first.isPresent() && parent.isPresent()) {
      Signals.send(parent.get(), first.get(), number);
    }
    if (!isHandled) {
      endedBy = number;
      kill();
    }
  }

  private static Optional<ProcessHandle> child(ProcessHandle process) {
    return process.children().findFirst();
  }

  /// The signal that the step was killed for, since its process did not handle it; else 0.
  int endedBy() {
    return endedBy;
  }

  /// See [StepControl#resize].
  void resize(WindowSize size) throws IOException {
    if (wiring instanceof Wiring.Terminal terminal) {
      terminal.terminal().resize(size);
    }
  }

  private void kill() {
    try {
      process.getErrorStream().close();
    } catch (IOException e) {
      process.destroyForcibly();
    }
  }

  /// Whoever interrupts wants the namespaces gone, not only told to go.
  private void awaitDeath() {
    boolean isInterrupted = false;
    try {
      while (true) {
        try {
          if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
          }
          wiring.release();
          readers.forEach(StepReader::abandon);
          return;
        } catch (InterruptedException e) {
          isInterrupted = true;
        }
      }
    } finally {
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
