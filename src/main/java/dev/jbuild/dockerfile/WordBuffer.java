package dev.jbuild.dockerfile;

import dev.jbuild.failure.Span;
import java.util.ArrayList;
import java.util.List;

/// Several words, split at blanks that were not quoted.
final class WordBuffer implements Buffer {

  private final List<String> words = new ArrayList<>();
  private final TextBuffer word;

  WordBuffer(int longest, Span span) {
    word = new TextBuffer(longest, span);
  }

  @Override
  public void plain(int point) {
    if (Blank.is(point)) {
      endWord();
    } else {
      word.plain(point);
    }
  }

  @Override
  public void quoted(CharSequence text) {
    word.quoted(text);
  }

  @Override
  public void value(CharSequence text) {
    text.codePoints().forEach(this::plain);
  }

  List<String> words() {
    endWord();
    return List.copyOf(words);
  }

  private void endWord() {
    if (word.length() > 0) {
      words.add(word.toString());
      word.clear();
    }
  }
}
