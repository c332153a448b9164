package dev.jbuild.registry;

import dev.jbuild.image.Descriptor;

/// An image that was brought from a registry.
///
/// @param descriptor of its manifest or index
/// @param fresh whether anything had to be transferred
public record Pulled(Descriptor descriptor, boolean fresh) {}
