package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.TarEntry;
import org.jspecify.annotations.Nullable;

/// One entry of a layer, and where its content is.
///
/// @param offset of the content in the layer's plain tar, for a regular file; for a sparse file,
///     whose content stands nowhere in one piece, -1 less the offset of its headers
/// @param digest of the content, where it was known when the layer was written
public record IndexEntry(TarEntry entry, long offset, @Nullable Digest digest) {}
