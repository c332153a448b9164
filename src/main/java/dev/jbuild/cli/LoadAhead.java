package dev.jbuild.cli;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import java.util.List;
import java.util.Set;

/// Loads on another processor what takes long to load, from the first moment on: the providers of
/// hashes, then the reader and the writer of JSON.
final class LoadAhead {

  /// What needs no hashes.
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

  private LoadAhead() {}

  /// Nothing waits for it: who needs a class that is just being loaded waits for that class.
  ///
  /// @param words of the command line
  static void start(List<String> words) {
    if (words.isEmpty() || NO_IMAGES.contains(words.getFirst())) {
      return;
    }
    Thread.ofPlatform().daemon().name("load-ahead").start(LoadAhead::load);
  }

  private static void load() {
    byte[] number = {'0'};
    try {
      Json.write(Json.parse(number, Digest.of(number).toString()));
    } catch (ImageFormatException e) {
      throw new IllegalStateException("a number is JSON", e);
    }
  }
}
