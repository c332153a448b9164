package dev.jbuild.http;

import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.net.ConnectException;
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

  /// What went wrong with a connection, in the words of the deepest exception that has any.
  public static String why(Throwable failure) {
    var text =
        failure instanceof ConnectException ? "nobody listens there" : "the connection failed";
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      text = cause.getMessage() == null ? text : cause.getMessage();
    }
    return Printable.of(text);
  }

  /// How long the server wants to be left alone.
  Optional<Duration> wanted() {
    return Optional.ofNullable(wait);
  }
}
