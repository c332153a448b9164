package dev.jbuild.store;

import dev.jbuild.image.Descriptor;

/// A compressed form of a layer that is or was somewhere: the store need not hold it.
///
/// @param how it was made: `pulled`, or compressor, level and format version, `gzip-6 v1`
public record CompressedForm(Descriptor descriptor, String how) {}
