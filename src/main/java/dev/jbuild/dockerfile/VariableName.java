package dev.jbuild.dockerfile;

/// The name behind a `$` or `${`: letters, digits and underscores of any script, not beginning with
/// a digit; or digits alone; or one of the shell's special parameters.
final class VariableName {

  private VariableName() {}

  /// Where the name that begins at `from` ends; `from` if there is none.
  static int end(String text, int from) {
    if (from >= text.length()) {
      return from;
    }
    int first = text.codePointAt(from);
    if ("@*#?-$!".indexOf(first) >= 0) {
      return from + 1;
    }
    boolean digits = Character.isDigit(first);
    int at = from;
    while (at < text.length()) {
      int point = text.codePointAt(at);
      if (digits ? !Character.isDigit(point) : !isPart(point)) {
        break;
      }
      at += Character.charCount(point);
    }
    return at;
  }

  private static boolean isPart(int point) {
    return point == '_' || Character.isLetter(point) || Character.isDigit(point);
  }
}
