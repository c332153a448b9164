package dev.jbuild.build;

import dev.jbuild.failure.ThrownElsewhere;
import dev.jbuild.linux.Workers;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Why a step is made, found out on a thread of its own: to compare the inputs of two builds takes
/// as long as a part of the making. Closing waits for that thread.
final class LaterReason implements AutoCloseable {

  /// Finds it out.
  @FunctionalInterface
  interface Source {
    String reason() throws IOException;
  }

  private final Source source;
  private final @Nullable Thread thread;
  private String reason = "";
  private @Nullable Throwable failure;

  LaterReason(Source source) {
    this.source = source;
    this.thread = Workers.beside("reason", this::find);
    if (thread == null) {
      find();
    }
  }

  private void find() {
    try {
      reason = source.reason();
    } catch (Throwable e) { // whatever it is, who waits gets it
      failure = e;
    }
  }

  /// The reason, when it is known.
  String get() throws IOException, InterruptedException {
    if (thread != null) {
      thread.join();
    }
    ThrownElsewhere.rethrow(failure);
    return reason;
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.interrupt();
      Workers.join(thread);
    }
  }
}
