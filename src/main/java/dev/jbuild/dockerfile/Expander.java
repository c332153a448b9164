package dev.jbuild.dockerfile;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.BuildFailure.Kind;
import dev.jbuild.failure.Printable;
import org.jspecify.annotations.Nullable;

/// One run over one word; see [Expansion].
///
/// A stretch of text is read up to a stop character: the end of the word, the `}` of a `${…}`, or
/// the `/` after a pattern. Nested stretches are read by recursion, so their depth is limited.
final class Expander {

  private static final int DEEPEST = 100;
  private static final int END = -1;

  private final Located word;
  private final String text;
  private final @Nullable Variables variables;
  private final int escape;
  private final boolean quotes;
  private int at;
  private int depth;

  /// How many alternatives that are not taken surround this place: nothing is asked for in them.
  private int unused;

  /// @param variables null: `$` is an ordinary character
  /// @param quotes whether quotes quote
  Expander(Located word, @Nullable Variables variables, char escape, boolean quotes) {
    this.word = word;
    this.text = word.text();
    this.variables = variables;
    this.escape = escape;
    this.quotes = quotes;
  }

  void run(Buffer out) {
    stretch(END, false, out, 0);
  }

  /// Reads up to `stop` and behind it.
  ///
  /// @param rawEscapes keep escape characters, for a pattern that has a use for them
  /// @param from where what the stop character ends began, for the message
  private void stretch(int stop, boolean rawEscapes, Buffer out, int from) {
    while (at < text.length()) {
      int start = at;
      int point = next();
      if (point == stop) {
        return;
      }
      if (point == '$' && variables != null) {
        out.value(variable(start, variables));
      } else if (quotes && point == '\'') {
        out.quoted(singleQuoted(start));
      } else if (quotes && point == '"') {
        out.quoted(doubleQuoted(start, rawEscapes));
      } else if (point == escape) {
        escaped(rawEscapes, out);
      } else {
        out.plain(point);
      }
    }
    if (stop != END) {
      throw missing(stop, from);
    }
  }

  private int next() {
    int point = text.codePointAt(at);
    at += Character.charCount(point);
    return point;
  }

  private int peek() {
    return at < text.length() ? text.codePointAt(at) : END;
  }

  private void escaped(boolean rawEscapes, Buffer out) {
    if (rawEscapes) {
      out.quoted(Character.toString(escape));
    }
    if (at < text.length()) {
      out.quoted(Character.toString(next()));
    }
  }

  private String singleQuoted(int start) {
    int end = text.indexOf('\'', at);
    if (end < 0) {
      throw unclosed(start, "'");
    }
    var content = text.substring(at, end);
    at = end + 1;
    return content;
  }

  private String doubleQuoted(int start, boolean rawEscapes) {
    var out = new StringBuilder();
    while (at < text.length()) {
      int dollar = at;
      int point = next();
      if (point == '"') {
        return out.toString();
      }
      if (point == '$' && variables != null) {
        out.append(variable(dollar, variables));
      } else if (point == escape && isEscapable(peek())) {
        if (rawEscapes) {
          out.appendCodePoint(escape);
        }
        out.appendCodePoint(next());
      } else if (point != escape || at < text.length()) {
        out.appendCodePoint(point);
        if (point == escape && rawEscapes) {
          out.appendCodePoint(point); // an escape character for the pattern to match
        }
      }
    }
    throw unclosed(start, "\"");
  }

  private boolean isEscapable(int point) {
    return point == '"' || point == '$' || point == escape;
  }

  private BuildFailure unclosed(int start, String quote) {
    return BuildFailure.of(
            Kind.DOCKERFILE,
            "the quote " + quote + " in " + Printable.of(text.strip()) + " is never closed")
        .at(word.part(start, text.length()))
        .hint(
            "close it, or escape a lone quote; a path with blanks needs the JSON form,"
                + " as in COPY [\"a b\", \"/\"]");
  }

  /// What stands for the variable at `start`, whose `$` was read.
  private CharSequence variable(int start, Variables known) {
    if (peek() != '{') {
      var name = name();
      return name.isEmpty() ? "$" : orEmpty(value(name, known), name, start, known);
    }
    at++;
    if (++depth > DEEPEST) {
      throw failure("is nested more than " + DEEPEST + " deep", start);
    }
    var result = braced(start, known);
    depth--;
    return result;
  }

  private CharSequence braced(int start, Variables known) {
    var name = name();
    if (at >= text.length()) {
      throw missing('}', start);
    }
    int modifier = next();
    if (name.isEmpty()) {
      throw failure("has no variable name", start)
          .hint("write ${NAME}, or \\$ for a dollar sign that starts no variable");
    }
    var value = value(name, known);
    return switch (modifier) {
      case '}' -> orEmpty(value, name, start, known);
      case ':' -> {
        if (at >= text.length()) {
          throw missing('}', start);
        }
        int second = next();
        if (second != '-' && second != '+' && second != '?') {
          throw unsupported(":" + Character.toString(second), start);
        }
        yield choice(second, value, value != null && !value.isEmpty(), name, start);
      }
      case '-', '+', '?' -> choice(modifier, value, value != null, name, start);
      case '#', '%' -> trimmed(modifier, orEmpty(value, name, start, known), start);
      case '/' -> replaced(orEmpty(value, name, start, known), start);
      default -> throw unsupported(Character.toString(modifier), start);
    };
  }

  /// `${name:-word}` and its relatives.
  private String choice(
      int modifier, @Nullable String value, boolean present, String name, int start) {
    boolean needed = modifier == '+' ? present : !present;
    unused += needed ? 0 : 1;
    var other = nested('}', false, start);
    unused -= needed ? 0 : 1;
    if (modifier == '?' && needed && unused == 0) {
      var reason =
          !other.isEmpty() ? other : value == null ? "it must be set" : "it must not be empty";
      throw BuildFailure.of(
              Kind.DOCKERFILE,
              "the variable " + Printable.of(name) + " has no value: " + Printable.of(reason))
          .at(word.part(start, at))
          .hint("give it one with ARG or ENV above, or with --build-arg");
    }
    if (modifier == '+') {
      return needed ? other : "";
    }
    return needed || value == null ? other : value;
  }

  /// `${name#pattern}` and its relatives.
  private String trimmed(int modifier, String value, int start) {
    boolean longest = peek() == modifier;
    at += longest ? 1 : 0;
    var pattern = pattern(nested('}', true, start), start);
    return modifier == '#'
        ? pattern.withoutPrefix(value, longest)
        : pattern.withoutSuffix(value, longest);
  }

  /// `${name/pattern/text}` and `${name//pattern/text}`.
  private CharSequence replaced(String value, int start) {
    boolean all = peek() == '/';
    at += all ? 1 : 0;
    var pattern = pattern(nested('/', true, start), start);
    var replacement = nested('}', true, start);
    var out = buffer();
    pattern.replace(value, replacement, all, out);
    return out.toString();
  }

  private Wildcard pattern(String pattern, int start) {
    try {
      return Wildcard.parse(pattern);
    } catch (IllegalArgumentException e) {
      throw failure("has a bad pattern: " + e.getMessage(), start)
          .hint(
              "in a pattern \\ escapes *, ?, / and itself, also where the directive escape says `");
    }
  }

  private String nested(int stop, boolean rawEscapes, int start) {
    var out = buffer();
    stretch(stop, rawEscapes, out, start);
    return out.toString();
  }

  private TextBuffer buffer() {
    return new TextBuffer(Expansion.LONGEST_BODY, word.span());
  }

  private @Nullable String value(String name, Variables known) {
    return unused > 0 ? "" : known.value(name);
  }

  private String orEmpty(@Nullable String value, String name, int start, Variables known) {
    if (value == null) {
      known.unset(name, word.part(start, at));
      return "";
    }
    return value;
  }

  private String name() {
    int start = at;
    at = VariableName.end(text, start);
    return text.substring(start, at);
  }

  private BuildFailure missing(int stop, int start) {
    return failure("is missing its '" + Character.toString(stop) + "'", start)
        .hint("close it, or write \\$ for a dollar sign that starts no variable");
  }

  private BuildFailure unsupported(String modifier, int start) {
    return failure("uses " + Printable.of(modifier) + ", which Dockerfiles do not know", start)
        .hint("known are ${v:-w} ${v-w} ${v:+w} ${v+w} ${v:?m} ${v?m} ${v#p} ${v%p} ${v/p/w}");
  }

  /// A failure about the variable that begins at `start` and was read up to here.
  private BuildFailure failure(String what, int start) {
    int end = Math.min(at, start + 60);
    return BuildFailure.of(
            Kind.DOCKERFILE,
            "the variable " + Printable.of(text.substring(start, end)) + " " + what)
        .at(word.part(start, at));
  }
}
