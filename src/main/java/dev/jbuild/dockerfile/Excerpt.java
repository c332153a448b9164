package dev.jbuild.dockerfile;

import dev.jbuild.failure.Printable;

/// A piece of a Dockerfile as it is named in a message: printable, and not longer than a line.
final class Excerpt {

  private static final int LONGEST = 60;

  private Excerpt() {}

  static String of(String text) {
    return text.length() <= LONGEST
        ? Printable.of(text)
        : Printable.of(text.substring(0, LONGEST)) + "…";
  }
}
