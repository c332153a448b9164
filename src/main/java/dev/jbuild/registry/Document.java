package dev.jbuild.registry;

import dev.jbuild.image.Descriptor;

/// A manifest or an index as a registry gave it, of a known type and with a verified digest.
///
/// @param descriptor what `bytes` are
record Document(Descriptor descriptor, byte[] bytes) {}
