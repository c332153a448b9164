package dev.jbuild.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Signals by name and number, as x86-64 and aarch64 share them (asm-generic/signal.h).
final class SignalNumbers {

  static final int KILL = 9;
  static final int TERMINATE = 15;

  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");
  private static final int FIRST_REAL_TIME = 34; // as the C library counts them
  private static final int LAST = 64;

  private SignalNumbers() {}

  /// The number of what STOPSIGNAL may say: `SIGTERM`, `term`, `15`, `SIGRTMIN+3`.
  static Optional<Integer> find(String text) {
    if (text.matches("[0-9]{1,2}")) {
      int number = Integer.parseInt(text);
      return number >= 1 && number <= LAST ? Optional.of(number) : Optional.empty();
    }
    var upper = text.toUpperCase(Locale.ROOT);
    var name = upper.startsWith("SIG") ? upper.substring(3) : upper;
    if (name.matches("RTMIN(\\+[0-9]{1,2})?")) {
      return realTime(FIRST_REAL_TIME + offset(name));
    }
    if (name.matches("RTMAX(-[0-9]{1,2})?")) {
      return realTime(LAST - offset(name));
    }
    int index =
        switch (name) {
          case "IOT" -> NAMES.indexOf("ABRT");
          case "CLD" -> NAMES.indexOf("CHLD");
          case "POLL" -> NAMES.indexOf("IO");
          default -> NAMES.indexOf(name);
        };
    return index < 0 ? Optional.empty() : Optional.of(index + 1);
  }

  private static int offset(String name) {
    return name.length() == 5 ? 0 : Integer.parseInt(name.substring(6));
  }

  private static Optional<Integer> realTime(int number) {
    return number >= FIRST_REAL_TIME && number <= LAST ? Optional.of(number) : Optional.empty();
  }
}
