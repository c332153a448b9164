package dev.jbuild.build;

import dev.jbuild.image.CacheManifest;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import dev.jbuild.registry.Puller;
import dev.jbuild.store.BlobOrigin;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Reads shared caches: manifest and config; all other blobs stay where they are.
final class CacheReader {

  private final Store store;
  private final Puller puller;

  /// How the documents of a place are read, and where its blobs are.
  private record Reading(
      CachePlace place, Documents documents, Function<Descriptor, BlobOrigin> origin) {}

  /// Verified bytes.
  private interface Documents {
    byte[] read(Descriptor wanted, int most) throws IOException;
  }

  CacheReader(Store store, Puller puller) {
    this.store = store;
    this.puller = puller;
  }

  /// Reads what is at a place: one cache, or several if it is an image for several platforms.
  ///
  /// @throws dev.jbuild.failure.BuildFailure if it cannot be reached, or there is nothing
  /// @throws ImageFormatException if it is no cache that this jbuild understands
  List<SharedCache> read(CachePlace place, List<Platform> platforms)
      throws IOException, InterruptedException {
    return switch (place) {
      case CachePlace.Registry registry -> read(registry, platforms);
      case CachePlace.Layout layout -> read(layout, platforms);
    };
  }

  private List<SharedCache> read(CachePlace.Registry place, List<Platform> platforms)
      throws IOException, InterruptedException {
    var found = puller.find(place.name());
    var root = found.descriptor();
    if (root.mediaType().isIndex()) {
      for (var platform : platforms) {
        puller.describe(found, Optional.of(platform));
      }
    } else {
      puller.describe(found, Optional.empty());
    }
    var reading =
        new Reading(
            place,
            (wanted, most) -> store.blobs().read(wanted.digest(), most),
            blob -> BlobOrigin.Repository.of(blob, place.name()));
    return caches(reading, root, platforms);
  }

  private List<SharedCache> read(CachePlace.Layout place, List<Platform> platforms)
      throws IOException {
    var index =
        Index.parse(
            file(place.directory().resolve("index.json"), Json.DOCUMENT_LIMIT),
            MediaType.OCI_INDEX);
    var root =
        index.manifests().stream()
            .filter(
                each ->
                    place.digest().isPresent()
                        ? each.digest().equals(place.digest().get())
                        : place.tag().equals(each.annotations().get(Descriptor.REF_NAME)))
            .findFirst()
            .orElseThrow(
                () ->
                    new ImageFormatException(
                        "it has no "
                            + place.digest().map(Digest::toString).orElse("tag " + place.tag())));
    var reading =
        new Reading(
            place,
            (wanted, most) -> blob(place.directory(), wanted, most),
            blob -> new BlobOrigin.OciLayout(blob, place.directory()));
    return caches(reading, root.bare(), platforms);
  }

  private static byte[] blob(Path layout, Descriptor wanted, int most) throws IOException {
    var name = wanted.digest().hex();
    var bytes = file(layout.resolve("blobs").resolve("sha256").resolve(name), most);
    if (!Digest.of(bytes).equals(wanted.digest())) {
      throw new ImageFormatException(wanted.digest() + " is another than its name says");
    }
    return bytes;
  }

  private static byte[] file(Path file, int most) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new NoSuchFileException(file.toString(), null, "it is not there");
    }
    try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      var bytes = in.readNBytes(most + 1);
      if (bytes.length > most) {
        throw new ImageFormatException(file.getFileName() + " is larger than " + most + " bytes");
      }
      return bytes;
    }
  }

  private static List<SharedCache> caches(
      Reading reading, Descriptor root, List<Platform> platforms) throws IOException {
    if (!root.mediaType().isIndex()) {
      return List.of(cache(reading, root));
    }
    var bytes = reading.documents.read(root, Json.DOCUMENT_LIMIT);
    var index = Index.parse(bytes, root.mediaType());
    var caches = new ArrayList<SharedCache>();
    for (var platform : platforms) {
      caches.add(cache(reading, index.select(platform).bare()));
    }
    return caches;
  }

  private static SharedCache cache(Reading reading, Descriptor root) throws IOException {
    var bytes = reading.documents.read(root, Json.DOCUMENT_LIMIT);
    var manifest = Manifest.parse(bytes, root.mediaType());
    if (CacheManifest.is(manifest)) {
      return artifact(reading, manifest);
    }
    var inline = manifest.annotations().get(CacheManifest.INLINE);
    if (inline == null || !manifest.config().mediaType().isConfig()) {
      throw new ImageFormatException("it holds no cache of jbuild's");
    }
    return inImage(reading, manifest, inline);
  }

  private static SharedCache artifact(Reading reading, Manifest manifest) throws IOException {
    if (manifest.config().size() > CacheDocument.MOST_BYTES) {
      throw new ImageFormatException("its records are larger than any that jbuild writes");
    }
    var document =
        CacheDocument.parse(reading.documents.read(manifest.config(), CacheDocument.MOST_BYTES));
    var layers = new HashMap<Digest, Descriptor>();
    for (var layer : manifest.layers()) {
      CacheManifest.diffId(layer).ifPresent(diffId -> layers.put(diffId, layer));
    }
    return new SharedCache(reading.place, document, reading.origin, layers, manifest.layers());
  }

  /// The layers of an image, which its config names, and the records beside it.
  private static SharedCache inImage(Reading reading, Manifest manifest, String inline)
      throws IOException {
    var config = ImageConfig.parse(reading.documents.read(manifest.config(), Json.DOCUMENT_LIMIT));
    config.check(manifest.layers().size());
    var layers = new HashMap<Digest, Descriptor>();
    for (int i = 0; i < manifest.layers().size(); i++) {
      if (manifest.layers().get(i).mediaType().isLayer()) {
        layers.put(config.diffIds().get(i), manifest.layers().get(i));
      }
    }
    var document = CacheDocument.parse(CacheDocument.fromText(inline));
    return new SharedCache(reading.place, document, reading.origin, layers, List.of());
  }
}
