package dev.jbuild.failure;

/// Strangers' text made fit for a terminal and a log line.
///
/// Control characters, escapes of [Utf8], bidirectional controls and line separators are shown as
/// `\n`, `\t`, `\xHH` or as code points in braces; everything else is left alone. (CWE-150: file
/// names, labels and registry messages must not move the cursor or forge a line.)
public final class Printable {

  private static final int LONGEST = 4096;

  private Printable() {}

  /// `text` with everything that is not plainly visible escaped, cut after 4,096 characters.
  public static String of(String text) {
    boolean clean = text.length() <= LONGEST;
    for (int i = 0; i < text.length() && clean; i++) {
      char c = text.charAt(i);
      clean = c >= 0x20 && c < 0x7F;
    }
    return clean ? text : escaped(text);
  }

  /// The same for bytes, read as UTF-8.
  public static String of(byte[] bytes) {
    return of(Utf8.decode(bytes));
  }

  private static String escaped(String text) {
    var out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); ) {
      if (out.length() > LONGEST) {
        return out.append('…').toString();
      }
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      switch (point) {
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> append(out, point);
      }
    }
    return out.toString();
  }

  private static void append(StringBuilder out, int point) {
    if (point < 0x20 || (point >= 0x7F && point < 0xA0)) {
      out.append(String.format("\\x%02x", point));
    } else if (point >= 0xDC80 && point <= 0xDCFF) {
      out.append(String.format("\\x%02x", point - 0xDC00));
    } else if (isInvisible(point)) {
      out.append(String.format("\\" + "u{%x}", point));
    } else {
      out.appendCodePoint(point);
    }
  }

  private static boolean isInvisible(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }
}
