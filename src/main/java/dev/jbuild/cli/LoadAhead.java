package dev.jbuild.cli;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import java.util.List;
import java.util.Set;

/// Loads on other processors what takes long to load, from the first moment on: powers of five for
/// numbers in JSON, and the providers of hashes.
final class LoadAhead {

  /// What needs at most one of them.
  private static final Set<String> NO_IMAGES =
      Set.of(
          "completion",
          CompleteCommand.NAME,
          "doctor",
          "help",
          "lint",
          "login",
          "logout",
          "parse",
          "ps",
          "rm",
          "rmi",
          "tag",
          "version",
          "-h",
          "--help");

  private static final byte[] NUMBER = {'0'};

  private LoadAhead() {}

  /// Nothing waits for it: who needs a class that is just being loaded waits for that class.
  ///
  /// @param words of the command line
  static void start(List<String> words) {
    if (words.isEmpty() || NO_IMAGES.contains(words.getFirst())) {
      return;
    }
    for (var part : List.<Runnable>of(LoadAhead::hashes, LoadAhead::json)) {
      Thread.ofPlatform().daemon().name("load-ahead").start(part);
    }
  }

  private static void hashes() {
    Digest.of(NUMBER);
  }

  private static void json() {
    try {
      Json.write(Json.parse(NUMBER, "a number"));
    } catch (ImageFormatException e) {
      throw new IllegalStateException("a number is JSON", e);
    }
  }
}
