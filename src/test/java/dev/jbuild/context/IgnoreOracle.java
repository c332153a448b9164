package dev.jbuild.context;

import java.util.ArrayList;
import java.util.List;

/// The rules of an ignore file, decided slowly and plainly: name by name down the path, every rule
/// against every name, by trying everything.
final class IgnoreOracle {

  private record Rule(boolean includes, String pattern) {}

  private IgnoreOracle() {}

  static boolean excludes(List<String> lines, String path) {
    var rules = read(lines);
    var above = new boolean[rules.size()]; // which took effect over the directory above
    boolean excluded = false;
    for (int end = 1; end <= path.length(); end++) {
      if (end < path.length() && path.charAt(end) != '/') {
        continue;
      }
      var here = new boolean[rules.size()];
      excluded = false;
      for (int i = 0; i < rules.size(); i++) {
        var rule = rules.get(i);
        boolean changes = rule.includes() == excluded;
        if (above[i] || (changes && matches(rule.pattern(), path.substring(0, end)))) {
          here[i] = true;
          excluded = !rule.includes();
        }
      }
      above = here;
    }
    return excluded;
  }

  private static List<Rule> read(List<String> lines) {
    var rules = new ArrayList<Rule>();
    for (var line : lines) {
      var text = line.strip();
      if (line.startsWith("#") || text.isEmpty()) {
        continue;
      }
      boolean includes = text.startsWith("!");
      var pattern = clean(includes ? text.substring(1).strip() : text).replaceFirst("^/(?=.)", "");
      // What the file's reader leaves, the matcher strips and cleans again, its ! included.
      var again = ((includes ? "!" : "") + pattern).strip();
      again = again.isEmpty() ? "" : clean(again);
      if (!again.isEmpty()) {
        boolean still = again.startsWith("!"); // lost in `!../../x`
        rules.add(new Rule(still, again.substring(still ? 1 : 0)));
      }
    }
    return rules;
  }

  /// Whether a rule is nothing but an `!`, which no file may hold.
  static boolean refuses(List<String> lines) {
    return read(lines).stream().anyMatch(rule -> rule.includes() && rule.pattern().isEmpty());
  }

  private static String clean(String pattern) {
    if (pattern.isEmpty()) {
      return "";
    }
    var text = pattern;
    for (String before = ""; !before.equals(text); ) {
      before = text;
      text =
          text.replaceAll("/+", "/")
              .replaceFirst("(^|/)\\.(/|$)", "$1")
              .replaceFirst("(^|/)(?!\\.{1,2}(/|$))[^/]+/\\.\\.(/|$)", "$1")
              .replaceFirst("^/\\.\\.(/|$)", "/"); // above the root is the root
    }
    text = text.length() > 1 ? text.replaceFirst("/$", "") : text;
    return text.isEmpty() ? "." : text;
  }

  private static boolean matches(String givenPattern, String givenPath) {
    var pattern = oneEach(givenPattern);
    var path = oneEach(givenPath);
    boolean plainTail =
        pattern.startsWith("**") && pattern.substring(2).matches("[^*?\\[\\]\\\\]*");
    if (plainTail && !pattern.startsWith("**/")) {
      return path.endsWith(pattern.substring(2));
    }
    return at(pattern, path);
  }

  /// With one `char` for each character: another for the one of the tests that has two.
  private static String oneEach(String text) {
    return text.replace("\uD83D\uDE00", "\uE000");
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
        yield isIn(members, first) && at(pattern.substring(end + 1), later);
      }
      default -> first == c && at(pattern.substring(1), later);
    };
  }

  private static boolean isIn(String members, char c) {
    boolean negated = members.startsWith("^");
    var rest = negated ? members.substring(1) : members;
    boolean in = rest.indexOf(c) >= 0;
    if (rest.length() == 3 && rest.charAt(1) == '-') {
      in = rest.charAt(0) <= c && c <= rest.charAt(2);
    }
    return in != negated;
  }
}
