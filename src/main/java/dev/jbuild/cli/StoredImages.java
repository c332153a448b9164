package dev.jbuild.cli;

import dev.jbuild.build.Images;
import dev.jbuild.build.ResolvedImage;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.Platform;
import dev.jbuild.store.CorruptBlobException;
import dev.jbuild.store.MissingBlobException;
import dev.jbuild.store.References;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The images of a store as commands speak of them.
final class StoredImages {

  private final Store store;
  private final Images images;

  StoredImages(Store store) {
    this.store = store;
    this.images = new Images(store);
  }

  /// What `text` names or begins the ID of; see [Images#named].
  Descriptor named(String text) throws IOException {
    return images.named(text);
  }

  List<References.Entry> entries() throws IOException {
    return store.references().all();
  }

  /// The image ID: the digest of the config; of an index, or where the manifest is missing or
  /// damaged, the digest of the descriptor itself.
  Digest id(Descriptor image) throws IOException {
    try {
      return images.configDigest(image).orElse(image.digest());
    } catch (MissingBlobException | CorruptBlobException | ImageFormatException e) {
      return image.digest();
    }
  }

  /// What a descriptor stands for, if that is no image.
  Optional<Manifest> artifact(Descriptor descriptor) throws IOException {
    return images.artifact(descriptor);
  }

  /// The entries of the list of images that are this image, each with a name or without.
  List<References.Entry> entries(Digest id) throws IOException {
    var found = new ArrayList<References.Entry>();
    for (var entry : entries()) {
      if (id(entry.descriptor()).equals(id)) {
        found.add(entry);
      }
    }
    return List.copyOf(found);
  }

  /// Of images for several platforms that for `platform` alone, if one is wanted.
  ///
  /// @throws BuildFailure if there is none for it
  Descriptor only(Descriptor image, Optional<Platform> platform) throws IOException {
    if (platform.isEmpty()) {
      return image;
    }
    resolve(image, platform); // or tells what there is
    return images.resolve(image, platform.get()).descriptor();
  }

  /// The manifest and config of an image. Of an index those for `platform`, else for this machine,
  /// else the first that is there.
  ///
  /// @throws BuildFailure if a platform is asked for and the image is for others
  ResolvedImage resolve(Descriptor image, Optional<Platform> platform) throws IOException {
    var wanted = platform.orElseGet(Platform::host);
    var found = image;
    while (found.mediaType().isIndex()) {
      var bytes = store.blobs().read(found.digest(), Json.DOCUMENT_LIMIT);
      var index = Index.parse(bytes, found.mediaType());
      found = platform.isPresent() ? index.select(wanted) : select(index, wanted);
    }
    var resolved = images.resolve(found, wanted);
    var actual = resolved.config().platform();
    if (platform.isPresent() && image.equals(found) && !actual.equals(wanted)) {
      throw BuildFailure.of(
          BuildFailure.Kind.STORE,
          "the image is for " + Printable.of(actual.toString()) + ", not for " + wanted);
    }
    return new ResolvedImage(image, resolved.manifest(), resolved.config());
  }

  /// The images of an index, as far as they are there, or the image itself.
  List<ResolvedImage> all(Descriptor image) throws IOException {
    if (!image.mediaType().isIndex()) {
      return List.of(images.resolve(image, Platform.host()));
    }
    var all = new ArrayList<ResolvedImage>();
    var bytes = store.blobs().read(image.digest(), Json.DOCUMENT_LIMIT);
    for (var part : Index.parse(bytes, image.mediaType()).images()) {
      if (store.blobs().contains(part.digest())) {
        all.addAll(all(part));
      }
    }
    return all;
  }

  private Descriptor select(Index index, Platform wanted) throws IOException {
    var fitting = index.find(wanted);
    if (fitting.isPresent() && store.blobs().contains(fitting.get().digest())) {
      return fitting.get();
    }
    for (var manifest : index.images()) {
      if (store.blobs().contains(manifest.digest())) {
        return manifest;
      }
    }
    return index.select(wanted);
  }
}
