package dev.jbuild.serve;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Sizes and times as a page shows them.
final class Amount {

  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private Amount() {}

  /// `118 MB`: base 1000, three digits at most.
  static String bytes(long count) {
    double value = count;
    int unit = 0;
    while (value >= 999.5 && unit < UNITS.length - 1) {
      value /= 1000;
      unit++;
    }
    int decimals = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + decimals + "f %s", value, UNITS[unit]);
  }

  /// `1 tag`, `2 tags`.
  static String of(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  static String time(Instant instant) {
    return MINUTE.format(instant);
  }
}
