package dev.jbuild.failure;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What a piece of work threw on another thread, for the one that waits for it.
public final class ThrownElsewhere {

  private ThrownElsewhere() {}

  /// Throws `thrown` here as it is, unless it is null.
  ///
  /// @throws IllegalStateException for a checked exception other than an IOException
  public static void rethrow(@Nullable Throwable thrown) throws IOException {
    switch (thrown) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(thrown);
    }
  }

  /// The same for work that may be interrupted.
  public static void rethrowInterruptible(@Nullable Throwable thrown)
      throws IOException, InterruptedException {
    if (thrown instanceof InterruptedException e) {
      throw e;
    }
    rethrow(thrown);
  }
}
