package dev.jbuild.dockerfile;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.BuildFailure.Kind;
import dev.jbuild.failure.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// The words `--name[=value]` that stand before an instruction's arguments.
///
/// A reader asks for each flag that its instruction has, then calls [#finish], which refuses those
/// that nobody asked for.
final class Flags {

  /// @param value without quotes and escapes; empty without `=`
  /// @param token all of it, from `--` on
  record Flag(String name, Optional<Word> value, Token token, Span span) {}

  private final String instruction;
  private final List<Flag> flags;
  private final int end;
  private final Set<String> asked = new LinkedHashSet<>();

  private Flags(String instruction, List<Flag> flags, int end) {
    this.instruction = instruction;
    this.flags = List.copyOf(flags);
    this.end = end;
  }

  /// Reads flags from `from` on, up to the first word that is none; a bare `--` is skipped and ends
  /// them. Quotes are taken away, and the escape character escapes any character, in quotes too.
  static Flags read(LogicalLine line, int from, int to, char escape, String instruction) {
    var flags = new ArrayList<Flag>();
    int at = line.skipBlanks(from, to);
    while (line.text().startsWith("--", at) && at + 2 <= to) {
      var lexer = new Lexer(line, at, to, escape);
      if (lexer.openQuote >= 0) {
        throw BuildFailure.of(
                Kind.DOCKERFILE, instruction + " has a flag whose quote is not closed")
            .at(line.span(lexer.openQuote, lexer.openQuote + 1))
            .hint("close it, or escape it if it is none");
      }
      at = line.skipBlanks(lexer.at, to);
      if (lexer.token().text().equals("--")) {
        break;
      }
      flags.add(lexer.flag());
    }
    return new Flags(instruction, flags, at);
  }

  /// The index behind the flags and the blanks after them.
  int end() {
    return end;
  }

  /// All of them, known or not, in order.
  List<Flag> all() {
    return flags;
  }

  /// The value of a flag that may be given once and needs a value, which may be empty.
  Optional<Word> text(String name) {
    return once(name).map(flag -> valueOf(flag));
  }

  /// The values of a flag that may be repeated.
  List<Word> texts(String name) {
    return all(name).stream().map(this::valueOf).toList();
  }

  /// A flag that is on by itself, or said to be `true` or `false`.
  Optional<Boolean> flag(String name) {
    return once(name).map(this::truthOf);
  }

  /// All flags of a name, in order.
  List<Flag> all(String name) {
    asked.add(name);
    return flags.stream().filter(flag -> flag.name().equals(name)).toList();
  }

  /// Refuses every flag that was not asked for.
  void finish() {
    for (var flag : flags) {
      if (!asked.contains(flag.name())) {
        throw failure("has the unknown flag --" + Excerpt.of(flag.name()), flag.span())
            .hint(adviceFor(flag));
      }
    }
  }

  private String adviceFor(Flag flag) {
    var suggestion = Suggestion.of(flag.name().toLowerCase(Locale.ROOT), asked);
    if (suggestion.isPresent()) {
      return "did you mean --" + suggestion.get() + "?";
    }
    if (asked.isEmpty()) {
      return "put -- before arguments that begin with two hyphens";
    }
    return "it has --" + String.join(", --", asked);
  }

  /// The value of a flag that needs one.
  Word valueOf(Flag flag) {
    return flag.value()
        .orElseThrow(
            () ->
                failure("--" + flag.name() + " needs a value", flag.span())
                    .hint("write --" + flag.name() + "=VALUE, without blanks around the ="));
  }

  private Optional<Flag> once(String name) {
    var all = all(name);
    if (all.size() > 1) {
      throw failure("has --" + name + " twice", all.get(1).span()).hint("keep one of the two");
    }
    return all.stream().findFirst();
  }

  private boolean truthOf(Flag flag) {
    return flag.value()
        .map(
            value ->
                switch (value.text().toLowerCase(Locale.ROOT)) {
                  case "true" -> true;
                  case "false" -> false;
                  default ->
                      throw failure(
                              "--" + flag.name() + " is true or false, not " + shown(value),
                              value.text().isEmpty() ? flag.span() : value.span())
                          .hint("write --" + flag.name() + " or --" + flag.name() + "=false");
                })
        .orElse(true);
  }

  private static String shown(Word value) {
    return value.text().isEmpty() ? "empty" : Excerpt.of(value.text());
  }

  private BuildFailure failure(String what, Span span) {
    return BuildFailure.of(Kind.DOCKERFILE, instruction + " " + what).at(span);
  }

  /// Reads one word.
  private static final class Lexer {
    private final LogicalLine line;
    private final int start;
    private final StringBuilder text = new StringBuilder();
    private int[] offsets = new int[32];
    private int at;

    /// Where the quote stands that was not closed, or -1.
    private int openQuote = -1;

    Lexer(LogicalLine line, int start, int to, char escape) {
      this.line = line;
      this.start = start;
      this.at = start;
      var from = line.text();
      char quote = 0;
      for (; at < to; at++) {
        char c = from.charAt(at);
        if (quote == 0 && Blank.is(c)) {
          return;
        }
        if (quote == 0 && (c == '\'' || c == '"')) {
          quote = c;
          openQuote = at;
        } else if (quote != 0 && c == quote) {
          quote = 0;
          openQuote = -1;
        } else if (c != escape) {
          keep(c, at);
        } else if (at + 1 < to) {
          at++;
          keep(from.charAt(at), at);
        }
      }
    }

    private void keep(char c, int offset) {
      if (text.length() == offsets.length) {
        offsets = Arrays.copyOf(offsets, offsets.length * 2);
      }
      offsets[text.length()] = offset;
      text.append(c);
    }

    Token token() {
      return new Token(text.toString(), Arrays.copyOf(offsets, text.length()), line);
    }

    Flag flag() {
      var token = token();
      var span = line.span(start, at);
      int equals = token.text().indexOf('=');
      if (equals < 0) {
        return new Flag(token.text().substring(2), Optional.empty(), token, span);
      }
      var value =
          new Word(token.text().substring(equals + 1), line.span(token.offsets()[equals] + 1, at));
      return new Flag(token.text().substring(2, equals), Optional.of(value), token, span);
    }
  }
}
