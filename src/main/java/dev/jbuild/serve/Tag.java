package dev.jbuild.serve;

import dev.jbuild.failure.Printable;
import java.util.regex.Pattern;

/// A tag, checked against the grammar of the specification; so it is a file name that leads
/// nowhere else.
record Tag(String text) implements Comparable<Tag> {

  private static final int LONGEST = 128;
  private static final Pattern GRAMMAR = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  Tag {
    if (!isValid(text)) {
      throw Refusal.bad(
          ErrorCode.NAME_INVALID,
          "not a tag: \""
              + Printable.of(text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text)
              + "\" (letters, digits and _, after the first also . and -, at most "
              + LONGEST
              + ")");
    }
  }

  static boolean isValid(String text) {
    return text.length() <= LONGEST && GRAMMAR.matcher(text).matches();
  }

  @Override
  public int compareTo(Tag other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
