package dev.jbuild.failure;

import java.util.ArrayList;
import java.util.List;

/// A text that positions point into: a Dockerfile, an ignore file, a command-line value.
///
/// Lines are counted from 1 and end at LF only; the CR of a CRLF file stays at the end of its line.
public final class Source {

  private final String name;
  private final String text;
  private final int[] lineStarts;

  /// @param name what a person calls it, `Dockerfile` or `docker/app.Dockerfile`; shown in errors
  public Source(String name, String text) {
    this.name = name;
    this.text = text;
    this.lineStarts = startsOf(text);
  }

  public String name() {
    return name;
  }

  /// The whole text, as [Utf8] decoded it.
  public String text() {
    return text;
  }

  /// How many lines there are; a text that ends with LF has no empty last line.
  public int lineCount() {
    return lineStarts.length;
  }

  /// Line `number` without its line end (LF or CRLF); empty if there is no such line.
  public String line(int number) {
    if (number < 1 || number > lineStarts.length) {
      return "";
    }
    int from = lineStarts[number - 1];
    int to = number < lineStarts.length ? lineStarts[number] : text.length();
    while (to > from && (text.charAt(to - 1) == '\n' || text.charAt(to - 1) == '\r')) {
      to--;
    }
    return text.substring(from, to);
  }

  /// The lines `first` to `last` with their line ends, exactly as they stand in the text.
  public String lines(int first, int last) {
    int from = lineStarts[first - 1];
    int to = last < lineStarts.length ? lineStarts[last] : text.length();
    return text.substring(from, to);
  }

  /// The span of columns `[column, endColumn)` of one line, counted from 1 in UTF-16 units.
  public Span span(int line, int column, int endColumn) {
    return new Span(this, line, column, line, Math.max(column, endColumn));
  }

  /// The span of a whole line, without leading and trailing blanks.
  public Span span(int line) {
    var content = line(line);
    int from = 0;
    while (from < content.length() && content.charAt(from) <= ' ') {
      from++;
    }
    return span(line, from + 1, content.stripTrailing().length() + 1);
  }

  @Override
  public String toString() {
    return name;
  }

  private static int[] startsOf(String text) {
    List<Integer> starts = new ArrayList<>();
    for (int at = 0; at < text.length(); ) {
      starts.add(at);
      int end = text.indexOf('\n', at);
      at = end < 0 ? text.length() : end + 1;
    }
    return starts.stream().mapToInt(Integer::intValue).toArray();
  }
}
