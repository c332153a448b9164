package dev.jbuild.registry;

import dev.jbuild.image.CacheManifest;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The blobs of one manifest, and what each becomes when it is pushed. Results may come from many
/// threads.
final class LayerPlan {

  private final Store store;
  private final Compression compression;
  private final Map<Digest, Outgoing> outgoing = new LinkedHashMap<>();
  private final Map<Digest, Descriptor> became = new ConcurrentHashMap<>();
  private final Optional<ImageConfig> config;

  /// @param compression of layers that lie plain
  /// @throws dev.jbuild.image.ImageFormatException if manifest and config do not fit
  LayerPlan(Store store, Compression compression, Manifest manifest) throws IOException {
    this.store = store;
    this.compression = compression;
    boolean image = manifest.config().mediaType().isConfig();
    List<Digest> diffIds = List.of();
    if (image) {
      var bytes = store.blobs().read(manifest.config().digest(), Json.DOCUMENT_LIMIT);
      config = Optional.of(ImageConfig.parse(bytes));
      config.get().check(manifest.layers().size());
      diffIds = config.get().diffIds();
    } else {
      config = Optional.empty();
    }
    boolean cache = CacheManifest.is(manifest);
    add("config", manifest.config(), Optional.empty(), false);
    for (int i = 0; i < manifest.layers().size(); i++) {
      var layer = manifest.layers().get(i);
      var diffId =
          image
              ? Optional.of(diffIds.get(i))
              : cache ? CacheManifest.diffId(layer) : Optional.<Digest>empty();
      add("layer", layer, diffId, diffId.isPresent());
    }
  }

  private void add(String kind, Descriptor blob, Optional<Digest> diffId, boolean mayChange) {
    // One that is elsewhere goes as it is there: who has it need not be sent another form.
    boolean plain = LayerKind.isPlain(blob.mediaType()) && store.blobs().contains(blob.digest());
    boolean changes = mayChange && plain && compression != Compression.NONE;
    outgoing.putIfAbsent(
        blob.digest(),
        new Outgoing(kind, blob, changes ? Optional.of(blob.digest()) : diffId, changes));
  }

  /// The config, if the manifest is of an image.
  Optional<ImageConfig> config() {
    return config;
  }

  List<Outgoing> all() {
    return List.copyOf(outgoing.values());
  }

  void done(Outgoing blob, Descriptor result) {
    became.put(blob.descriptor().digest(), result);
  }

  /// The manifest with the layers as they are in the registry.
  Manifest rewritten(Manifest manifest) {
    if (outgoing.values().stream().noneMatch(Outgoing::changes)) {
      return manifest;
    }
    return manifest.with(
        inOci(manifest.config()),
        manifest.layers().stream().map(this::after).map(LayerPlan::inOci).toList());
  }

  private Descriptor after(Descriptor layer) {
    var result = became.getOrDefault(layer.digest(), layer);
    return layer.withBlob(result.mediaType(), result.digest(), result.size());
  }

  private static Descriptor inOci(Descriptor blob) {
    return blob.withBlob(blob.mediaType().oci(), blob.digest(), blob.size());
  }
}
