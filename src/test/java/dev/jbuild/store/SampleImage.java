package dev.jbuild.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.History;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;

/// An image of one plain layer, in a store.
record SampleImage(Descriptor manifest, Digest config, Digest layer) {

  /// Puts it there; another `content` makes another image.
  static SampleImage put(Store store, String content) throws IOException {
    var bytes = ("layer of " + content).getBytes(UTF_8);
    var layer = store.blobs().put(bytes);
    var config =
        ImageConfig.scratch(new Platform("linux", "amd64", ""))
            .withAuthor(content)
            .withLayers(List.of(layer), List.<History>of());
    store.blobs().put(config.bytes());
    var manifest =
        Manifest.of(
            config.descriptor(),
            List.of(new Descriptor(MediaType.OCI_LAYER, layer, bytes.length)),
            new TreeMap<>());
    store.blobs().put(manifest.bytes());
    return new SampleImage(manifest.descriptor(), config.digest(), layer);
  }

  List<Digest> blobs() {
    return List.of(manifest.digest(), config, layer);
  }
}
