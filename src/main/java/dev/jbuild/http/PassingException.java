package dev.jbuild.http;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An attempt that may go better the next time: the connection failed or fell silent, or the server
/// says that it is busy. The message is printable and holds no secret.
public final class PassingException extends IOException {

  private final transient @Nullable Duration wait;

  public PassingException(String message, @Nullable Throwable cause) {
    super(message, cause);
    this.wait = null;
  }

  /// A busy server.
  ///
  /// @param wait what it asks for, if it says so
  public PassingException(String message, Optional<Duration> wait) {
    super(message);
    this.wait = wait.orElse(null);
  }

  /// How long the server wants to be left alone.
  Optional<Duration> wanted() {
    return Optional.ofNullable(wait);
  }
}
