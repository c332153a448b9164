package dev.jbuild.cli;

import dev.jbuild.image.Digest;

/// Loads on another processor what every build needs and what takes long to load, while the command
/// line is read: the providers of hashes.
final class LoadAhead {

  private LoadAhead() {}

  /// Nothing waits for it: who needs a class that is just being loaded waits for that class.
  static void start() {
    Thread.ofPlatform().daemon().name("load-ahead").start(() -> Digest.of(new byte[0]));
  }
}
