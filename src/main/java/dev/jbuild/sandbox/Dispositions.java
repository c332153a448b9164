package dev.jbuild.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a process does with signals (proc(5): SigBlk, SigIgn, SigCgt, SigPnd, ShdPnd).
///
/// @param handled one bit each for those that it catches, ignores or waits for
/// @param pending one bit each for those that were sent to it and have had no effect yet
record Dispositions(long handled, long pending) {

  /// CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG, WINCH: nobody ends of these (signal(7)).
  private static final long HARMLESS =
      bit(17) | bit(18) | bit(19) | bit(20) | bit(21) | bit(22) | bit(23) | bit(28);

  private static long bit(int number) {
    return 1L << (number - 1);
  }

  /// Of a process that is gone: it handles everything, and was sent everything.
  static Dispositions of(long pid) {
    long handled = 0;
    long pending = 0;
    try {
      var status = Path.of("/proc", Long.toString(pid), "status");
      for (var line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
        var field = line.substring(0, Math.min(7, line.length()));
        switch (field) {
          case "SigBlk:", "SigIgn:", "SigCgt:" -> handled |= mask(line);
          case "SigPnd:", "ShdPnd:" -> pending |= mask(line);
          default -> {}
        }
      }
    } catch (IOException e) {
      return new Dispositions(-1, -1);
    }
    return new Dispositions(handled, pending);
  }

  private static long mask(String line) {
    return Long.parseUnsignedLong(line.substring(7).strip(), 16);
  }

  /// Whether it does not wait for signals and yet has some, as one that was killed has until it is
  /// gone: on a busy machine that may take a while.
  boolean areEnding() {
    return pending != 0;
  }

  /// Whether the signal does not end it, or ends it as it wants.
  boolean handle(int number) {
    return ((handled | HARMLESS) & bit(number)) != 0;
  }
}
