package dev.jbuild.store;

import dev.jbuild.image.Descriptor;

/// A compressed form of a layer that is or was somewhere: the store need not hold it.
///
/// @param how it was made: [#PULLED], [#ORIGINAL], or what compressed it
public record CompressedForm(Descriptor descriptor, String how) {

  /// It came from a registry, whose word it is that it holds this layer: nobody has inflated it
  /// yet. Another image could have named it falsely.
  public static final String PULLED = "pulled";

  /// Others made it, and it was inflated and found to be this layer.
  public static final String ORIGINAL = "original";

  /// Whether it is certain that it holds the layer.
  public boolean isVerified() {
    return !how.equals(PULLED);
  }
}
