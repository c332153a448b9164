package dev.jbuild.failure;

/// A stretch of a [Source]: from `line:column` up to, not including, `endLine:endColumn`.
///
/// Lines and columns are counted from 1; a column is a UTF-16 unit of its line.
public record Span(Source source, int line, int column, int endLine, int endColumn) {

  public Span {
    if (line < 1 || column < 1 || endLine < line || (endLine == line && endColumn < column)) {
      throw new IllegalArgumentException(
          "no such span: " + line + ":" + column + "-" + endLine + ":" + endColumn);
    }
  }

  /// The span from the start of this one to the end of `other`.
  public Span to(Span other) {
    return new Span(source, line, column, other.endLine, other.endColumn);
  }

  /// `file:line:column`, the form that editors jump to.
  @Override
  public String toString() {
    return Printable.of(source.name()) + ":" + line + ":" + column;
  }
}
