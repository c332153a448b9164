package dev.jbuild.serve;

import dev.jbuild.failure.Printable;

/// The name of a repository, checked against the grammar of the specification (Pulling manifests).
record RepositoryName(String text) implements Comparable<RepositoryName> {

  private static final int LONGEST = 255;

  RepositoryName {
    if (!isValid(text)) {
      throw Refusal.bad(
          ErrorCode.NAME_INVALID,
          "not a repository name: \""
              + Printable.of(text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text)
              + "\" (a-z and 0-9 with single . _ __ or - between them, / between components, at"
              + " most "
              + LONGEST
              + " characters)");
    }
  }

  /// By hand and not by a pattern: Java's backtrack, and names are strangers' text.
  static boolean isValid(String text) {
    if (text.isEmpty() || text.length() > LONGEST) {
      return false;
    }
    int at = 0;
    while (true) {
      int start = at;
      at = alphanumeric(text, at);
      if (at == start) {
        return false;
      }
      if (at == text.length()) {
        return true;
      }
      at = text.charAt(at) == '/' ? at + 1 : separator(text, at);
      if (at < 0) {
        return false;
      }
    }
  }

  private static int alphanumeric(String text, int from) {
    int at = from;
    while (at < text.length() && isAlphanumeric(text.charAt(at))) {
      at++;
    }
    return at;
  }

  private static boolean isAlphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  /// Behind `.`, `_`, `__` or any number of `-`; -1 if none of them is there.
  private static int separator(String text, int from) {
    char c = text.charAt(from);
    int at = from + 1;
    if (c == '-') {
      while (at < text.length() && text.charAt(at) == '-') {
        at++;
      }
      return at;
    }
    if (c == '_') {
      return at < text.length() && text.charAt(at) == '_' ? at + 1 : at;
    }
    return c == '.' ? at : -1;
  }

  @Override
  public int compareTo(RepositoryName other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
