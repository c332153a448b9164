package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.CacheManifest;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.store.BlobOrigin;
import dev.jbuild.store.CompressedForm;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// Brings images from registries into the store.
///
/// Every byte is held against the digest and size that name it, from the manifest down. Layers are
/// kept compressed, as they came. The manifest is stored after all that it names, and the name is
/// given last: whoever finds the name finds the whole image.
public final class Puller {

  private static final int DEEPEST = 5;

  private final Store store;
  private final Registries registries;
  private final Transfers listener;

  public Puller(Store store, Registries registries, Transfers listener) {
    this.store = store;
    this.registries = registries;
    this.listener = listener;
  }

  /// Whether a registry still means by a tag what it meant when `known` was pulled. A digest never
  /// changes its meaning.
  ///
  /// @throws BuildFailure REGISTRY if the registry cannot be asked, or has no such tag
  public boolean isCurrent(Reference reference, Descriptor known)
      throws IOException, InterruptedException {
    if (reference.digest().isPresent()) {
      return true;
    }
    var tag = reference.tag().orElseThrow();
    for (var source : registries.sources(reference)) {
      var claimed = source.claimedDigest(tag);
      if (claimed.isPresent()) {
        return claimed.get().equals(known.digest());
      }
    }
    return false; // the pull says what is wrong
  }

  /// Pulls an image and gives it its name.
  ///
  /// @param platform of an index, only the image for it is brought; empty: all of them
  /// @throws BuildFailure REGISTRY if the registry does not give what it should
  public Pulled pull(Reference reference, Optional<Platform> platform)
      throws IOException, InterruptedException {
    var found = find(reference);
    var pull = new Pull(found, Layers.BROUGHT);
    var image = pull.root(platform);
    name(found);
    return new Pulled(image, pull.fresh.get());
  }

  /// Stores what describes an image: manifest and config, of an index those for `platform` only.
  /// Its layers are left where they are, and come when their bytes are needed
  /// ([dev.jbuild.store.RemoteBlobs]). The image gets no name.
  ///
  /// @return the manifest, or the index whatever its platforms
  /// @throws BuildFailure REGISTRY if the registry does not give what it should
  public Descriptor describe(Found found, Optional<Platform> platform)
      throws IOException, InterruptedException {
    return new Pull(found, Layers.LEFT).root(platform);
  }

  /// Gives an image that is stored the name by which it was found.
  public void name(Found found) throws IOException {
    store.references().tag(nameOf(found.reference), found.root.descriptor());
  }

  /// The name in the store: a digest says all, beside it a tag would promise too much.
  private static String nameOf(Reference reference) {
    return reference.digest().isEmpty()
        ? reference.full()
        : new Reference(reference.domain(), reference.path(), Optional.empty(), reference.digest())
            .full();
  }

  /// What a name stands for in the registries at one moment: it stays this, even if a tag moves.
  public static final class Found {
    private final Reference reference;
    private final List<Repository> sources;
    private final Document root;

    private Found(Reference reference, List<Repository> sources, Document root) {
      this.reference = reference;
      this.sources = List.copyOf(sources);
      this.root = root;
    }

    /// Its manifest or index.
    public Descriptor descriptor() {
      return root.descriptor();
    }
  }

  /// Asks the places of a repository, mirrors first, for the manifest or index of a name.
  ///
  /// @throws BuildFailure REGISTRY if none has it
  public Found find(Reference reference) throws IOException, InterruptedException {
    var found = registries.find(reference);
    return new Found(reference, found.sources(), found.document());
  }

  /// What becomes of the layers of an image.
  private enum Layers {
    BROUGHT,
    LEFT
  }

  /// One pull: where blobs come from, and what has been seen.
  private final class Pull {
    private final Reference reference;
    private final List<Repository> sources;
    private final Document root;
    private final Layers layers;
    private final AtomicBoolean fresh = new AtomicBoolean();

    Pull(Found found, Layers layers) {
      this.reference = found.reference;
      this.sources = found.sources;
      this.root = found.root;
      this.layers = layers;
    }

    Descriptor root(Optional<Platform> platform) throws IOException, InterruptedException {
      try {
        store(root, platform, 0);
        return root.descriptor();
      } catch (ImageFormatException e) {
        throw Failures.of(reference.familiar() + " cannot be used: " + e.getMessage(), e);
      }
    }

    private void store(Document document, Optional<Platform> platform, int depth)
        throws IOException, InterruptedException {
      if (depth > DEEPEST) {
        throw new ImageFormatException("an index is nested deeper than " + DEEPEST + " levels");
      }
      var type = document.descriptor().mediaType();
      if (type.isIndex()) {
        var index = Index.parse(document.bytes(), type);
        var wanted =
            platform.isPresent() ? List.of(index.select(platform.get())) : index.manifests();
        for (var child : wanted) {
          child(child, platform, depth + 1);
        }
      } else {
        image(Manifest.parse(document.bytes(), type));
      }
      if (!store.lease().keep(document.descriptor().digest())) {
        fresh.set(true);
      }
      store.blobs().put(document.bytes());
    }

    private void child(Descriptor child, Optional<Platform> platform, int depth)
        throws IOException, InterruptedException {
      if (!child.mediaType().isIndex() && !child.mediaType().isManifest()) {
        throw new ImageFormatException(
            child.digest() + " in an index is neither image nor index: " + child.mediaType());
      }
      store(document(child), platform, depth);
    }

    private Document document(Descriptor wanted) throws IOException, InterruptedException {
      if (store.blobs().contains(wanted) && store.lease().keep(wanted.digest())) {
        return new Document(wanted, store.blobs().read(wanted.digest(), Json.DOCUMENT_LIMIT));
      }
      for (var source : sources) {
        var found = source.manifest(wanted.digest().toString(), Optional.of(wanted.digest()));
        if (found.isPresent()) {
          if (found.get().descriptor().size() != wanted.size()) {
            throw new ImageFormatException(
                "manifest " + wanted.digest() + " has not the size that its index says");
          }
          return new Document(wanted, found.get().bytes());
        }
      }
      throw new ImageFormatException(
          "its manifest " + wanted.digest() + " is not on " + sources.getLast().host().name());
    }

    private void image(Manifest manifest) throws IOException, InterruptedException {
      var blobs = new LinkedHashMap<Digest, TransferEvent.Transfer>();
      var descriptors = new ArrayList<Descriptor>();
      add(manifest.config(), "config", blobs, descriptors);
      boolean image = manifest.config().mediaType().isConfig();
      if (layers == Layers.LEFT) {
        checkConfig(manifest);
      } else {
        manifest.layers().forEach(layer -> add(layer, "layer", blobs, descriptors));
      }
      var workers = new Workers();
      workers.forEach(descriptors, each -> blob(each, transfer(blobs, each), workers));
      if (image) {
        remember(manifest);
      }
    }

    /// A config is read whole into memory.
    private static void checkConfig(Manifest manifest) throws ImageFormatException {
      int most = CacheManifest.is(manifest) ? CacheManifest.LARGEST_CONFIG : Json.DOCUMENT_LIMIT;
      if (manifest.config().size() > most) {
        throw new ImageFormatException("its config has more than " + most + " bytes");
      }
    }

    private static TransferEvent.Transfer transfer(
        Map<Digest, TransferEvent.Transfer> blobs, Descriptor blob) {
      var transfer = blobs.get(blob.digest());
      return transfer == null
          ? new TransferEvent.Transfer("blob", blob.digest().shortHex(), blob.size())
          : transfer;
    }

    private static void add(
        Descriptor blob,
        String what,
        Map<Digest, TransferEvent.Transfer> blobs,
        List<Descriptor> descriptors) {
      var transfer = new TransferEvent.Transfer(what, blob.digest().shortHex(), blob.size());
      if (blobs.putIfAbsent(blob.digest(), transfer) == null) {
        descriptors.add(blob);
      }
    }

    private void blob(Descriptor wanted, TransferEvent.Transfer transfer, Workers workers)
        throws IOException, InterruptedException {
      if (new BlobPull(store, listener, workers).run(sources, wanted, transfer)) {
        fresh.set(true);
      }
    }

    /// Which layer a compressed blob is said to hold. It is believed when it was inflated.
    private void remember(Manifest manifest) throws IOException {
      var config =
          ImageConfig.parse(store.blobs().read(manifest.config().digest(), Json.DOCUMENT_LIMIT));
      config.check(manifest.layers().size());
      for (int i = 0; i < manifest.layers().size(); i++) {
        var layer = manifest.layers().get(i);
        var diffId = config.diffIds().get(i);
        boolean plain = LayerKind.isPlain(layer.mediaType());
        if (plain && !layer.digest().equals(diffId)) {
          throw new ImageFormatException(
              "layer " + i + " is another than its config says: " + layer.digest());
        }
        var origin = BlobOrigin.Repository.of(layer.bare(), reference);
        if (!store.lease().keep(layer.digest())) {
          store.layers().rememberRemote(diffId, origin, CompressedForm.PULLED);
          continue;
        }
        if (!plain && layer.mediaType().isLayer() && !isKnown(diffId, layer.digest())) {
          store.layers().remember(diffId, layer, CompressedForm.PULLED);
        }
        store.layers().rememberPlace(diffId, origin);
      }
    }

    private boolean isKnown(Digest diffId, Digest form) throws IOException {
      return store.layers().compressedForms(diffId).stream()
          .anyMatch(each -> each.descriptor().digest().equals(form));
    }
  }
}
