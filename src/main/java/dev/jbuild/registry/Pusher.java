package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.Reference;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Sends images of the store to registries.
///
/// What the other side has is not sent. Layers that lie plain are compressed while they are sent,
/// and what came out is remembered: the next push of the same layer compresses nothing that the
/// registry has. Blobs go before the manifests that name them, and the tag comes last.
public final class Pusher implements AutoCloseable {

  private static final int DEEPEST = 5;

  private final Store store;
  private final Registries registries;
  private final PlainLayers plain;
  private final Transfers listener;

  /// What was seen to be where, by `host/path`: one image often has several tags.
  private final Map<String, Set<Digest>> present = new ConcurrentHashMap<>();

  private boolean attachesIndexes;

  /// @param compression of layers that lie plain: NONE, GZIP or ZSTD
  /// @param level of it, or none for the usual one
  /// @param threads that compress a layer; no influence on its bytes
  public Pusher(
      Store store,
      Registries registries,
      Compression compression,
      OptionalInt level,
      int threads,
      Transfers listener) {
    this.store = store;
    this.registries = registries;
    this.plain = new PlainLayers(store, compression, level, threads);
    this.listener = listener;
  }

  /// Has the indexes of layers attached to the images that are pushed, where a registry lists
  /// referrers.
  public void attachIndexes() {
    attachesIndexes = true;
  }

  /// Sends an image with all that it names, and gives it its tag there.
  ///
  /// @return what it is in the registry: a manifest with plain layers is another there
  /// @throws BuildFailure REGISTRY if the registry does not take it
  public Descriptor push(Descriptor image, Reference target)
      throws IOException, InterruptedException {
    var name = target.tag().or(() -> target.digest().map(Digest::toString)).orElse("latest");
    return push(image, target, Optional.of(name));
  }

  /// The same without a tag: there it is known by its digest alone.
  ///
  /// @param target says the repository only
  public Descriptor pushUntagged(Descriptor image, Reference target)
      throws IOException, InterruptedException {
    return push(image, target, Optional.empty());
  }

  private Descriptor push(Descriptor image, Reference target, Optional<String> tag)
      throws IOException, InterruptedException {
    store.lease().keep(image.digest()); // with all that it names
    try {
      return new Push(registries.repository(target), target).send(image.bare(), tag, 0);
    } catch (ImageFormatException e) {
      throw Failures.of(target.familiar() + " cannot be pushed: " + e.getMessage(), e);
    }
  }

  /// One push to one repository.
  private final class Push {
    private final Repository repository;
    private final Scope scope;
    private final Set<Digest> there;
    private final BlobPush blobs;

    Push(Repository repository, Reference target) {
      this.repository = repository;
      this.scope = Scope.push(repository.path());
      this.there =
          present.computeIfAbsent(repository.toString(), _ -> ConcurrentHashMap.newKeySet());
      this.blobs = new BlobPush(store, plain, listener, repository, target, there);
    }

    Descriptor send(Descriptor image, Optional<String> tag, int depth)
        throws IOException, InterruptedException {
      if (depth > DEEPEST) {
        throw new ImageFormatException("an index is nested deeper than " + DEEPEST + " levels");
      }
      var bytes = store.blobs().read(image.digest(), Json.DOCUMENT_LIMIT);
      if (image.mediaType().isIndex()) {
        return index(Index.parse(bytes, image.mediaType()), tag, depth);
      }
      return manifest(Manifest.parse(bytes, image.mediaType()), tag);
    }

    /// Manifests that the store lacks, since only some platforms were pulled, may be there already;
    /// else they are left out.
    private Descriptor index(Index index, Optional<String> tag, int depth)
        throws IOException, InterruptedException {
      var sent = new HashMap<Digest, Descriptor>();
      for (var child : index.manifests()) {
        if (store.blobs().contains(child.digest())) {
          sent.put(child.digest(), send(child, Optional.empty(), depth + 1));
        } else if (repository.claimedDigest(child.digest().toString()).isPresent()) {
          sent.put(child.digest(), child);
        }
      }
      if (sent.isEmpty() && !index.manifests().isEmpty()) {
        throw new ImageFormatException("none of the manifests of " + index + " is in the store");
      }
      var leaving = index.with(index.mediaType(), sent);
      put(leaving.descriptor(), leaving.bytes(), tag);
      return leaving.descriptor();
    }

    private Descriptor manifest(Manifest manifest, Optional<String> tag)
        throws IOException, InterruptedException {
      var layers = new LayerPlan(store, plain.compression(), manifest);
      var workers = new Workers();
      workers.forEach(layers.all(), each -> layers.done(each, blobs.send(each)));
      var leaving = layers.rewritten(manifest);
      put(leaving.descriptor(), leaving.bytes(), tag);
      if (attachesIndexes && layers.config().isPresent()) {
        attach(leaving.descriptor(), layers.config().get());
      }
      return leaving.descriptor();
    }

    /// The image is there: that its indexes are not is worth a warning at most.
    private void attach(Descriptor image, ImageConfig config)
        throws IOException, InterruptedException {
      if (!there.add(image.digest())) {
        return; // under another tag
      }
      try {
        new IndexAttachment(store, repository, scope, listener).attach(image, config);
      } catch (BuildFailure e) {
        registries.warn(
            "the indexes of its layers are not attached: "
                + e.message()
                + " (--no-layer-indexes, or layer-indexes=false of -o, does not try)");
      }
    }

    private void put(Descriptor document, byte[] bytes, Optional<String> tag)
        throws IOException, InterruptedException {
      repository.put(new Document(document, bytes), tag.orElse(document.digest().toString()));
    }
  }

  /// Removes what was temporary.
  @Override
  public void close() throws IOException {
    plain.close();
  }
}
