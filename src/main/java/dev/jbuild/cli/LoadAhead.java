package dev.jbuild.cli;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;

/// Loads on another processor what every build needs and what takes long to load, while the command
/// line is read: powers of five for numbers in JSON, and the providers of hashes.
final class LoadAhead {

  private LoadAhead() {}

  /// Nothing waits for it: who needs a class that is just being loaded waits for that class.
  static void start() {
    Thread.ofPlatform().daemon().name("load-ahead").start(LoadAhead::load);
  }

  private static void load() {
    byte[] number = {'0'};
    try {
      Json.parse(number, Digest.of(number).toString());
    } catch (ImageFormatException e) {
      throw new IllegalStateException("a number is JSON", e);
    }
  }
}
