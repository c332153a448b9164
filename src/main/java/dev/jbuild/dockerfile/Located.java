package dev.jbuild.dockerfile;

import dev.jbuild.failure.Span;

/// A text that came from a Dockerfile, for pointing at its parts.
///
/// @param exact whether the text stands in its span character by character, on one line
record Located(String text, Span span, boolean exact) {

  static Located of(Word word) {
    var span = word.span();
    boolean exact =
        span.line() == span.endLine() && span.endColumn() - span.column() == word.text().length();
    return new Located(word.text(), span, exact);
  }

  /// The span of the characters `[from, to)`, or of everything if that cannot be told.
  Span part(int from, int to) {
    return exact ? span.source().span(span.line(), span.column() + from, span.column() + to) : span;
  }
}
