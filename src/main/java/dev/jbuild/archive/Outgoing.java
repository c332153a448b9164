package dev.jbuild.archive;

import dev.jbuild.image.CacheManifest;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// All blobs of the images that leave the store, each once, with their manifests rewritten where a
/// layer changes its form on the way out.
final class Outgoing implements AutoCloseable {

  private static final int DEEPEST = 5;

  private final Store store;
  private final OutgoingLayers outgoingLayers;
  private final TreeMap<Digest, OutgoingBlob> documents = new TreeMap<>();
  private final TreeMap<Digest, OutgoingBlob> layers = new TreeMap<>();
  private final Map<Digest, Manifest> manifests = new HashMap<>();
  private final Map<Descriptor, Descriptor> left = new HashMap<>();

  /// @param usual the compression of plain layers if `packing` does not say
  Outgoing(Store store, Packing packing, Compression usual) {
    this.store = store;
    this.outgoingLayers = new OutgoingLayers(store, packing, usual);
  }

  /// Adds an image with all that it names; again, it is only told what leaves.
  ///
  /// @return what leaves, which is `image` itself if nothing changes its form
  /// @throws IOException also if a blob of it is not in the store
  Descriptor add(Descriptor image) throws IOException {
    store.remote().complete(image.digest());
    return add(image, 0);
  }

  private Descriptor add(Descriptor image, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new ImageFormatException(
          "index " + image.digest() + " is nested deeper than " + DEEPEST + " levels");
    }
    var known = left.get(image);
    if (known == null) {
      known = prepare(image, depth);
      left.put(image, known);
    }
    return known;
  }

  private Descriptor prepare(Descriptor image, int depth) throws IOException {
    if (image.mediaType().isIndex()) {
      return addIndex(image, depth);
    }
    if (image.mediaType().isManifest()) {
      return addManifest(image);
    }
    stored(documents, image);
    return image;
  }

  /// Manifests for other platforms that the store does not hold are left out of the index.
  private Descriptor addIndex(Descriptor image, int depth) throws IOException {
    var index = Index.parse(read(image), image.mediaType());
    var became = new HashMap<Digest, Descriptor>();
    for (var child : index.manifests()) {
      if (store.blobs().contains(child.digest())) {
        became.put(child.digest(), add(child, depth + 1));
      }
    }
    if (became.isEmpty() && !index.manifests().isEmpty()) {
      throw new ImageFormatException("none of the manifests of " + index + " is in the store");
    }
    var rewritten = index.with(MediaType.OCI_INDEX, became);
    if (rewritten.equals(index)) {
      stored(documents, image);
      return image;
    }
    document(rewritten.descriptor(), rewritten.bytes());
    return like(image, rewritten.descriptor());
  }

  private Descriptor addManifest(Descriptor image) throws IOException {
    var manifest = Manifest.parse(read(image), image.mediaType());
    stored(documents, manifest.config());
    var changed = new ArrayList<Descriptor>();
    if (CacheManifest.is(manifest)) {
      for (var layer : manifest.layers()) {
        var diffId = CacheManifest.diffId(layer);
        var leaves = addLayer(layer, diffId.orElse(layer.digest()));
        changed.add(diffId.map(each -> CacheManifest.layer(leaves, each)).orElse(leaves));
      }
    } else if (manifest.config().mediaType().isConfig()) {
      var config = ImageConfig.parse(read(manifest.config()));
      config.check(manifest.layers().size());
      for (int i = 0; i < manifest.layers().size(); i++) {
        changed.add(addLayer(manifest.layers().get(i), config.diffIds().get(i)));
      }
    } else {
      manifest.layers().forEach(layer -> stored(layers, layer)); // an artifact: never repacked
      return unchanged(image, manifest);
    }
    if (changed.equals(manifest.layers())) {
      return unchanged(image, manifest);
    }
    var rewritten = rewritten(manifest, changed);
    document(rewritten.descriptor(), rewritten.bytes());
    manifests.put(rewritten.digest(), rewritten);
    return like(image, rewritten.descriptor());
  }

  private Descriptor addLayer(Descriptor layer, Digest diffId) throws IOException {
    if (!layer.mediaType().isLayer()) {
      stored(layers, layer);
      return layer;
    }
    var outgoing = outgoingLayers.prepare(layer, diffId);
    layers.putIfAbsent(outgoing.descriptor().digest(), outgoing);
    return outgoing.descriptor();
  }

  private Descriptor unchanged(Descriptor image, Manifest manifest) {
    stored(documents, image);
    manifests.put(image.digest(), manifest);
    return image;
  }

  private static Manifest rewritten(Manifest manifest, List<Descriptor> layers) {
    return manifest.with(asOci(manifest.config()), layers.stream().map(Outgoing::asOci).toList());
  }

  private static Descriptor asOci(Descriptor descriptor) {
    return descriptor.withBlob(
        descriptor.mediaType().oci(), descriptor.digest(), descriptor.size());
  }

  private static Descriptor like(Descriptor original, Descriptor changed) {
    return original.withBlob(changed.mediaType(), changed.digest(), changed.size());
  }

  private void document(Descriptor descriptor, byte[] bytes) {
    documents.put(
        descriptor.digest(), new OutgoingBlob(descriptor, new OutgoingBlob.Document(bytes)));
  }

  private static void stored(Map<Digest, OutgoingBlob> blobs, Descriptor descriptor) {
    blobs.putIfAbsent(descriptor.digest(), new OutgoingBlob(descriptor, new OutgoingBlob.Stored()));
  }

  private byte[] read(Descriptor document) throws IOException {
    return store.blobs().read(document.digest(), Json.DOCUMENT_LIMIT);
  }

  /// The manifest that leaves under `digest`.
  Manifest manifest(Digest digest) {
    var manifest = manifests.get(digest);
    if (manifest == null) {
      throw new IllegalArgumentException("no manifest " + digest + " leaves");
    }
    return manifest;
  }

  /// Manifests, indexes and configs, sorted by digest.
  Collection<OutgoingBlob> documents() {
    return documents.values();
  }

  /// Layers, sorted by digest.
  Collection<OutgoingBlob> layers() {
    return layers.values();
  }

  Store store() {
    return store;
  }

  /// Removes the temporary files.
  @Override
  public void close() throws IOException {
    outgoingLayers.close();
  }
}
