package dev.jbuild.image;

import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// The names by which a step cache is known in a registry or a layout (docs/cache.md).
///
/// It is an OCI image manifest whose config is the list of records, and whose layers are what the
/// steps made, so that registries keep and collect them as those of any image; behind them come
/// blobs that are no layers.
public final class CacheManifest {

  /// The config, and the type of the artifact.
  public static final MediaType CONFIG = new MediaType("application/vnd.jbuild.cache.v1+json");

  /// The most bytes that its config has.
  public static final int LARGEST_CONFIG = 32 << 20;

  /// What went into a COPY, file by file.
  public static final MediaType INPUTS = new MediaType("application/vnd.jbuild.cache.inputs.v1");

  /// On the manifest of an image: a cache of its own layers, as text.
  public static final String INLINE = "dev.jbuild.cache";

  /// On the descriptor of a layer: the digest of its plain tar, as the config of an image has it.
  private static final String DIFF_ID = "dev.jbuild.layer.diff-id";

  private CacheManifest() {}

  public static Manifest of(Descriptor config, List<Descriptor> layers) {
    return Manifest.ofArtifact(CONFIG.name(), config, layers);
  }

  /// Whether a manifest is that of a step cache.
  public static boolean is(Manifest manifest) {
    return manifest.config().mediaType().equals(CONFIG);
  }

  /// A layer with what its plain tar is.
  public static Descriptor layer(Descriptor layer, Digest diffId) {
    var annotations = new TreeMap<String, String>();
    annotations.put(DIFF_ID, diffId.toString());
    return layer.bare().withAnnotations(annotations);
  }

  /// The digest of the plain tar of a layer; empty for any other blob.
  public static Optional<Digest> diffId(Descriptor layer) {
    var text = layer.annotations().get(DIFF_ID);
    if (text == null || !layer.mediaType().isLayer()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Digest.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
