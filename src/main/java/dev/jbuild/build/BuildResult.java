package dev.jbuild.build;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import java.util.Optional;

/// What a build made.
///
/// @param image its manifest in the store
/// @param config its config; the digest is the image ID
/// @param layers how many layers the image has, and `size` their plain bytes
/// @param newLayers how many of them this run made, and `newSize` their bytes
/// @param cachedSteps how many of the `steps` that could have been made were taken from the cache
/// @param rebuiltFrom the first step that had to be made anew and why, `build 2: src/a changed`
public record BuildResult(
    Descriptor image,
    ImageConfig config,
    int layers,
    long size,
    int newLayers,
    long newSize,
    int steps,
    int cachedSteps,
    Optional<String> rebuiltFrom) {

  public Digest imageId() {
    return config.digest();
  }
}
