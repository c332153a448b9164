package dev.jbuild.build;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a build made for one platform.
///
/// @param platform what it was asked for, else that of the config
/// @param config of the image; its digest is the image ID
/// @param layers as its manifest names them: plain, or compressed as they came
/// @param annotations of its manifest beside those that a person gives
public record BuiltImage(
    Platform platform,
    ImageConfig config,
    List<Descriptor> layers,
    SortedMap<String, String> annotations) {

  public BuiltImage {
    layers = List.copyOf(layers);
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }

  public Digest imageId() {
    return config.digest();
  }

  /// The bytes of its layers as they lie in the store, or elsewhere.
  public long size() {
    return layers.stream().mapToLong(Descriptor::size).sum();
  }
}
