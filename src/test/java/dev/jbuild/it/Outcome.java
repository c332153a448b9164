package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What a command did: exit code, standard output, standard error.
record Outcome(String command, int exitCode, String out, String err) {

  Outcome succeeds() {
    assertEquals(0, exitCode, this::toString);
    return this;
  }

  /// Failed with `code`, in words and without a stack trace.
  Outcome failsWith(int code) {
    assertEquals(code, exitCode, this::toString);
    assertFalse(err.contains("\tat "), this::toString);
    assertFalse(err.isBlank(), this::toString);
    return this;
  }

  /// Ended with `code`, which is a process's own.
  Outcome failsQuietlyWith(int code) {
    assertEquals(code, exitCode, this::toString);
    return this;
  }

  Outcome saysOnError(String text) {
    assertTrue(err.contains(text), () -> "does not say \"" + text + "\": " + this);
    return this;
  }

  Outcome doesNotSay(String text) {
    assertFalse(err.contains(text) || out.contains(text), () -> "says \"" + text + "\": " + this);
    return this;
  }

  Outcome prints(String text) {
    assertTrue(out.contains(text), () -> "does not print \"" + text + "\": " + this);
    return this;
  }

  /// Standard output without the last line end.
  String text() {
    return out.stripTrailing();
  }

  @Override
  public String toString() {
    return "$ "
        + command
        + "\nexit code "
        + exitCode
        + "\n--- stdout\n"
        + out
        + "\n--- stderr\n"
        + err;
  }
}
