package dev.jbuild.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a process does with signals (proc(5): SigBlk, SigIgn, SigCgt).
///
/// @param handled one bit each for those that it catches, ignores or waits for
record Dispositions(long handled) {

  /// CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG, WINCH: nobody ends of these (signal(7)).
  private static final long HARMLESS =
      bit(17) | bit(18) | bit(19) | bit(20) | bit(21) | bit(22) | bit(23) | bit(28);

  private static long bit(int number) {
    return 1L << (number - 1);
  }

  /// Of a process that is gone: it handles everything.
  static Dispositions of(ProcessHandle process) {
    long handled = 0;
    try {
      var status = Path.of("/proc", Long.toString(process.pid()), "status");
      for (var line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
        var field = line.substring(0, Math.min(7, line.length()));
        switch (field) {
          case "SigBlk:", "SigIgn:", "SigCgt:" ->
              handled |= Long.parseUnsignedLong(line.substring(7).strip(), 16);
          default -> {}
        }
      }
    } catch (IOException e) {
      return new Dispositions(-1);
    }
    return new Dispositions(handled);
  }

  /// Whether the signal does not end it, or ends it as it wants.
  boolean handle(int number) {
    return ((handled | HARMLESS) & bit(number)) != 0;
  }
}
