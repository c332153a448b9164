package dev.jbuild.image;

import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads one JSON document (RFC 8259), and nothing that only resembles one.
///
/// Jackson is not asked: the first class of its parsers has Java compute powers of five, in a tenth
/// of the time of a short command.
final class JsonReader {

  private static final int DEEPEST = 100;
  private static final int LONGEST_NUMBER = 100;

  private final String text;
  private final String what;
  private int at;
  private int depth;

  /// @param what names the document in messages
  JsonReader(String text, String what) {
    this.text = text;
    this.what = what;
  }

  /// The value, when nothing but blanks is around it.
  Object read() throws ImageFormatException {
    skipBlanks();
    if (at == text.length()) {
      throw new ImageFormatException(what + " is empty or ends too early");
    }
    var value = value();
    skipBlanks();
    if (at < text.length()) {
      throw new ImageFormatException(what + " has something after its end" + place());
    }
    return value;
  }

  private Object value() throws ImageFormatException {
    return switch (peek()) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", Json.NULL);
      default -> number();
    };
  }

  private Map<String, Object> object() throws ImageFormatException {
    enter();
    if (takes('}')) {
      return Map.of();
    }
    var members = new LinkedHashMap<String, Object>();
    do {
      skipBlanks();
      if (peek() != '"') {
        throw expected("a name in quotes");
      }
      var name = string();
      if (!takes(':')) {
        throw expected("a colon");
      }
      skipBlanks();
      if (members.containsKey(name)) {
        throw invalid("it has the name '" + Printable.of(name) + "' twice in one object");
      }
      members.put(name, value());
    } while (takes(','));
    leave('}');
    return Collections.unmodifiableMap(members);
  }

  private List<Object> array() throws ImageFormatException {
    enter();
    if (takes(']')) {
      return List.of();
    }
    var elements = new ArrayList<>();
    do {
      skipBlanks();
      elements.add(value());
    } while (takes(','));
    leave(']');
    return List.copyOf(elements);
  }

  /// Over the bracket of an object or array, and what follows it if that is its end.
  private void enter() throws ImageFormatException {
    depth++;
    if (depth > DEEPEST) {
      throw beyondLimits();
    }
    at++;
  }

  private void leave(char bracket) throws ImageFormatException {
    if (!takes(bracket)) {
      throw expected("a comma or " + bracket);
    }
  }

  private String string() throws ImageFormatException {
    at++;
    int start = at;
    while (peek() >= ' ' && peek() != '"' && peek() != '\\') {
      at++;
    }
    if (peek() == '"') {
      return checked(text.substring(start, at++));
    }
    var unescaped = new StringBuilder(text.substring(start, at));
    while (peek() != '"') {
      char c = text.charAt(at);
      if (c < ' ') {
        throw invalid("a control character must be escaped in a string");
      }
      at++;
      unescaped.append(c == '\\' ? escaped() : c);
    }
    at++;
    return checked(unescaped.toString());
  }

  private char escaped() throws ImageFormatException {
    char c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> {
        at--;
        throw expected("an escape sequence");
      }
    };
  }

  private char unicode() throws ImageFormatException {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      char c = peek();
      int digit = c < 0x80 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        throw expected("four hex digits");
      }
      value = value << 4 | digit;
      at++;
    }
    return (char) value;
  }

  /// Half a surrogate pair stands for no character; [dev.jbuild.failure.Utf8] would read it as a
  /// byte that never was in the document.
  private String checked(String string) throws ImageFormatException {
    if (Json.loneSurrogate(string) >= 0) {
      throw new ImageFormatException(
          what + " holds half a surrogate pair in \"" + Printable.of(string) + "\"");
    }
    return string;
  }

  private Object word(String word, Object value) throws ImageFormatException {
    if (!text.startsWith(word, at)) {
      throw expected("a value");
    }
    at += word.length();
    return value;
  }

  private Object number() throws ImageFormatException {
    int start = at;
    if (text.charAt(at) == '-') {
      at++;
    }
    int first = at;
    if (at < text.length() && text.charAt(at) == '0') {
      at++;
    } else {
      digits(start == at ? "a value" : "a digit");
    }
    boolean isWhole = true;
    if (at < text.length() && text.charAt(at) == '.') {
      isWhole = false;
      at++;
      digits("a digit");
    }
    if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
      isWhole = false;
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      digits("a digit");
    }
    if (at - first > LONGEST_NUMBER) {
      throw beyondLimits();
    }
    var digits = text.substring(start, at);
    return isWhole ? whole(digits) : new Json.Decimal(digits);
  }

  private void digits(String expected) throws ImageFormatException {
    if (!isDigit()) {
      throw expected(expected);
    }
    while (isDigit()) {
      at++;
    }
  }

  private boolean isDigit() {
    return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }

  private static Object whole(String digits) {
    if (digits.length() >= 20 || digits.equals("-0")) {
      return new Json.Decimal(digits);
    }
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException _) {
      return new Json.Decimal(digits);
    }
  }

  /// Takes `c` if it comes next after blanks.
  private boolean takes(char c) throws ImageFormatException {
    skipBlanks();
    if (peek() != c) {
      return false;
    }
    if (c == '}' || c == ']') {
      depth--;
    }
    at++;
    return true;
  }

  private void skipBlanks() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() throws ImageFormatException {
    if (at >= text.length()) {
      throw invalid("it ends too early");
    }
    return text.charAt(at);
  }

  private ImageFormatException expected(String expected) throws ImageFormatException {
    peek(); // says so if there is no more
    return invalid(
        "expected " + expected + ", not " + Printable.of(Character.toString(text.codePointAt(at))));
  }

  private ImageFormatException invalid(String why) {
    return new ImageFormatException(what + " is not valid JSON: " + why + place());
  }

  private ImageFormatException beyondLimits() {
    return new ImageFormatException(
        what
            + " is nested deeper than "
            + DEEPEST
            + " levels or holds a number of more than "
            + LONGEST_NUMBER
            + " digits");
  }

  private String place() {
    return " at character " + at;
  }
}
