package dev.jbuild.archive;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Brings the images of a layout's index.json into the store, blob by blob, all of it checked.
final class OciImages {

  private static final int DEEPEST = 5;

  private final Store store;
  private final LayerCheck layerCheck;
  private final Blobs blobs;
  private final Map<Descriptor, Optional<Descriptor>> seen = new HashMap<>();

  /// Where blobs come from that the store does not have yet.
  interface Blobs {
    Optional<InputStream> open(Digest digest) throws IOException;
  }

  OciImages(Store store, LayerCheck layerCheck, Blobs blobs) {
    this.store = store;
    this.layerCheck = layerCheck;
    this.blobs = blobs;
  }

  /// The images of `entries`, each with its name if it has one.
  ///
  /// @throws IOException also if an image is not whole, or not what its descriptor says
  List<NamedImage> read(List<Descriptor> entries) throws IOException {
    var images = new ArrayList<NamedImage>();
    for (var entry : entries) {
      var image = image(entry, 0);
      if (image.isEmpty()) {
        throw missing(LayoutFiles.INDEX, entry);
      }
      var nameless = LayoutFiles.nameless(image.get());
      images.add(new NamedImage(nameless, Names.of(entry).stream().toList()));
    }
    return images;
  }

  /// What of `wanted` is there: itself, or of an index whose manifests are not all there the rest.
  private Optional<Descriptor> image(Descriptor wanted, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new ImageFormatException("an index is nested deeper than " + DEEPEST + " levels");
    }
    var key = wanted.bare();
    var found = seen.get(key);
    if (found == null) {
      found = fetch(key) ? Optional.of(read(key, depth)) : Optional.empty();
      seen.put(key, found);
    }
    return found.map(there -> wanted.withBlob(there.mediaType(), there.digest(), there.size()));
  }

  private Descriptor read(Descriptor wanted, int depth) throws IOException {
    if (wanted.mediaType().isIndex()) {
      return index(wanted, depth);
    }
    if (wanted.mediaType().isManifest()) {
      manifest(wanted);
    }
    return wanted;
  }

  /// Docker and containerd save the whole index of an image of which they hold one platform only.
  private Descriptor index(Descriptor wanted, int depth) throws IOException {
    var index = Index.parse(document(wanted), wanted.mediaType());
    var present = new ArrayList<Descriptor>();
    for (var child : index.manifests()) {
      image(child, depth + 1).ifPresent(present::add);
    }
    if (present.equals(index.manifests())) {
      return wanted;
    }
    if (present.isEmpty()) {
      throw missing(index.toString(), index.manifests().getFirst());
    }
    var rest = Index.of(index.mediaType(), present, index.annotations());
    store.blobs().put(rest.bytes());
    return rest.descriptor();
  }

  private void manifest(Descriptor wanted) throws IOException {
    var manifest = Manifest.parse(document(wanted), wanted.mediaType());
    require(manifest.toString(), manifest.config());
    for (var layer : manifest.layers()) {
      require(manifest.toString(), layer);
    }
    if (manifest.config().mediaType().isConfig()) {
      layerCheck.check(manifest, ImageConfig.parse(document(manifest.config())));
    }
  }

  private byte[] document(Descriptor descriptor) throws IOException {
    return store.blobs().read(descriptor.digest(), Json.DOCUMENT_LIMIT);
  }

  private void require(String owner, Descriptor wanted) throws IOException {
    if (!fetch(wanted)) {
      throw missing(owner, wanted);
    }
  }

  private static ImageFormatException missing(String owner, Descriptor wanted) {
    return new ImageFormatException(owner + " names " + wanted.digest() + ", which is not there");
  }

  /// Whether the store has the blob now.
  private boolean fetch(Descriptor wanted) throws IOException {
    if (!store.lease().keep(wanted.digest())) {
      var source = blobs.open(wanted.digest());
      if (source.isEmpty()) {
        return false;
      }
      try (var in = source.get()) {
        store.blobs().put(wanted, in);
      }
    }
    long size = store.blobs().size(wanted.digest());
    if (size != wanted.size()) {
      throw new ImageFormatException(
          wanted.digest() + " has " + size + " bytes but its descriptor says " + wanted.size());
    }
    return true;
  }
}
