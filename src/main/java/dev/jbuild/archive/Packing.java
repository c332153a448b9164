package dev.jbuild.archive;

import dev.jbuild.tar.Compression;
import java.util.Optional;
import java.util.OptionalInt;

/// How images are packed when they leave the store.
///
/// @param compression of layers that are stored plain; empty: what is usual in the archive
/// @param all whether layers that came compressed get it too, which else stay as they came
/// @param level of the compression; empty: the usual one
/// @param threads how many compress a layer; no influence on the bytes
/// @param mtime of the archive's entries, seconds since the epoch
public record Packing(
    Optional<Compression> compression, boolean all, OptionalInt level, int threads, long mtime) {

  public Packing {
    if (compression.isPresent()) {
      switch (compression.get()) {
        case NONE, GZIP, ZSTD -> {
          // readers of images know these
        }
        case XZ, BZIP2 ->
            throw new IllegalArgumentException("layers are never packed with " + compression.get());
      }
    }
  }

  /// With one compression, if there is one, for all layers, at its usual level.
  public Packing(Optional<Compression> compression, int threads, long mtime) {
    this(compression, true, OptionalInt.empty(), threads, mtime);
  }
}
