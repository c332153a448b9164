package dev.jbuild.plan;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/// Values as Go's package fmt prints them: that is what the history texts of other builders are
/// made of, and tools compare them.
final class GoText {

  private GoText() {}

  /// `[a b]` (`%v`).
  static String list(List<String> items) {
    return "[" + String.join(" ", items) + "]";
  }

  /// `["a" "b"]` (`%q`).
  static String quotedList(List<String> items) {
    return items.stream().map(GoText::quote).collect(Collectors.joining(" ", "[", "]"));
  }

  /// A Go string literal: `"a\nb"`.
  static String quote(String text) {
    var out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      quote(out, point);
    }
    return out.append('"').toString();
  }

  private static void quote(StringBuilder out, int point) {
    switch (point) {
      case '"', '\\' -> out.append('\\').append((char) point);
      case 0x07 -> out.append("\\a");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case 0x0B -> out.append("\\v");
      default -> {
        if (isPrint(point)) {
          out.appendCodePoint(point);
        } else if (point < ' ' || point == 0x7F) {
          out.append(String.format("\\x%02x", point));
        } else if (point >= 0xDC80 && point <= 0xDCFF) { // a byte that is no UTF-8, see Utf8
          out.append(String.format("\\x%02x", point - 0xDC00));
        } else {
          out.append(String.format(point < 0x10000 ? "\\u%04x" : "\\U%08x", point));
        }
      }
    }
  }

  private static boolean isPrint(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> point == ' ';
      default -> true;
    };
  }

  /// `1m30s`, `1.5s`, `500ms`, `0s`.
  static String duration(Duration duration) {
    long nanos = duration.toNanos();
    if (nanos == 0) {
      return "0s";
    }
    if (nanos < 1_000) {
      return nanos + "ns";
    }
    if (nanos < 1_000_000) {
      return decimal(nanos, 3) + "µs";
    }
    if (nanos < 1_000_000_000) {
      return decimal(nanos, 6) + "ms";
    }
    long minutes = nanos / 60_000_000_000L;
    var seconds = decimal(nanos % 60_000_000_000L, 9) + "s";
    if (minutes == 0) {
      return seconds;
    }
    return minutes < 60
        ? minutes + "m" + seconds
        : minutes / 60 + "h" + minutes % 60 + "m" + seconds;
  }

  /// `number` with a point before its last `scale` digits, and without zeros at the end of these.
  private static String decimal(long number, int scale) {
    var digits = Long.toString(number);
    var padded = "0".repeat(Math.max(scale + 1 - digits.length(), 0)) + digits;
    int point = padded.length() - scale;
    int end = padded.length();
    while (end > point && padded.charAt(end - 1) == '0') {
      end--;
    }
    return padded.substring(0, point) + (end == point ? "" : "." + padded.substring(point, end));
  }
}
