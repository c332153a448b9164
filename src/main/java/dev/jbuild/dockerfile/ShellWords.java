package dev.jbuild.dockerfile;

/// Steps through the words of a shell command, as far as is needed to find here-documents in it:
/// quotes, escapes and `${…}` hold a word together, and so do blanks right behind `<<`.
///
/// The shell knows more than the builder: a line with `${x^^}` or `${a[@]}` in it is one whose
/// words the builder cannot tell, so nothing in it is a here-document.
final class ShellWords {

  private static final int DEEPEST = 100;
  private static final int NEVER = -1;

  private final String text;
  private int at;
  private int from;
  private boolean broken;
  private boolean alternative;

  ShellWords(String text) {
    this.text = text;
  }

  /// Goes to the next word, if there is one.
  boolean next() {
    while (at < text.length() && Blank.is(text.charAt(at))) {
      at++;
    }
    from = at;
    alternative = false;
    while (at < text.length() && !Blank.is(text.charAt(at))) {
      at = behind(at, 0);
      if (at == NEVER) {
        broken = true;
        at = text.length();
        return false;
      }
    }
    return at > from;
  }

  int from() {
    return from;
  }

  int to() {
    return at;
  }

  /// Whether the word holds a `${…}` with more than a name in it. To the builder such a word never
  /// begins with `<<`.
  boolean hasAlternative() {
    return alternative;
  }

  /// Whether a quote or brace was never closed, or `${…}` is none of the builder's: then nothing
  /// that was found counts, since the text is not what it seems, as in `echo # don't <<EOF`.
  boolean isBroken() {
    return broken;
  }

  /// Whether the words of `text` cannot be told.
  static boolean isBroken(String text) {
    var words = new ShellWords(text);
    while (words.next()) {
      // to the end, or to where it breaks
    }
    return words.broken;
  }

  /// The index behind what begins at `i`, or NEVER if it does not end.
  private int behind(int i, int depth) {
    char c = text.charAt(i);
    boolean pair = i + 1 < text.length();
    return switch (c) {
      case '\\' -> Math.min(i + 2, text.length());
      case '\'' -> {
        int end = text.indexOf('\'', i + 1);
        yield end < 0 ? NEVER : end + 1;
      }
      case '"' -> behindClosing('"', i + 1, depth);
      case '$' -> pair && text.charAt(i + 1) == '{' ? behindVariable(i + 2, depth) : i + 1;
      case '<' -> pair && text.charAt(i + 1) == '<' ? behindBlanks(i + 2) : i + 1;
      default -> i + 1;
    };
  }

  /// The index behind the variable whose `${` ends before `start`.
  private int behindVariable(int start, int depth) {
    int i = VariableName.end(text, start);
    if (i >= text.length()) {
      return NEVER;
    }
    char modifier = text.charAt(i);
    alternative |= modifier != '}';
    return switch (modifier) {
      case '}' -> i > start ? i + 1 : NEVER;
      case ':' ->
          i > start && i + 1 < text.length() && "#%".indexOf(text.charAt(i + 1)) < 0
              ? behindClosing('}', i + 2, depth)
              : NEVER;
      case '-', '+', '?', '#', '%' -> behindClosing('}', i + 1, depth);
      case '/' -> {
        int pattern = text.startsWith("//", i) ? i + 2 : i + 1;
        int replacement = behindClosing('/', pattern, depth);
        yield replacement == NEVER ? NEVER : behindClosing('}', replacement, depth);
      }
      default -> NEVER;
    };
  }

  private int behindClosing(char closing, int start, int depth) {
    if (depth > DEEPEST) {
      return NEVER;
    }
    int i = start;
    while (i != NEVER && i < text.length()) {
      char c = text.charAt(i);
      if (c == closing) {
        return i + 1;
      }
      boolean plain = c == '<' || (closing == '"' && c == '\'');
      i = plain ? i + 1 : behind(i, depth + 1);
    }
    return NEVER;
  }

  private int behindBlanks(int start) {
    int i = start;
    while (i < text.length() && " \t\r".indexOf(text.charAt(i)) >= 0) {
      i++;
    }
    return i;
  }
}
