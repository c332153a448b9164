package dev.jbuild.context;

import java.util.ArrayDeque;

/// The text of a pattern before it is read: blanks and detours gone, as moby's ignorefile and Go's
/// filepath.Clean take them away.
final class PatternText {

  private PatternText() {}

  /// `line` as a pattern with or without `!`; empty if there is nothing on it.
  ///
  /// A slash at its begin means nothing, the pattern is anchored at the root anyway; one at its end
  /// is lost, so `dir/` also matches a file.
  static String normalized(String line) {
    var text = trim(line);
    if (text.isEmpty()) {
      return text;
    }
    boolean inverted = text.startsWith("!");
    var pattern = inverted ? trim(text.substring(1)) : text;
    if (!pattern.isEmpty()) {
      pattern = cleaned(pattern);
      if (pattern.length() > 1 && pattern.startsWith("/")) {
        pattern = pattern.substring(1);
      }
    }
    return trimmed(inverted ? "!" + pattern : pattern);
  }

  /// `text` without blanks around it and without detours; a `!` is a letter like others.
  static String trimmed(String text) {
    var pattern = trim(text);
    return pattern.isEmpty() ? pattern : cleaned(pattern);
  }

  /// Without white space (as Unicode has it) at both ends.
  static String trim(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && isSpace(text.charAt(from))) {
      from++;
    }
    while (from < to && isSpace(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean isSpace(char c) {
    return (c >= '\t' && c <= '\r') || c == '\u0085' || Character.isSpaceChar(c);
  }

  /// The shortest path that means the same by its letters alone: no `.`, no doubled slash, no
  /// `name/..`. What climbs above the start stays, and matches nothing.
  static String cleaned(String path) {
    boolean rooted = path.startsWith("/");
    var names = new ArrayDeque<String>();
    for (var name : path.split("/", -1)) {
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (!name.equals("..")) {
        names.addLast(name);
      } else if (!names.isEmpty() && !names.getLast().equals("..")) {
        names.removeLast();
      } else if (!rooted) {
        names.addLast(name);
      }
    }
    var joined = (rooted ? "/" : "") + String.join("/", names);
    return joined.isEmpty() ? "." : joined;
  }
}
