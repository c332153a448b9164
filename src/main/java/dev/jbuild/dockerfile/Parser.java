package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Part.Comment;
import dev.jbuild.dockerfile.Part.Statement;
import dev.jbuild.dockerfile.Part.Trivia;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.BuildFailure.Kind;
import dev.jbuild.failure.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads a file from its first line to its last.
final class Parser {

  private final Source source;
  private final boolean trigger;
  private final Directives directives;
  private final List<Part> parts = new ArrayList<>();
  private final List<Comment> comments = new ArrayList<>();
  private int number = 1;
  private int triviaFrom = 1;
  private boolean hasStage;
  private @Nullable Arguments previous;

  private Parser(Source source, boolean trigger) {
    this.source = source;
    this.trigger = trigger;
    refuseOtherEncodings(source);
    this.directives = Directives.of(source);
  }

  static Reading parse(Source source) {
    Parser parser;
    try {
      parser = new Parser(source, false);
    } catch (BuildFailure e) {
      return Reading.nothing(source, e);
    }
    try {
      parser.read();
      parser.requireStage();
    } catch (BuildFailure e) {
      return new Reading(parser.dockerfile(), Optional.of(e));
    }
    return new Reading(parser.dockerfile(), Optional.empty());
  }

  static Instruction parseTrigger(Source source) {
    var parser = new Parser(source, true);
    parser.read();
    var instructions = parser.dockerfile().instructions();
    if (instructions.size() != 1) {
      throw BuildFailure.of(
              Kind.DOCKERFILE,
              "an ONBUILD trigger is one instruction, this one holds " + instructions.size())
          .at(source.span(1))
          .hint("the base image was made by another program or by hand; choose another one");
    }
    return instructions.getFirst();
  }

  private Dockerfile dockerfile() {
    return new Dockerfile(source, directives.escape(), directives.found(), parts);
  }

  private void read() {
    while (number <= source.lineCount()) {
      int indent = LogicalLine.indent(source, number);
      var line = source.line(number);
      if (indent == line.length()) {
        comments.clear();
        number++;
      } else if (line.charAt(indent) == '#') {
        comment(line, indent);
        number++;
      } else {
        statement();
      }
    }
    trivia(source.lineCount());
  }

  private void trivia(int last) {
    if (triviaFrom <= last) {
      parts.add(new Trivia(triviaFrom, last));
    }
  }

  private void comment(String line, int indent) {
    var text = line.substring(indent + 1).strip();
    if (text.isEmpty() || directives.include(number)) {
      comments.clear();
    } else {
      comments.add(new Comment(text, source.span(number, indent + 1, line.length() + 1)));
    }
  }

  private void statement() {
    var line = LogicalLine.read(source, number, directives.escape());
    int start = line.skipBlanks(0, line.text().length());
    if (start == line.text().length()) {
      throw BuildFailure.of(Kind.DOCKERFILE, "a line is continued, but no instruction follows")
          .at(source.span(number))
          .hint("remove the line");
    }
    var word = Arguments.keyword(line, start);
    var keyword = Keyword.of(word.text()).orElseThrow(() -> unknown(word));
    refuseNul(line);
    var head = Arguments.read(line, start, directives.escape());
    checkPlace(keyword, head);
    var heredocs =
        keyword.mayHaveHeredocs(head)
            ? Heredocs.read(line, head.name())
            : new Heredocs.Read(List.of(), line.lastLine());
    var arguments = head.with(heredocs.documents(), heredocs.lastLine());
    var instruction = keyword.parse(arguments);
    trivia(number - 1);
    parts.add(
        new Statement(
            number, heredocs.lastLine(), head.keyword(), instruction, comments, line.blankLines()));
    comments.clear();
    previous = arguments;
    number = heredocs.lastLine() + 1;
    triviaFrom = number;
  }

  private void checkPlace(Keyword keyword, Arguments head) {
    if (trigger) {
      OnBuildParser.refuse(head);
    } else if (keyword == Keyword.FROM) {
      hasStage = true;
    } else if (!hasStage && keyword != Keyword.ARG) {
      throw head.failure("stands before the first FROM", head.keyword().span())
          .hint("begin with FROM image; only ARG may come before it");
    }
  }

  private void requireStage() {
    if (source.text().isEmpty() || source.text().equals("\uFEFF")) {
      throw nothing("the Dockerfile is empty");
    }
    if (parts.stream().noneMatch(Statement.class::isInstance)) {
      throw nothing("the Dockerfile holds no instructions");
    }
    if (!hasStage) {
      throw nothing("the Dockerfile has no FROM");
    }
  }

  private BuildFailure nothing(String what) {
    return BuildFailure.of(Kind.DOCKERFILE, what)
        .at(source.span(Math.max(1, source.lineCount()), 1, 1))
        .hint("begin with FROM and the image to start from, or FROM scratch");
  }

  private static void refuseOtherEncodings(Source source) {
    // The byte order marks of UTF-16, as Utf8.decode shows bytes that are not UTF-8.
    var text = source.text();
    if (text.startsWith("\uDCFF\uDCFE") || text.startsWith("\uDCFE\uDCFF")) {
      throw BuildFailure.of(Kind.DOCKERFILE, "the Dockerfile is written in UTF-16")
          .at(new Source(source.name(), "").span(1, 1, 1))
          .hint("save it as UTF-8");
    }
  }

  private static void refuseNul(LogicalLine line) {
    int nul = line.text().indexOf('\0');
    if (nul >= 0) {
      throw BuildFailure.of(Kind.DOCKERFILE, "a line holds a NUL character")
          .at(line.span(nul, nul + 1))
          .hint("remove it; a Dockerfile is plain text in UTF-8");
    }
  }

  /// If the very first word is none of ours, the file may be a secret that a link points to: then
  /// the message holds nothing of it (reliability: a Dockerfile that is a link to /etc/shadow).
  private BuildFailure unknown(Word keyword) {
    var word = keyword.text();
    var upper = word.toUpperCase(Locale.ROOT);
    var suggestion = isName(word) ? Suggestion.of(upper, Keyword.names()) : null;
    if (!trigger && previous == null && (suggestion == null || suggestion.isEmpty())) {
      var span = keyword.span();
      return BuildFailure.of(
              Kind.DOCKERFILE, "this is no Dockerfile: it begins with no instruction")
          .at(new Source(source.name(), "").span(span.line(), span.column(), span.column()))
          .hint(
              Directives.namesAnotherLanguage(source)
                  ? "it names a frontend of another language, which jbuild neither fetches nor runs"
                  : "begin with FROM image; name another file with -f");
    }
    var advice =
        suggestion != null && suggestion.isPresent()
            ? "did you mean " + suggestion.get() + "?"
            : advice(word);
    return BuildFailure.of(Kind.DOCKERFILE, "unknown instruction " + Excerpt.of(word))
        .at(keyword.span())
        .hint(advice);
  }

  private static boolean isName(String word) {
    return word.chars().allMatch(c -> (c | 0x20) >= 'a' && (c | 0x20) <= 'z');
  }

  /// What the line before may have to do with an unknown instruction.
  private String advice(String word) {
    if (word.codePoints().anyMatch(c -> c > 0x7F && Blank.is(c))) {
      return "put an ordinary blank where a special one stands";
    }
    if (previous != null) {
      var line = previous.line();
      var text = line.text().strip();
      if (text.contains("<<") && previous.documents().isEmpty()) {
        return "line "
            + line.firstLine()
            + " has no here-document: "
            + (ShellWords.isBroken(line.text())
                ? "a quote in it is not closed, or a ${…} is one that only the shell knows"
                : "its << must begin a word, as in RUN cat <<EOF");
      }
      if (text.endsWith("&&") || text.endsWith("||") || text.endsWith("|") || text.endsWith(";")) {
        return "end line " + line.lastLine() + " with " + directives.escape() + " to continue it";
      }
    }
    return "known are " + String.join(", ", Keyword.names());
  }
}
