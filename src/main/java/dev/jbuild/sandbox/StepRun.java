package dev.jbuild.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A running step: its process and the threads that carry bytes from and to it.
///
/// Standard input carries the table, then the step's input; standard output is the step's output
/// and errors; standard error is the report. Closing the report tells the program to kill the step,
/// so nobody reads it before the end.
final class StepRun {

  private static final int BUFFER = 1 << 16;
  private static final long PATIENCE_SECONDS = 10;

  private final Process process;
  private final StepOutput output;
  private final Thread reader;
  private @Nullable Throwable failure; // of `output`; guarded by this
  private boolean isAbandoned; // guarded by this
  private final AtomicLong reads = new AtomicLong(); // odd while the reader waits for the step

  StepRun(Process process, StepOutput output) {
    this.process = process;
    this.output = output;
    this.reader = Thread.ofPlatform().daemon().name("step-output").start(this::read);
  }

  /// Gives the program its table, and the step its input.
  void feed(byte[] table, @Nullable InputStream input) {
    if (input == null) {
      send(table, InputStream.nullInputStream());
    } else {
      Thread.ofPlatform().daemon().name("step-input").start(() -> send(table, input));
    }
  }

  private void send(byte[] table, InputStream input) {
    try (var pipe = process.getOutputStream()) {
      pipe.write(table);
      pipe.flush();
      var buffer = new byte[BUFFER];
      for (int n; (n = input.read(buffer)) >= 0; ) {
        pipe.write(buffer, 0, n);
        pipe.flush();
      }
    } catch (IOException e) {
      // The step does not read any more, or its input broke off: it sees the end of the file. If
      // the table was cut short the report says so, by its absence.
    }
  }

  private void read() {
    var buffer = new byte[BUFFER];
    var pipe = process.getInputStream();
    try {
      while (true) {
        reads.incrementAndGet();
        int n = pipe.read(buffer);
        reads.incrementAndGet();
        if (n < 0) {
          return;
        }
        pass(buffer, n);
      }
    } catch (Throwable e) { // of the caller's StepOutput: whatever it is, the caller gets it
      fail(e);
      kill();
    }
  }

  private void pass(byte[] buffer, int length) throws IOException {
    synchronized (this) {
      if (isAbandoned) {
        return;
      }
    }
    output.write(buffer, length);
  }

  private synchronized void fail(Throwable e) {
    if (!isAbandoned) {
      failure = e;
    }
  }

  /// Waits for the end of the step and of its output, and gives the report.
  ///
  /// @throws InterruptedException after the step was killed
  byte[] await() throws IOException, InterruptedException {
    try {
      process.waitFor();
      awaitOutput();
    } catch (InterruptedException e) {
      kill();
      awaitDeath();
      throw e;
    }
    rethrow();
    return process.getErrorStream().readAllBytes();
  }

  /// The processes of the step are gone, and with them the writing ends of the pipe, unless one was
  /// handed to a process outside (through a socket of the host's network). That is not waited for.
  private void awaitOutput() throws InterruptedException {
    while (!reader.join(Duration.ofSeconds(1))) {
      long before = reads.get();
      boolean isWaiting = before % 2 == 1;
      if (isWaiting && !reader.join(Duration.ofSeconds(1)) && reads.get() == before) {
        abandon();
        return;
      }
    }
  }

  private synchronized void abandon() {
    isAbandoned = true;
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
          abandon();
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

  private synchronized void rethrow() throws IOException {
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }
}
