package dev.jbuild.dockerfile;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.BuildFailure.Kind;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Span;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Finds the directives at the top of a file.
///
/// They end for good at the first line that is not one. `escape` may be indented; `syntax` and
/// `check`, which other programs read without parsing the file, count only from column 1 on. After
/// a first line `#!…` those two are still found, and `escape` is not.
final class Directives {

  private static final Set<String> KNOWN = Set.of("syntax", "escape", "check");

  private final Source source;
  private final List<Directive> found = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();
  private char escape = '\\';
  private int lastLine;

  private Directives(Source source) {
    this.source = source;
  }

  static Directives of(Source source) {
    var directives = new Directives(source);
    if (source.line(1).startsWith("#!", LogicalLine.byteOrderMark(source, 1))) {
      directives.afterInterpreterLine();
    } else {
      directives.read();
    }
    return directives;
  }

  /// Whether the file says in the way of other languages, `//syntax=…` or as JSON, which program
  /// reads it.
  static boolean namesAnotherLanguage(Source source) {
    int first = source.line(1).startsWith("#!", LogicalLine.byteOrderMark(source, 1)) ? 2 : 1;
    var line = source.line(first).substring(LogicalLine.byteOrderMark(source, first)).strip();
    return (line.startsWith("//") && line.toLowerCase(Locale.ROOT).matches("//\\s*syntax\\s*=.*"))
        || (line.startsWith("{") && source.text().contains("\"syntax\""));
  }

  char escape() {
    return escape;
  }

  List<Directive> found() {
    return List.copyOf(found);
  }

  /// Whether line `number` is a directive and not a comment.
  boolean include(int number) {
    return number <= lastLine;
  }

  private void read() {
    boolean fromColumnOne = true;
    for (int number = 1; number <= source.lineCount(); number++) {
      int start = LogicalLine.indent(source, number);
      fromColumnOne &= start == LogicalLine.byteOrderMark(source, number);
      var directive = parse(number, start);
      if (directive.isEmpty()) {
        return;
      }
      lastLine = number;
      accept(directive.get(), fromColumnOne);
    }
  }

  private void accept(Directive directive, boolean fromColumnOne) {
    var name = directive.name();
    if (!seen.add(name)) {
      throw BuildFailure.of(Kind.DOCKERFILE, "the directive " + name + " is given twice")
          .at(directive.span())
          .hint("remove one of the two lines");
    }
    if (name.equals("escape")) {
      escape = escapeOf(directive);
      found.add(directive);
    } else if (fromColumnOne) {
      found.add(directive);
    }
  }

  private static char escapeOf(Directive directive) {
    var value = directive.value();
    if (!value.equals("\\") && !value.equals("`")) {
      throw BuildFailure.of(
              Kind.DOCKERFILE,
              "the directive escape cannot be "
                  + Excerpt.of(value)
                  + ": it is a backslash or a backtick")
          .at(directive.valueSpan())
          .hint("write # escape=` or remove the line");
    }
    return value.charAt(0);
  }

  private void afterInterpreterLine() {
    for (int number = 2; number <= source.lineCount(); number++) {
      var directive = parse(number, 0);
      if (directive.isEmpty() || !seen.add(directive.get().name())) {
        return;
      }
      if (!directive.get().name().equals("escape")) {
        found.add(directive.get());
      }
    }
  }

  private Optional<Directive> parse(int number, int start) {
    var line = source.line(number);
    if (start >= line.length() || line.charAt(start) != '#') {
      return Optional.empty();
    }
    int from = skipBlanks(line, start + 1);
    int nameEnd = from;
    while (nameEnd < line.length() && isNamePart(line.charAt(nameEnd), nameEnd > from)) {
      nameEnd++;
    }
    int equals = skipAscii(line, nameEnd);
    var name = line.substring(from, nameEnd).toLowerCase(Locale.ROOT);
    if (!KNOWN.contains(name) || equals >= line.length() || line.charAt(equals) != '=') {
      return Optional.empty();
    }
    int valueFrom = skipAscii(line, equals + 1);
    int valueTo = line.length();
    while (valueTo > valueFrom && isAscii(line.charAt(valueTo - 1))) {
      valueTo--;
    }
    if (valueFrom >= valueTo) {
      return Optional.empty();
    }
    Span span = source.span(number, start + 1, valueTo + 1);
    Span valueSpan = source.span(number, valueFrom + 1, valueTo + 1);
    return Optional.of(new Directive(name, line.substring(valueFrom, valueTo), span, valueSpan));
  }

  private static boolean isNamePart(char c, boolean digits) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (digits && c >= '0' && c <= '9');
  }

  /// Behind the name only these count as blanks.
  private static boolean isAscii(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\f';
  }

  private static int skipAscii(String line, int from) {
    int i = from;
    while (i < line.length() && isAscii(line.charAt(i))) {
      i++;
    }
    return i;
  }

  private static int skipBlanks(String line, int from) {
    int i = from;
    while (i < line.length() && Blank.is(line.charAt(i))) {
      i++;
    }
    return i;
  }
}
