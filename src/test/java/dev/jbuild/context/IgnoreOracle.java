package dev.jbuild.context;

import java.util.List;

/// The rules of an ignore file, decided slowly and plainly: every rule against the path and all
/// that is above it, by trying everything.
final class IgnoreOracle {

  private IgnoreOracle() {}

  static boolean excludes(List<String> lines, String path) {
    boolean excluded = false;
    for (var line : lines) {
      boolean includes = line.startsWith("!");
      var pattern = clean(includes ? line.substring(1) : line);
      for (int end = 0; end <= path.length(); end++) {
        boolean isPrefix = end == path.length() || path.charAt(end) == '/';
        if (isPrefix && end > 0 && matches(pattern, path.substring(0, end))) {
          excluded = !includes;
        }
      }
    }
    return excluded;
  }

  private static String clean(String pattern) {
    var text = pattern;
    for (String before = ""; !before.equals(text); ) {
      before = text;
      text = text.replace("//", "/").replaceAll("(^|/)\\.(/|$)", "$1").replaceAll("(^/|/$)", "");
    }
    return text.isEmpty() ? "." : text;
  }

  private static boolean matches(String pattern, String path) {
    boolean plainTail =
        pattern.startsWith("**") && pattern.substring(2).matches("[^*?\\[\\]\\\\]*");
    if (plainTail && !pattern.startsWith("**/")) {
      return path.endsWith(pattern.substring(2));
    }
    return at(pattern, path);
  }

  private static boolean at(String pattern, String path) {
    if (pattern.isEmpty()) {
      return path.isEmpty();
    }
    if (pattern.startsWith("**")) {
      var rest = pattern.substring(pattern.startsWith("**/") ? 3 : 2);
      if (rest.isEmpty() || at(rest, path)) {
        return true;
      }
      for (int i = 0; i < path.length(); i++) {
        if (path.charAt(i) == '/' && at(rest, path.substring(i + 1))) {
          return true;
        }
      }
      return false;
    }
    char c = pattern.charAt(0);
    if (c == '*') {
      return at(pattern.substring(1), path)
          || (!path.isEmpty() && path.charAt(0) != '/' && at(pattern, path.substring(1)));
    }
    if (path.isEmpty()) {
      return false;
    }
    char first = path.charAt(0);
    var later = path.substring(1);
    return switch (c) {
      case '?' -> first != '/' && at(pattern.substring(1), later);
      case '\\' -> first == pattern.charAt(1) && at(pattern.substring(2), later);
      case '[' -> {
        int end = pattern.indexOf(']');
        var members = pattern.substring(1, end);
        boolean in =
            members.startsWith("^") ? members.indexOf(first) < 0 : members.indexOf(first) >= 0;
        yield in && at(pattern.substring(end + 1), later);
      }
      default -> first == c && at(pattern.substring(1), later);
    };
  }
}
