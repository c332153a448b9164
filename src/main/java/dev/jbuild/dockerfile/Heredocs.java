package dev.jbuild.dockerfile;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.BuildFailure.Kind;
import dev.jbuild.failure.Source;
import java.util.ArrayList;
import java.util.List;

/// Finds the here-documents of a line and reads their bodies from the lines after it.
///
/// A word is one if it is `<<NAME`, `<<-NAME` or `<< NAME`, perhaps with digits before it. Its name
/// goes on to the next blank that is not quoted. The backslash is the escape character here,
/// whatever the directive says.
final class Heredocs {

  /// A here-document, where its word stands in the line, and the lines of the file it takes: its
  /// body begins on `firstLine`, its terminator is `lastLine`.
  record Document(int from, int to, Heredoc heredoc, int firstLine, int lastLine) {}

  /// @param lastLine the line of the last terminator
  record Read(List<Document> documents, int lastLine) {
    Read {
      documents = List.copyOf(documents);
    }
  }

  private record Mark(int from, int to, int digits, boolean chomp, String name, boolean expand) {}

  private Heredocs() {}

  /// The here-documents of a line whose instruction can have some.
  static Read read(LogicalLine line, String instruction) {
    var documents = new ArrayList<Document>();
    int number = line.lastLine();
    for (var mark : marks(line)) {
      int end = terminator(line, mark, number + 1, instruction);
      var body = end > number + 1 ? line.source().lines(number + 1, end - 1) : "";
      var heredoc =
          new Heredoc(
              mark.name(),
              body,
              mark.expand(),
              mark.chomp(),
              fileDescriptor(line, mark),
              line.span(mark.from(), mark.to()));
      documents.add(new Document(mark.from(), mark.to(), heredoc, number + 1, end));
      number = end;
    }
    return new Read(documents, number);
  }

  private static int fileDescriptor(LogicalLine line, Mark mark) {
    if (mark.digits() == 0) {
      return -1;
    }
    var digits = line.text().substring(mark.from(), mark.from() + mark.digits());
    return digits.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(digits);
  }

  private static int terminator(LogicalLine line, Mark mark, int first, String instruction) {
    var source = line.source();
    for (int number = first; number <= source.lineCount(); number++) {
      var candidate = source.line(number);
      if ((mark.chomp() ? withoutTabs(candidate) : candidate).equals(mark.name())) {
        return number;
      }
    }
    throw BuildFailure.of(
            Kind.DOCKERFILE,
            instruction + " has an unterminated here-document, " + Excerpt.of(mark.name()))
        .at(line.span(mark.from(), mark.to()))
        .hint(advice(source, mark, first));
  }

  private static String withoutTabs(String line) {
    int i = 0;
    while (i < line.length() && line.charAt(i) == '\t') {
      i++;
    }
    return line.substring(i);
  }

  private static String advice(Source source, Mark mark, int first) {
    var name = mark.name();
    for (int i = 0; i < name.length(); i++) {
      if (">|;&()".indexOf(name.charAt(i)) >= 0) {
        return "the name goes on to the next blank: put one before "
            + Excerpt.of(name.substring(i))
            + (name.charAt(i) == ')' ? "; in $((1<<2)) leave the blanks out" : "");
      }
    }
    for (int number = first; number <= source.lineCount(); number++) {
      if (source.line(number).strip().equals(name)) {
        return "the terminator must stand alone: remove the blanks around it on line " + number;
      }
    }
    return "end it with a line that is exactly " + Excerpt.of(name);
  }

  private static List<Mark> marks(LogicalLine line) {
    var text = line.text();
    if (!text.contains("<<")) {
      return List.of();
    }
    var marks = new ArrayList<Mark>();
    var words = new ShellWords(text);
    while (words.next()) {
      if (!words.hasAlternative()) {
        addMark(text, words.from(), words.to(), marks);
      }
    }
    return words.isBroken() ? List.of() : marks;
  }

  private static void addMark(String text, int from, int to, List<Mark> marks) {
    int i = from;
    while (i < to && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
      i++;
    }
    int digits = i - from;
    if (!text.startsWith("<<", i)) {
      return;
    }
    i += 2;
    boolean chomp = i < to && text.charAt(i) == '-';
    i += chomp ? 1 : 0;
    while (i < to && Blank.is(text.charAt(i))) {
      i++;
    }
    var raw = text.substring(i, to);
    if (raw.isEmpty() || raw.indexOf('<') >= 0) {
      return; // `<<<`: a here-string
    }
    var word = new Word(raw, new Source("", raw).span(1, 1, raw.length() + 1));
    var name = nameOf(word);
    if (!name.isEmpty()) {
      marks.add(new Mark(from, to, digits, chomp, name, !isQuoted(raw)));
    }
  }

  private static String nameOf(Word word) {
    try {
      return Expansion.unquote(word, '\\');
    } catch (BuildFailure _) {
      return ""; // braces hid a quote: it is no name
    }
  }

  private static boolean isQuoted(String raw) {
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '\'' || c == '"') {
        return true;
      }
      i += c == '\\' ? 1 : 0;
    }
    return false;
  }
}
