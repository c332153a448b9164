package dev.jbuild.archive;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.tar.TarLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/// What tests of [ImageReader] have in common: a layout in the making, a store, a reader.
class ReaderBench extends StoreBench {

  static final String LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}";
  ImageReader reader;

  @BeforeEach
  void openReader() {
    reader = new ImageReader(store, TarLimits.DEFAULT);
  }

  List<NamedImage> load(byte[] archive) throws IOException {
    return reader.load(new ByteArrayInputStream(archive));
  }

  String refused(byte[] archive) throws IOException {
    var message = String.valueOf(assertThrows(IOException.class, () -> load(archive)).getMessage());
    assertTrue(store.references().find(Samples.APP.full()).isEmpty(), "a name was set");
    return message;
  }

  Manifest manifest(NamedImage image) throws IOException {
    var bytes = store.blobs().read(image.descriptor().digest(), Json.DOCUMENT_LIMIT);
    return Manifest.parse(bytes, image.descriptor().mediaType());
  }

  /// A layout with the entries in index.json and the blobs.
  static TarForge layout(List<Descriptor> entries, byte[]... blobs) {
    var tar =
        new TarForge()
            .file("oci-layout", LAYOUT)
            .file("index.json", Index.of(entries, Map.of()).bytes());
    for (var blob : blobs) {
      tar.file("blobs/sha256/" + Digest.of(blob).hex(), blob);
    }
    return tar;
  }

  static Descriptor named(Descriptor image) {
    return image.withAnnotations(Map.of("io.containerd.image.name", Samples.APP.full()));
  }

  /// A layout with one image, `app:1`, of one plain layer; `blobs` are what it really holds.
  static byte[] app(Manifest manifest, byte[]... blobs) {
    return layout(List.of(named(manifest.descriptor())), blobs).bytes();
  }

  static Manifest plain(ImageConfig config, byte[]... layers) {
    var descriptors = new ArrayList<Descriptor>();
    for (var layer : layers) {
      descriptors.add(Samples.blob(MediaType.OCI_LAYER, layer));
    }
    return Samples.manifest(config, descriptors);
  }

  static String hex(byte[] bytes) {
    return Digest.of(bytes).hex();
  }

  static String dockerManifest(String config, String tags, String... layers) {
    return "[{\"Config\":\""
        + config
        + "\",\"RepoTags\":"
        + tags
        + ",\"Layers\":[\""
        + String.join("\",\"", layers)
        + "\"]}]";
  }
}
