package dev.jbuild.plan;

import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;

/// An image that a plan needs: its name, in normal form, and for which platform.
public record ImageRequest(Reference reference, Platform platform) {

  /// `name for platform`, for messages.
  @Override
  public String toString() {
    return reference.familiar() + " for " + platform;
  }
}
