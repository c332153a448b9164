package dev.jbuild.dockerfile;

import dev.jbuild.failure.Source;
import dev.jbuild.failure.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// One or more lines of the file joined to the text of one instruction, which knows where in the
/// file each of its characters stands.
final class LogicalLine {

  private final Source source;
  private final String text;
  private final int firstLine;
  private final int lastLine;
  private final List<Integer> blankLines;

  /// The pieces that were joined: where in `text` each begins, and where in the file.
  private final int[] starts;
  private final int[] lines;
  private final int[] columns;

  private LogicalLine(Source source, int firstLine, int lastLine, Joiner joiner) {
    this.source = source;
    this.text = joiner.text.toString();
    this.firstLine = firstLine;
    this.lastLine = lastLine;
    this.blankLines = List.copyOf(joiner.blankLines);
    this.starts = Arrays.copyOf(joiner.starts, joiner.count);
    this.lines = Arrays.copyOf(joiner.lines, joiner.count);
    this.columns = Arrays.copyOf(joiner.columns, joiner.count);
  }

  /// Joins line `first` and those it continues on.
  ///
  /// A line goes on if it ends in one escape character, not in two or more, and blanks behind it.
  /// Nothing stands for the line end. Comments and blank lines in between are left out and end
  /// nothing; blanks before the first line go, those before others stay.
  static LogicalLine read(Source source, int first, char escape) {
    var joiner = new Joiner();
    int number = first;
    boolean more = joiner.add(source.line(first), first, indent(source, first), escape);
    while (more && number < source.lineCount()) {
      number++;
      var line = source.line(number);
      int indent = indent(source, number);
      if (indent == line.length()) {
        joiner.blankLines.add(number);
      } else if (line.charAt(indent) != '#') {
        more = joiner.add(line, number, 0, escape);
      }
    }
    return new LogicalLine(source, first, number, joiner);
  }

  /// How many blanks, and on line 1 the byte order mark, stand before the text of a line.
  static int indent(Source source, int number) {
    var line = source.line(number);
    int i = byteOrderMark(source, number);
    while (i < line.length() && Blank.is(line.charAt(i))) {
      i++;
    }
    return i;
  }

  /// 1 on a first line that begins with a byte order mark, else 0.
  static int byteOrderMark(Source source, int number) {
    return number == 1 && source.line(1).startsWith("\uFEFF") ? 1 : 0;
  }

  Source source() {
    return source;
  }

  String text() {
    return text;
  }

  int firstLine() {
    return firstLine;
  }

  int lastLine() {
    return lastLine;
  }

  List<Integer> blankLines() {
    return blankLines;
  }

  /// Where the characters `[from, to)` stand in the file; they may be on several lines.
  Span span(int from, int to) {
    int first = piece(from);
    int column = columns[first] + from - starts[first];
    if (to <= from) {
      return new Span(source, lines[first], column, lines[first], column);
    }
    int last = piece(to - 1);
    return new Span(source, lines[first], column, lines[last], columns[last] + to - starts[last]);
  }

  /// The characters `[from, to)`, and where they stand.
  Word word(int from, int to) {
    return new Word(text.substring(from, to), span(from, to));
  }

  /// `from`, or the first character behind it that is not blank.
  int skipBlanks(int from, int to) {
    int i = from;
    while (i < to && Blank.is(text.charAt(i))) {
      i++;
    }
    return i;
  }

  /// `to`, or the end of the last character before it that is not blank.
  int trimEnd(int from, int to) {
    int i = to;
    while (i > from && Blank.is(text.charAt(i - 1))) {
      i--;
    }
    return i;
  }

  private int piece(int index) {
    int low = 0;
    int high = starts.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (starts[middle] <= index) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private static final class Joiner {
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> blankLines = new ArrayList<>();
    private int[] starts = new int[1];
    private int[] lines = new int[1];
    private int[] columns = new int[1];
    private int count;

    /// Adds a line from index `from` on, and says whether it goes on.
    boolean add(String line, int number, int from, char escape) {
      int end = continuation(line, from, escape);
      if (count == starts.length) {
        starts = Arrays.copyOf(starts, count * 2);
        lines = Arrays.copyOf(lines, count * 2);
        columns = Arrays.copyOf(columns, count * 2);
      }
      starts[count] = text.length();
      lines[count] = number;
      columns[count] = from + 1;
      count++;
      text.append(line, from, end < 0 ? line.length() : end);
      return end >= 0;
    }

    /// The index of the escape character that continues the line, or -1.
    private static int continuation(String line, int from, char escape) {
      int end = line.length();
      while (end > from && (line.charAt(end - 1) == ' ' || line.charAt(end - 1) == '\t')) {
        end--;
      }
      boolean continues =
          end > from
              && line.charAt(end - 1) == escape
              && (end - 1 == from || line.charAt(end - 2) != escape);
      return continues ? end - 1 : -1;
    }
  }
}
