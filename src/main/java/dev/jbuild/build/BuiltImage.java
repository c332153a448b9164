package dev.jbuild.build;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;
import java.util.List;

/// What a build made for one platform.
///
/// @param platform what it was asked for, else that of the config
/// @param config of the image; its digest is the image ID
/// @param layers as its manifest names them: plain, or compressed as they came
public record BuiltImage(Platform platform, ImageConfig config, List<Descriptor> layers) {

  public BuiltImage {
    layers = List.copyOf(layers);
  }

  public Digest imageId() {
    return config.digest();
  }

  /// The bytes of its layers as they lie in the store, or elsewhere.
  public long size() {
    return layers.stream().mapToLong(Descriptor::size).sum();
  }
}
