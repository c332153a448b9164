package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.TarEntry;
import org.jspecify.annotations.Nullable;

/// One entry of a layer, and where its content is.
///
/// @param offset of the content in the layer's plain tar, for a regular file; for a sparse file,
///     whose content stands nowhere in one piece, -1 less the offset of its headers
/// @param digest of the content, where it was known when the layer was written
/// @param sum CRC-32 of the content, to find damage at a tenth of what the digest takes; [#NO_SUM]
///     where it was not noted
public record IndexEntry(TarEntry entry, long offset, @Nullable Digest digest, long sum) {

  /// No CRC-32.
  static final long NO_SUM = -1;
}
