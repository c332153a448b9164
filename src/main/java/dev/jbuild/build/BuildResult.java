package dev.jbuild.build;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a build made.
///
/// @param image its manifest or index in the store, with the annotations of its descriptor
/// @param images one for each platform, in the order wanted
/// @param layers how many layers they have, one that several have counted once, and `size` their
///     bytes as they lie in the store
/// @param newLayers how many of them this run made, and `newSize` their bytes
/// @param cachedSteps how many of the `steps` that could have been made were taken from the cache
/// @param records what the store remembers of it, one for each platform
/// @param indexes packed indexes of layers that nobody here has read, by diff ID, as each shared
///     cache gave them
/// @param rebuiltFrom the first step that had to be made anew and why, `build 2: src/a changed`
public record BuildResult(
    Descriptor image,
    List<BuiltImage> images,
    int layers,
    long size,
    int newLayers,
    long newSize,
    int steps,
    int cachedSteps,
    List<BuildRecord> records,
    Map<CachePlace, Map<Digest, Descriptor>> indexes,
    Optional<String> rebuiltFrom) {

  public BuildResult {
    images = List.copyOf(images);
    records = List.copyOf(records);
    indexes = Map.copyOf(indexes);
  }

  /// What another build says that finds everything as this one left it.
  public BuildResult again() {
    return new BuildResult(
        image, images, layers, size, 0, 0, steps, steps, records, indexes, Optional.empty());
  }

  /// Whether the images are in an index.
  public boolean isIndex() {
    return image.mediaType().isIndex();
  }

  /// The config's digest; for several platforms the digest of the index.
  public Digest imageId() {
    return isIndex() ? image.digest() : config().digest();
  }

  /// The config of the first image.
  public ImageConfig config() {
    return images.getFirst().config();
  }
}
