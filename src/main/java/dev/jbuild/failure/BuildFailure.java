package dev.jbuild.failure;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A failure that its reader can act on. Any other exception that reaches the user is a bug.
///
/// The message is one sentence without a final stop: what happened, to which named thing. The hint
/// is an imperative: what to try. Neither ever holds a secret; whoever makes the message passes
/// strangers' text through [Printable].
public final class BuildFailure extends RuntimeException {

  private final Kind kind;
  private final @Nullable Span where;
  private final @Nullable String hint;

  private BuildFailure(
      Kind kind,
      String message,
      @Nullable Span where,
      @Nullable String hint,
      @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.where = where;
    this.hint = hint;
  }

  public static BuildFailure of(Kind kind, String message) {
    return new BuildFailure(kind, message, null, null, null);
  }

  /// The same with the exception that it explains, shown with `--debug` only.
  public static BuildFailure of(Kind kind, String message, Throwable cause) {
    return new BuildFailure(kind, message, null, null, cause);
  }

  /// This failure at a place in a file.
  public BuildFailure at(Span span) {
    return new BuildFailure(kind, message(), span, hint, getCause());
  }

  /// This failure with advice; replaces earlier advice.
  public BuildFailure hint(String advice) {
    return new BuildFailure(kind, message(), where, advice, getCause());
  }

  /// This failure of one of several: its sentence begins with which.
  public BuildFailure of(String which) {
    return new BuildFailure(kind, which + ": " + message(), where, hint, getCause());
  }

  /// The sentence alone, without place and hint.
  public String message() {
    var message = getMessage();
    return message == null ? "" : message;
  }

  public Kind kind() {
    return kind;
  }

  public Optional<Span> where() {
    return Optional.ofNullable(where);
  }

  public Optional<String> hint() {
    return Optional.ofNullable(hint);
  }

  /// Who can mend it; decides the exit code that scripts may rely on (docs/decisions).
  public enum Kind {
    USAGE(2),
    DOCKERFILE(3),
    STEP(4),
    CONTEXT(5),
    REGISTRY(6),
    STORE(7),
    SANDBOX(8);

    private final int exitCode;

    Kind(int exitCode) {
      this.exitCode = exitCode;
    }

    public int exitCode() {
      return exitCode;
    }
  }
}
