package dev.jbuild.layer;

import dev.jbuild.image.Digest;

/// A layer that is in the store, plain, and its index with it.
///
/// @param size of the plain tar in bytes
public record WrittenLayer(Digest diffId, long size, LayerIndex index) {}
