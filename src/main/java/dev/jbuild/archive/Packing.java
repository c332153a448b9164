package dev.jbuild.archive;

import dev.jbuild.tar.Compression;
import java.util.Optional;

/// How images are packed when they leave the store.
///
/// @param compression of all layers; empty: layers that came compressed stay as they came, and
///     plain ones get what is usual in the archive
/// @param threads how many compress a layer; no influence on the bytes
/// @param mtime of the archive's entries, seconds since the epoch
public record Packing(Optional<Compression> compression, int threads, long mtime) {

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
}
