package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;

/// What a build made for one platform.
///
/// @param platform what it was asked for, else that of the config
/// @param config of the image; its digest is the image ID
/// @param size plain bytes of its layers, or as they lie in the store
public record BuiltImage(Platform platform, ImageConfig config, long size) {

  public Digest imageId() {
    return config.digest();
  }
}
