package dev.jbuild.dockerfile;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.BuildFailure.Kind;
import dev.jbuild.failure.Span;

/// One text, with a limit: variables that hold each other twice grow without end (the attack that
/// XML knows as "billion laughs").
final class TextBuffer implements Buffer {

  private final StringBuilder text = new StringBuilder();
  private final int longest;
  private final Span span;

  TextBuffer(int longest, Span span) {
    this.longest = longest;
    this.span = span;
  }

  @Override
  public void plain(int point) {
    room(1);
    text.appendCodePoint(point);
  }

  @Override
  public void quoted(CharSequence part) {
    room(part.length());
    text.append(part);
  }

  @Override
  public void value(CharSequence part) {
    quoted(part);
  }

  /// An empty buffer with the same limit.
  TextBuffer another() {
    return new TextBuffer(longest, span);
  }

  int length() {
    return text.length();
  }

  void clear() {
    text.setLength(0);
  }

  private void room(int more) {
    if (text.length() + (long) more > longest) {
      throw BuildFailure.of(
              Kind.DOCKERFILE,
              "a text with its variables replaced is longer than " + longest + " characters")
          .at(span)
          .hint("look for a variable that holds another one several times");
    }
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
