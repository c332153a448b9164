package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Heredocs.Document;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.BuildFailure.Kind;
import dev.jbuild.failure.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An instruction cut into keyword, flags and the rest, and the ways to read the rest.
final class Arguments {

  /// A plain argument, or a here-document in its place.
  record Argument(Word word, Optional<Heredoc> heredoc) {}

  private final LogicalLine line;
  private final char escape;
  private final Word keyword;
  private final Flags flags;
  private final int from;
  private final int to;
  private final List<Document> documents;
  private final Span span;

  private Arguments(
      LogicalLine line,
      char escape,
      Word keyword,
      Flags flags,
      int from,
      List<Document> documents,
      Span span) {
    this.line = line;
    this.escape = escape;
    this.keyword = keyword;
    this.flags = flags;
    this.to = line.trimEnd(0, line.text().length());
    this.from = Math.min(from, to);
    this.documents = List.copyOf(documents);
    this.span = span;
  }

  /// Cuts the instruction that begins at `start`, which is not blank.
  static Arguments read(LogicalLine line, int start, char escape) {
    int to = line.trimEnd(start, line.text().length());
    var keyword = keyword(line, start);
    var name = Excerpt.of(keyword.text().toUpperCase(Locale.ROOT));
    var flags = Flags.read(line, start + keyword.text().length(), to, escape, name);
    return new Arguments(
        line, escape, keyword, flags, flags.end(), List.of(), line.span(start, to));
  }

  /// The keyword of the instruction that begins at `start`, which is not blank.
  static Word keyword(LogicalLine line, int start) {
    var text = line.text();
    int to = line.trimEnd(start, text.length());
    int end = start;
    while (end < to && !Blank.separates(text.charAt(end))) {
      end++;
    }
    return line.word(start, end);
  }

  /// The same with its here-documents, the last of which ends on line `lastLine`.
  Arguments with(List<Document> heredocs, int lastLine) {
    var source = line.source();
    int endColumn = source.line(lastLine).length() + 1;
    var start = keyword.span();
    var whole = new Span(source, start.line(), start.column(), lastLine, endColumn);
    return new Arguments(line, escape, keyword, flags, from, heredocs, whole);
  }

  LogicalLine line() {
    return line;
  }

  char escape() {
    return escape;
  }

  /// As written.
  Word keyword() {
    return keyword;
  }

  /// In upper case and fit for a message.
  String name() {
    return Excerpt.of(keyword.text().toUpperCase(Locale.ROOT));
  }

  Flags flags() {
    return flags;
  }

  /// Of the whole instruction.
  Span span() {
    return span;
  }

  /// Here-documents in order.
  List<Document> documents() {
    return documents;
  }

  /// Index of the first character behind the flags.
  int from() {
    return from;
  }

  /// Index behind the last character that is not blank.
  int to() {
    return to;
  }

  boolean isEmpty() {
    return from >= to;
  }

  /// All behind the flags, without blanks around it.
  Word rest() {
    return rest(from);
  }

  /// All from index `start` on, without blanks behind it.
  Word rest(int start) {
    return line.word(Math.min(start, to), to);
  }

  /// The rest as the one argument that the instruction needs.
  ///
  /// @param what its meaning, and `example` one, for the message
  Word one(String what, String example) {
    if (isEmpty()) {
      throw failure("needs " + what).hint("write " + name() + " " + example);
    }
    return rest();
  }

  /// The rest split at blanks, quotes or not, here-documents kept together.
  List<Argument> list() {
    var text = line.text();
    var result = new ArrayList<Argument>();
    int nextDocument = 0;
    int at = from;
    while (at < to) {
      while (nextDocument < documents.size() && documents.get(nextDocument).from() < at) {
        nextDocument++;
      }
      if (nextDocument < documents.size() && documents.get(nextDocument).from() == at) {
        var document = documents.get(nextDocument);
        at = document.to();
        result.add(new Argument(line.word(document.from(), at), Optional.of(document.heredoc())));
      } else if (Blank.separates(text.charAt(at))) {
        at++;
      } else {
        int start = at;
        while (at < to && !Blank.separates(text.charAt(at))) {
          at++;
        }
        result.add(new Argument(line.word(start, at), Optional.empty()));
      }
    }
    return result;
  }

  /// The rest split at blanks, quotes or not.
  List<Word> words() {
    return list().stream().map(Argument::word).toList();
  }

  /// The rest split at blanks outside quotes, and each word at its first `=`, if it has one; quotes
  /// and escapes stay in.
  List<Wording.Argument> assignments() {
    var text = line.text();
    var words = new ArrayList<Wording.Argument>();
    int start = -1;
    char quote = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (quote == 0 && Blank.is(c)) {
        addWord(words, start, i);
        start = -1;
        continue;
      }
      boolean escapes = c == escape && quote != '\'';
      if (escapes && i + 1 == to) {
        addWord(words, start, i); // an escape character at the very end counts for nothing
        return words;
      }
      start = start < 0 ? i : start;
      if (escapes) {
        i++;
      } else if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      }
    }
    addWord(words, start, to);
    return words;
  }

  private void addWord(List<Wording.Argument> words, int start, int end) {
    if (start < 0) {
      return;
    }
    var word = line.word(start, end);
    int equals = word.text().indexOf('=');
    words.add(
        equals < 0
            ? new Wording.Argument(word, Optional.of(word), Optional.empty())
            : new Wording.Argument(
                word,
                Optional.of(line.word(start, start + equals)),
                Optional.of(line.word(start + equals + 1, end))));
  }

  /// The rest as a JSON array of strings; empty if it is not JSON.
  Optional<List<Word>> json() {
    return json(from);
  }

  /// The text from index `start` on as a JSON array of strings; empty if it is not JSON.
  Optional<List<Word>> json(int start) {
    if (start >= to || line.text().charAt(start) != '[') {
      return Optional.empty();
    }
    var elements = JsonArray.parse(line.text().substring(start, to));
    return elements.map(list -> list.stream().map(e -> string(e, start)).toList());
  }

  private Word string(JsonArray.Element element, int start) {
    var where = line.span(start + element.from(), start + element.to());
    if (!element.isString()) {
      throw failure("has a JSON array whose elements are not all strings", where)
          .hint("put it in double quotes");
    }
    if (element.text().indexOf('\0') >= 0) {
      throw failure("has a NUL character, which no argument can hold", where)
          .hint("remove the \\u0000");
    }
    return new Word(element.text(), where);
  }

  /// What the text from index `start` on executes.
  Command command(int start) {
    return json(start)
        .<Command>map(words -> new Command.Exec(words.stream().map(Word::text).toList()))
        .orElseGet(() -> new Command.Shell(line.text().substring(start, to)));
  }

  /// A failure of this instruction, at its arguments if it has any, else at its keyword.
  BuildFailure failure(String what) {
    return failure(what, null);
  }

  BuildFailure failure(String what, @Nullable Span where) {
    var place = where != null ? where : isEmpty() ? keyword.span() : line.span(from, to);
    return BuildFailure.of(Kind.DOCKERFILE, name() + " " + what).at(place);
  }
}
