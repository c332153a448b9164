package dev.jbuild.serve;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.MediaType;
import dev.jbuild.store.MissingBlobException;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The manifests and indexes of the store's repositories; small ones are remembered. Safe for use
/// by many threads.
final class StoreDocuments {

  private static final int MOST_DOCUMENTS = 10_000;

  /// Documents that are remembered: so many, none larger.
  private static final int MOST_REMEMBERED = 1000;
  private static final int LARGEST_REMEMBERED = 16 << 10;

  private final StoreImages images;
  private final Map<Descriptor, Document> remembered = new ConcurrentHashMap<>();

  StoreDocuments(StoreImages images) {
    this.images = images;
  }

  /// The manifests and indexes of a repository by digest, with what they name in turn.
  Map<Digest, Document> of(Store store, RepositoryName name) throws IOException {
    var found = new LinkedHashMap<Digest, Document>();
    var pending = new ArrayDeque<Descriptor>();
    images.entries(store, name).forEach(entry -> pending.add(entry.descriptor()));
    while (!pending.isEmpty() && found.size() < MOST_DOCUMENTS) {
      var descriptor = pending.remove();
      if (found.containsKey(descriptor.digest())) {
        continue;
      }
      var document = read(store, descriptor);
      if (document.isPresent()) {
        found.put(descriptor.digest(), document.get());
        document.get().manifests().stream().map(StoreDocuments::descriptor).forEach(pending::add);
      }
    }
    return found;
  }

  private static Descriptor descriptor(Link link) {
    var type = new MediaType(link.mediaType());
    return new Descriptor(type, StoreContent.sha256(link.digest()), link.size());
  }

  /// What the store has under a descriptor, if that is a manifest or an index.
  private Optional<Document> read(Store store, Descriptor descriptor) throws IOException {
    boolean readable = descriptor.mediaType().isIndex() || descriptor.mediaType().isManifest();
    if (!readable || !store.lease().keep(descriptor.digest())) {
      return Optional.empty();
    }
    var known = remembered.get(descriptor.bare());
    if (known != null) {
      return Optional.of(known);
    }
    try {
      var bytes = store.blobs().read(descriptor.digest(), Document.LARGEST);
      var digest = StoreContent.content(descriptor.digest());
      var document = Document.kept(bytes, digest, descriptor.mediaType());
      if (bytes.length <= LARGEST_REMEMBERED) {
        if (remembered.size() >= MOST_REMEMBERED) {
          remembered.clear();
        }
        remembered.put(descriptor.bare(), document);
      }
      return Optional.of(document);
    } catch (MissingBlobException | ImageFormatException e) {
      return Optional.empty(); // jbuild store check says what is wrong
    }
  }
}
