package dev.jbuild.console;

/// How many columns of a terminal a printable text takes; where terminals differ, the most.
final class Width {

  /// Variation selector 16.
  private static final int EMOJI_STYLE = 0xFE0F;

  private Width() {}

  static int of(String text) {
    return text.codePoints().map(Width::of).sum();
  }

  private static int of(int point) {
    if (point == EMOJI_STYLE) {
      return 1; // the character before it may become wide
    }
    int type = Character.getType(point);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    return isWide(point) ? 2 : 1;
  }

  /// East Asian wide and full-width blocks, and emoji (Unicode, UAX #11).
  private static boolean isWide(int point) {
    return (point >= 0x1100 && point <= 0x115F)
        || (point >= 0x2E80 && point <= 0xA4CF)
        || (point >= 0xAC00 && point <= 0xD7A3)
        || (point >= 0xF900 && point <= 0xFAFF)
        || (point >= 0xFE30 && point <= 0xFE6F)
        || (point >= 0xFF00 && point <= 0xFF60)
        || (point >= 0xFFE0 && point <= 0xFFE6)
        || (point >= 0x1F300 && point <= 0x1FAFF)
        || (point >= 0x20000 && point <= 0x3FFFD)
        || Character.isEmojiPresentation(point);
  }

  /// `text` in exactly `width` columns: filled with blanks, or cut with an ellipsis.
  static String fit(String text, int width) {
    if (width <= 0) {
      return "";
    }
    int total = of(text);
    if (total <= width) {
      return text + " ".repeat(width - total);
    }
    var out = new StringBuilder();
    int used = 0;
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      if (used + of(point) > width - 1) {
        break;
      }
      out.appendCodePoint(point);
      used += of(point);
      i += Character.charCount(point);
    }
    return out.append('…').append(" ".repeat(Math.max(0, width - used - 1))).toString();
  }
}
