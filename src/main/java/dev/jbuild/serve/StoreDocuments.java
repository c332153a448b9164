package dev.jbuild.serve;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.MediaType;
import dev.jbuild.store.MissingBlobException;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// The manifests and indexes of the store's repositories. What they name is remembered, their
/// bytes are not: a repository may have more of them than the heap holds. Safe for use by many
/// threads.
final class StoreDocuments {

  private static final int MOST_DOCUMENTS = 10_000;

  /// Manifests that the indexes of one repository may name; they may be elsewhere.
  private static final int MOST_NAMED = 100_000;

  /// So many outlines and digests in them are remembered; one takes some 130 bytes.
  private static final int MOST_REMEMBERED = 250_000;

  private final StoreImages images;
  private final Map<Descriptor, Outline> remembered = new HashMap<>();
  private int weight;

  StoreDocuments(StoreImages images) {
    this.images = images;
  }

  /// What a manifest or an index names.
  ///
  /// @param blobs config and layers; empty for an index
  /// @param manifests of an index, those that can be in the store
  record Outline(
      Descriptor descriptor,
      List<ContentDigest> blobs,
      List<Descriptor> manifests,
      Optional<ContentDigest> subject) {

    private static Outline of(Document document, Descriptor descriptor) {
      var manifests = new ArrayList<Descriptor>();
      for (var link : document.manifests()) {
        var type = new MediaType(link.mediaType());
        var digest = StoreContent.find(link.digest());
        if (isDocument(type) && digest.isPresent()) {
          manifests.add(new Descriptor(type, digest.get(), link.size()));
        }
      }
      return new Outline(
          descriptor.bare(),
          document.blobs().stream().map(Link::digest).toList(),
          List.copyOf(manifests),
          document.subject());
    }

    Digest digest() {
      return descriptor.digest();
    }

    private int weight() {
      return 1 + blobs.size() + manifests.size();
    }
  }

  private static boolean isDocument(MediaType type) {
    return type.isIndex() || type.isManifest();
  }

  /// Looks at the manifests and indexes of a repository, and at what they name in turn.
  void each(Store store, RepositoryName name, Consumer<Outline> looking) throws IOException {
    var _ =
        first(
            store,
            name,
            outline -> {
              looking.accept(outline);
              return false;
            });
  }

  /// The first of them that is `wanted`. No more than one that is not remembered is in memory.
  Optional<Outline> first(Store store, RepositoryName name, Predicate<Outline> wanted)
      throws IOException {
    var named = new HashSet<Digest>();
    var pending = new ArrayDeque<Descriptor>();
    for (var entry : images.entries(store, name)) {
      if (named.add(entry.descriptor().digest())) {
        pending.add(entry.descriptor());
      }
    }
    int most = named.size() + MOST_NAMED;
    for (int found = 0; !pending.isEmpty() && found < MOST_DOCUMENTS; ) {
      var outline = outline(store, pending.remove());
      if (outline.isEmpty()) {
        continue;
      }
      if (wanted.test(outline.get())) {
        return outline;
      }
      found++;
      for (var child : outline.get().manifests()) {
        if (named.size() < most && named.add(child.digest())) {
          pending.add(child);
        }
      }
    }
    return Optional.empty();
  }

  /// One at a time: a document that is understood takes many times its own size.
  private synchronized Optional<Outline> outline(Store store, Descriptor descriptor)
      throws IOException {
    if (!isDocument(descriptor.mediaType()) || !store.lease().keep(descriptor.digest())) {
      return Optional.empty();
    }
    var known = remembered.get(descriptor.bare());
    if (known != null) {
      return Optional.of(known);
    }
    var read = read(store, descriptor).map(document -> Outline.of(document, descriptor));
    read.ifPresent(this::remember);
    return read;
  }

  private void remember(Outline outline) {
    if (weight + outline.weight() > MOST_REMEMBERED) {
      remembered.clear();
      weight = 0;
    }
    remembered.put(outline.descriptor(), outline);
    weight += outline.weight();
  }

  /// What the store has under the descriptor of a manifest or an index, unless it is damaged.
  static Optional<Document> read(Store store, Descriptor descriptor) throws IOException {
    try {
      var bytes = store.blobs().read(descriptor.digest(), Document.LARGEST);
      var digest = StoreContent.content(descriptor.digest());
      return Optional.of(Document.kept(bytes, digest, descriptor.mediaType()));
    } catch (MissingBlobException | ImageFormatException e) {
      return Optional.empty(); // jbuild store check says what is wrong
    }
  }
}
