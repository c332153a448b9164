package dev.jbuild.store;

import java.nio.file.Path;

/// Something in a store that is not as it should be.
///
/// @param what it is, printable: a name, a digest
/// @param why it is wrong, one printable sentence without a final stop
/// @param repaired whether it was mended, by dropping what is broken
public record Finding(Kind kind, String what, Path path, String why, boolean repaired) {

  /// What it was found in.
  public enum Kind {
    /// The bytes of a blob.
    BLOB,
    /// index.json as a whole; repaired, the images have no names and the old file is
    /// index.json.broken.
    INDEX,
    /// An image that lacks a part.
    IMAGE,
    /// A record of the step cache.
    RECORD,
    /// What is known of a layer.
    LAYER,
    /// The record of a build.
    BUILD
  }
}
