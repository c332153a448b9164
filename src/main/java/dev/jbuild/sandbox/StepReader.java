package dev.jbuild.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Passes on what a step writes, in a thread of its own, until the end of it.
final class StepReader {

  private static final int BUFFER = 1 << 16;

  private final InputStream source;
  private final StepOutput output;
  private final Runnable kill;
  private final Thread thread;
  private final AtomicLong reads = new AtomicLong(); // odd while it waits for the step
  private @Nullable Throwable failure; // of `output`; guarded by this
  private boolean isAbandoned; // guarded by this

  /// @param kill what ends the step, if `output` throws
  StepReader(String name, InputStream source, StepOutput output, Runnable kill) {
    this.source = source;
    this.output = output;
    this.kill = kill;
    this.thread = Thread.ofPlatform().daemon().name(name).start(this::read);
  }

  private void read() {
    var buffer = new byte[BUFFER];
    try {
      while (true) {
        reads.incrementAndGet();
        int n = source.read(buffer);
        reads.incrementAndGet();
        if (n < 0) {
          return;
        }
        pass(buffer, n);
      }
    } catch (Throwable e) { // of the caller's StepOutput: whatever it is, the caller gets it
      fail(e);
      kill.run();
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

  /// Waits for the end. The processes of the step are gone, and with them the writing ends, unless
  /// one was handed to a process outside (through a socket of the host's network). That is not
  /// waited for.
  void awaitEnd() throws InterruptedException {
    while (!thread.join(Duration.ofSeconds(1))) {
      long before = reads.get();
      boolean isWaiting = before % 2 == 1;
      if (isWaiting && !thread.join(Duration.ofSeconds(1)) && reads.get() == before) {
        abandon();
        return;
      }
    }
  }

  /// From now on nothing is passed on.
  synchronized void abandon() {
    isAbandoned = true;
  }

  /// Throws what `output` threw.
  synchronized void rethrow() throws IOException {
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }
}
