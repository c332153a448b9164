package dev.jbuild.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The exec form: a JSON array (RFC 8259) of strings, and nothing behind it.
///
/// Strict, since what is not JSON is a shell command, as in `RUN [ -f /x ] && y`.
final class JsonArray {

  /// An element.
  ///
  /// @param text the string's value; of other elements their JSON text
  /// @param from index of the first character in what was parsed, a quote if it is a string
  record Element(boolean isString, String text, int from, int to) {}

  private final String text;
  private int at;

  /// Behind the value that was read last.
  private int end;

  private JsonArray(String text) {
    this.text = text;
  }

  /// The elements, or empty if `text` is not a JSON array.
  static Optional<List<Element>> parse(String text) {
    if (!text.startsWith("[")) {
      return Optional.empty();
    }
    return new JsonArray(text).array();
  }

  private Optional<List<Element>> array() {
    var elements = new ArrayList<Element>();
    at = 1;
    blanks();
    if (!take(']')) {
      do {
        blanks();
        int from = at;
        if (!value()) {
          return Optional.empty();
        }
        elements.add(element(from, end));
        blanks();
      } while (take(','));
      if (!take(']')) {
        return Optional.empty();
      }
    }
    blanks();
    return at == text.length() ? Optional.of(List.copyOf(elements)) : Optional.empty();
  }

  private Element element(int from, int to) {
    boolean isString = text.charAt(from) == '"';
    return new Element(
        isString, isString ? decoded(from + 1, to - 1) : text.substring(from, to), from, to);
  }

  /// Skips one value and the blanks behind it. Brackets that are open in it are kept in a list, not
  /// in the call stack.
  private boolean value() {
    var open = new StringBuilder();
    while (true) {
      blanks();
      if (take('[')) {
        blanks();
        if (!take(']')) {
          open.append(']');
          continue;
        }
      } else if (take('{')) {
        blanks();
        if (!take('}')) {
          open.append('}');
          if (!key()) {
            return false;
          }
          continue;
        }
      } else if (!scalar()) {
        return false;
      }
      end = at;
      blanks();
      while (!open.isEmpty() && take(open.charAt(open.length() - 1))) {
        open.setLength(open.length() - 1);
        end = at;
        blanks();
      }
      if (open.isEmpty()) {
        return true;
      }
      if (!take(',') || (open.charAt(open.length() - 1) == '}' && !key())) {
        return false;
      }
    }
  }

  private boolean key() {
    blanks();
    if (!string()) {
      return false;
    }
    blanks();
    return take(':');
  }

  private boolean scalar() {
    return string() || number() || literal("true") || literal("false") || literal("null");
  }

  private boolean literal(String word) {
    if (text.startsWith(word, at)) {
      at += word.length();
      return true;
    }
    return false;
  }

  private boolean number() {
    int from = at;
    take('-');
    if (!take('0') && !digits()) {
      at = from;
      return false;
    }
    if (take('.') && !digits()) {
      return false;
    }
    if (take('e') || take('E')) {
      if (!take('+')) {
        take('-');
      }
      return digits();
    }
    return true;
  }

  private boolean digits() {
    int from = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at > from;
  }

  private boolean string() {
    if (!take('"')) {
      return false;
    }
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return true;
      }
      if (c < 0x20 || (c == '\\' && !escape())) {
        return false;
      }
    }
    return false;
  }

  private boolean escape() {
    if (at == text.length()) {
      return false;
    }
    char c = text.charAt(at++);
    if (c != 'u') {
      return "\"\\/bfnrt".indexOf(c) >= 0;
    }
    for (int end = at + 4; at < end; at++) {
      if (at == text.length()
          || Character.digit(text.charAt(at), 16) < 0
          || text.charAt(at) > 'f') {
        return false;
      }
    }
    return true;
  }

  /// The value of a string that [#string] accepted.
  private String decoded(int from, int to) {
    if (text.indexOf('\\', from, to) < 0) {
      return text.substring(from, to);
    }
    var out = new StringBuilder(to - from);
    for (int i = from; i < to; ) {
      i = text.charAt(i) == '\\' ? unescape(i + 1, to, out) : plain(i, out);
    }
    return out.toString();
  }

  private int plain(int i, StringBuilder out) {
    out.append(text.charAt(i));
    return i + 1;
  }

  /// Appends what the escape at `i` (behind its backslash) stands for; returns the index behind it.
  private int unescape(int i, int to, StringBuilder out) {
    char c = text.charAt(i);
    if (c == 'u') {
      return unescapeUnits(i + 1, to, out);
    }
    out.append(
        switch (c) {
          case 'b' -> '\b';
          case 'f' -> '\f';
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          default -> c;
        });
    return i + 1;
  }

  /// A surrogate without its partner becomes U+FFFD: lone ones stand for bytes that are not UTF-8.
  private int unescapeUnits(int i, int to, StringBuilder out) {
    char first = unit(i);
    int next = i + 4;
    if (!Character.isSurrogate(first)) {
      out.append(first);
      return next;
    }
    boolean another = next + 6 <= to && text.startsWith("\\u", next);
    if (another && Character.isSurrogatePair(first, unit(next + 2))) {
      out.append(first).append(unit(next + 2));
      return next + 6;
    }
    out.append('\uFFFD');
    return next;
  }

  private char unit(int from) {
    return (char) Integer.parseInt(text, from, from + 4, 16);
  }

  private boolean take(char c) {
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void blanks() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }
}
