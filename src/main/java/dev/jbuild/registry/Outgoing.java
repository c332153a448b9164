package dev.jbuild.registry;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import java.util.Optional;

/// A blob that leaves.
///
/// @param kind of it, for progress
/// @param diffId of a layer, as far as it is said which one it is
/// @param changes whether it lies plain and leaves compressed
record Outgoing(String kind, Descriptor descriptor, Optional<Digest> diffId, boolean changes) {}
