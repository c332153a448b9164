package dev.jbuild.build;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Manifest;

/// An image of the store: its manifest and config.
public record ResolvedImage(Descriptor descriptor, Manifest manifest, ImageConfig config) {}
