package dev.jbuild.sandbox;

import java.util.Optional;

/// How a step ended.
///
/// @param code its exit code; 128 and the signal's number if a signal ended it; 126 if its program
///     could not be executed and 127 if it was not found
/// @param signal the number of the signal that ended it, else 0
/// @param reason why there was no process at all (126 and 127), printable
/// @param foreign whether there was none since the kernel does not know the program's format: it is
///     made for another processor, or is no program
/// @param limit the limit of [Quota] that it ran into, printable, if it failed after that
public record ExitStatus(
    int code, int signal, Optional<String> reason, boolean foreign, Optional<String> limit) {

  static final int NOT_EXECUTABLE = 126;
  static final int NOT_FOUND = 127;

  static ExitStatus exited(int code) {
    return new ExitStatus(code, 0, Optional.empty(), false, Optional.empty());
  }

  /// Of what a signal ended.
  public static ExitStatus killed(int signal) {
    return new ExitStatus(128 + signal, signal, Optional.empty(), false, Optional.empty());
  }

  static ExitStatus notStarted(int code, String reason) {
    return new ExitStatus(code, 0, Optional.of(reason), false, Optional.empty());
  }

  static ExitStatus ofForeign(String reason) {
    return new ExitStatus(NOT_EXECUTABLE, 0, Optional.of(reason), true, Optional.empty());
  }

  ExitStatus afterLimit(String text) {
    return new ExitStatus(code, signal, reason, foreign, Optional.of(text));
  }

  /// From the status of wait4(2).
  static ExitStatus ofWait(int status) {
    int signal = status & 0x7F;
    return signal == 0 ? exited((status >> 8) & 0xFF) : killed(signal);
  }

  /// Whether the step did what it should: exit code 0.
  public boolean isSuccess() {
    return code == 0;
  }
}
