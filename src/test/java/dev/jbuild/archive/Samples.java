package dev.jbuild.archive;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.History;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.store.Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/// Small images for tests.
final class Samples {

  static final byte[] ONE = new TarForge().file("one", "1".repeat(5000)).bytes();
  static final byte[] TWO = new TarForge().directory("d").file("d/two", "2").bytes();
  static final Reference APP = Reference.parse("app:1");
  static final Reference WEB = Reference.parse("ghcr.io/me/web:2");

  private Samples() {}

  static byte[] gzip(byte[] bytes) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return out.toByteArray();
  }

  /// The config of an image with these plain layers.
  static ImageConfig config(String architecture, byte[]... plain) {
    var diffIds = new ArrayList<Digest>();
    var history = new ArrayList<History>();
    for (var layer : plain) {
      diffIds.add(Digest.of(layer));
      history.add(new History(null, "COPY", "", "", false));
    }
    return ImageConfig.scratch(new Platform("linux", architecture)).withLayers(diffIds, history);
  }

  static Descriptor blob(MediaType type, byte[] bytes) {
    return new Descriptor(type, Digest.of(bytes), bytes.length);
  }

  static Manifest manifest(ImageConfig config, List<Descriptor> layers) {
    return Manifest.of(config.descriptor(), layers, new TreeMap<>());
  }

  /// Stores an image of plain layers, as a build does.
  static Descriptor built(Store store, String architecture, byte[]... layers) throws IOException {
    return stored(store, config(architecture, layers), MediaType.OCI_LAYER, layers);
  }

  /// Stores an image of compressed layers, as a pull does.
  static Descriptor pulled(Store store, String architecture, byte[]... layers) throws IOException {
    return gzipped(store, architecture, MediaType.OCI_LAYER_GZIP, layers);
  }

  /// The same with a media type that may be wrong.
  static Descriptor gzipped(Store store, String architecture, MediaType type, byte[]... layers)
      throws IOException {
    var packed = new byte[layers.length][];
    for (int i = 0; i < layers.length; i++) {
      packed[i] = gzip(layers[i]);
    }
    return stored(store, config(architecture, layers), type, packed);
  }

  private static Descriptor stored(
      Store store, ImageConfig config, MediaType type, byte[]... layers) throws IOException {
    var descriptors = new ArrayList<Descriptor>();
    for (var layer : layers) {
      store.blobs().put(layer);
      descriptors.add(blob(type, layer));
    }
    store.blobs().put(config.bytes());
    var manifest = manifest(config, descriptors);
    store.blobs().put(manifest.bytes());
    return manifest.descriptor();
  }
}
