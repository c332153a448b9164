package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.TarEntry;
import org.jspecify.annotations.Nullable;

/// One name of a merged file system.
///
/// @param entry with the path in the merged file system; never of type HARDLINK: a further name of
///     a file has all that the file has
/// @param layer the diff ID of the layer that holds the content; null for a directory that no layer
///     names
/// @param offset of the content in that layer's plain tar, as in [IndexEntry]
/// @param digest of the content, where it is known
/// @param file equal for all names of one file (its hard links), and for no other
public record ViewEntry(
    TarEntry entry, @Nullable Digest layer, long offset, @Nullable Digest digest, Object file) {

  public boolean isDirectory() {
    return entry.isDirectory();
  }

  public boolean isFile() {
    return entry.isFile();
  }

  public boolean isSymlink() {
    return entry.type() == TarEntry.Type.SYMLINK;
  }
}
