package dev.jbuild.archive;

import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Reference;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarLimits;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Reads the images that a docker archive's manifest.json names; their manifests are made here.
final class DockerImages {

  private static final String WHAT = ArchiveContents.DOCKER_MANIFEST;
  private static final int HEX = 64;

  private final Store store;
  private final TarLimits limits;
  private final LayerCheck layerCheck;
  private final ArchiveContents contents;

  DockerImages(Store store, TarLimits limits, LayerCheck layerCheck, ArchiveContents contents) {
    this.store = store;
    this.limits = limits;
    this.layerCheck = layerCheck;
    this.contents = contents;
  }

  /// The images, whose configs and layers are in the store by now.
  List<NamedImage> read(byte[] manifestJson) throws IOException {
    var images = new ArrayList<NamedImage>();
    for (var entry : entries(manifestJson)) {
      images.add(image(entry));
    }
    return images;
  }

  /// The names of the image whose config is `config`.
  List<Reference> names(byte[] manifestJson, Digest config) throws IOException {
    for (var entry : entries(manifestJson)) {
      if (contents.file(entry.requiredString("Config")).digest().equals(config)) {
        return names(entry);
      }
    }
    return List.of();
  }

  private static List<JsonObject> entries(byte[] manifestJson) throws ImageFormatException {
    if (!(Json.parse(manifestJson, WHAT) instanceof List<?> list)) {
      throw new ImageFormatException(WHAT + " is not an array");
    }
    var entries = new ArrayList<JsonObject>();
    for (Object element : list) {
      entries.add(JsonObject.of(element, WHAT + "[" + entries.size() + "]"));
    }
    return entries;
  }

  private static List<Reference> names(JsonObject entry) throws ImageFormatException {
    var names = new ArrayList<Reference>();
    for (var tag : entry.strings("RepoTags")) {
      Names.of(tag, entry.what()).ifPresent(names::add);
    }
    return names;
  }

  private NamedImage image(JsonObject entry) throws IOException {
    var configName = entry.requiredString("Config");
    var configFile = contents.file(configName);
    checkName(configName, configFile.digest());
    var config = ImageConfig.parse(store.blobs().read(configFile.digest(), Json.DOCUMENT_LIMIT));
    var paths = entry.strings("Layers");
    config.check(paths.size());
    var layers = new ArrayList<Descriptor>();
    for (int i = 0; i < paths.size(); i++) {
      layers.add(layer(contents.file(paths.get(i)), config.diffIds().get(i)));
    }
    var manifest = Manifest.of(config.descriptor(), layers, new TreeMap<>());
    layerCheck.check(manifest, config);
    store.blobs().put(manifest.bytes());
    return new NamedImage(manifest.descriptor(), names(entry));
  }

  /// A config called by its digest must have it: `HEX.json`, `sha256:HEX`, `blobs/sha256/HEX`.
  private static void checkName(String name, Digest found) throws ImageFormatException {
    var bare = name.endsWith(".json") ? name.substring(0, name.length() - 5) : name;
    bare = bare.substring(Math.max(bare.lastIndexOf('/'), bare.lastIndexOf(':')) + 1);
    boolean digest =
        bare.length() == HEX && bare.chars().allMatch(c -> Character.digit(c, 16) >= 0);
    if (digest && !bare.equals(found.hex())) {
      throw new ImageFormatException(
          WHAT + ": the config " + Printable.of(name) + " has the digest " + found);
    }
  }

  private Descriptor layer(Descriptor file, Digest diffId) throws IOException {
    if (file.digest().equals(diffId)) {
      return new Descriptor(MediaType.OCI_LAYER, file.digest(), file.size());
    }
    var compression = detect(file.digest());
    return switch (compression) {
      case NONE, GZIP, ZSTD ->
          new Descriptor(LayerType.of(compression), file.digest(), file.size());
      case XZ, BZIP2 -> inflate(file.digest(), compression);
    };
  }

  private Compression detect(Digest blob) throws IOException {
    try (InputStream in = store.blobs().open(blob)) {
      return Compression.detect(in.readNBytes(Compression.MAGIC_LENGTH));
    }
  }

  /// Docker loads such layers, no registry takes them: they are kept plain.
  private Descriptor inflate(Digest blob, Compression compression) throws IOException {
    try (InputStream in = store.blobs().open(blob);
        InputStream plain = compression.decompress(in, limits)) {
      var stored = ArchiveContents.put(store, plain);
      return new Descriptor(MediaType.OCI_LAYER, stored.digest(), stored.size());
    }
  }
}
