package dev.jbuild.plan;

import java.util.Locale;
import java.util.Set;

/// The names that STOPSIGNAL accepts.
final class Signals {

  private static final Set<String> NAMES =
      Set.of(
          "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT",
          "KILL", "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM",
          "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
          "RTMIN", "RTMAX");

  private Signals() {}

  /// Whether `text` is a signal's number, or its name with or without `SIG`, in any case.
  static boolean isSignal(String text) {
    if (text.matches("-?[0-9]{1,9}")) {
      return Integer.parseInt(text) != 0;
    }
    var name = text.toUpperCase(Locale.ROOT);
    name = name.startsWith("SIG") ? name.substring(3) : name;
    return NAMES.contains(name)
        || name.matches("RTMIN\\+([1-9]|1[0-5])")
        || name.matches("RTMAX-([1-9]|1[0-4])");
  }
}
