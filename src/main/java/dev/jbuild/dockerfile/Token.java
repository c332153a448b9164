package dev.jbuild.dockerfile;

import dev.jbuild.failure.Span;

/// A text from which quotes and escapes were taken, which still knows where each character stood.
///
/// @param offsets for each character of `text` its index in the line
record Token(String text, int[] offsets, LogicalLine line) {

  /// Where the characters `[from, to)` stood.
  Span span(int from, int to) {
    if (from < to) {
      return line.span(offsets[from], offsets[to - 1] + 1);
    }
    int at = from < offsets.length ? offsets[from] : offsets[offsets.length - 1] + 1;
    return line.span(at, at);
  }

  Word word(int from, int to) {
    return new Word(text.substring(from, to), span(from, to));
  }
}
