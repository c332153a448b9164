package dev.jbuild.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/// When things of the store were last written or used.
final class Ages {

  private Ages() {}

  /// The modification time; long ago if there is nothing any more.
  static Instant of(Path path) {
    try {
      return Files.getLastModifiedTime(path).toInstant();
    } catch (IOException e) {
      return Instant.EPOCH;
    }
  }
}
