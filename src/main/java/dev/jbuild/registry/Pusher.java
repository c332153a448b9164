package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.http.PassingException;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.Reference;
import dev.jbuild.store.BlobOrigin;
import dev.jbuild.store.CompressedForm;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Sends images of the store to registries.
///
/// What the other side has is not sent. Layers that lie plain are compressed while they are sent,
/// and what came out is remembered: the next push of the same layer compresses nothing that the
/// registry has. Blobs go before the manifests that name them, and the tag comes last.
public final class Pusher implements AutoCloseable {

  private static final int DEEPEST = 5;

  private final Store store;
  private final Registries registries;
  private final Compression compression;
  private final OptionalInt level;
  private final int threads;
  private final Transfers listener;

  /// What was seen to be where, by `host/path`: one image often has several tags.
  private final Map<String, Set<Digest>> present = new ConcurrentHashMap<>();

  private boolean attachesIndexes;
  private @Nullable Path scratch;

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
    this.compression = compression;
    this.level = level;
    this.threads = threads;
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

  private synchronized Path scratch() throws IOException {
    var known = scratch;
    if (known == null) {
      known = store.makeTemporaryDirectory();
      scratch = known;
    }
    return known;
  }

  /// One push to one repository.
  private final class Push {
    private final Repository repository;
    private final Reference target;
    private final Scope scope;
    private final Set<Digest> there;
    private final Lenders lenders;
    private volatile boolean canMount = true;

    Push(Repository repository, Reference target) {
      this.repository = repository;
      this.target = target;
      this.scope = Scope.push(repository.path());
      this.lenders = new Lenders(store, target);
      this.there =
          present.computeIfAbsent(repository.toString(), _ -> ConcurrentHashMap.newKeySet());
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
      var sent = new ArrayList<Descriptor>();
      for (var child : index.manifests()) {
        if (store.blobs().contains(child.digest())) {
          var changed = send(child, Optional.empty(), depth + 1);
          sent.add(child.withBlob(changed.mediaType(), changed.digest(), changed.size()));
        } else if (repository.claimedDigest(child.digest().toString()).isPresent()) {
          sent.add(child);
        }
      }
      if (sent.isEmpty() && !index.manifests().isEmpty()) {
        throw new ImageFormatException("none of the manifests of " + index + " is in the store");
      }
      var leaving =
          sent.equals(index.manifests())
              ? index
              : Index.of(index.mediaType(), sent, index.annotations());
      put(leaving.descriptor(), leaving.bytes(), tag);
      return leaving.descriptor();
    }

    private Descriptor manifest(Manifest manifest, Optional<String> tag)
        throws IOException, InterruptedException {
      var layers = new LayerPlan(store, compression, manifest);
      var workers = new Workers();
      workers.forEach(layers.all(), each -> layers.done(each, blob(each)));
      var leaving = layers.rewritten(manifest);
      put(leaving.descriptor(), leaving.bytes(), tag);
      if (attachesIndexes && manifest.config().mediaType().isConfig()) {
        attach(leaving);
      }
      return leaving.descriptor();
    }

    /// The image is there: that its indexes are not is worth a warning at most.
    private void attach(Manifest image) throws IOException, InterruptedException {
      if (!there.add(image.digest())) {
        return; // under another tag
      }
      var bytes = store.blobs().read(image.config().digest(), Json.DOCUMENT_LIMIT);
      try {
        new IndexAttachment(store, repository, scope, listener)
            .attach(image.descriptor(), ImageConfig.parse(bytes));
      } catch (BuildFailure e) {
        registries.warn(
            "the indexes of its layers are not attached: "
                + e.message()
                + " (--no-layer-indexes, or layer-indexes=false of -o, does not try)");
      }
    }

    /// A blob that has to be in the repository.
    ///
    /// @return what it is there
    private Descriptor blob(Outgoing outgoing) throws IOException, InterruptedException {
      var blob = outgoing.descriptor();
      if (LayerKind.isForeign(blob.mediaType())) {
        return blob;
      }
      repository.host().transfers().acquire();
      try {
        var there =
            outgoing.changes()
                ? compressed(outgoing, outgoing.diffId().orElseThrow())
                : stored(outgoing, blob, Optional.empty());
        if (outgoing.diffId().isPresent()) {
          store.layers().rememberPlace(outgoing.diffId().get(), place(there));
        }
        return there;
      } finally {
        repository.host().transfers().release();
      }
    }

    private BlobOrigin.Repository place(Descriptor blob) {
      return new BlobOrigin.Repository(blob.bare(), target.domain(), target.path());
    }

    /// A blob of the store, or one that is elsewhere, as it is.
    ///
    /// @param session of an upload that is begun
    private Descriptor stored(Outgoing outgoing, Descriptor blob, Optional<String> session)
        throws IOException, InterruptedException {
      long since = System.nanoTime();
      var transfer = transfer(outgoing, blob);
      if (session.isEmpty() && isThere(blob.digest())) {
        finished(transfer, TransferEvent.Ending.THERE, blob.size(), since);
        return blob;
      }
      var upload = upload(source(blob), transfer).in(session);
      if (session.isEmpty() && isMounted(upload, blob.digest(), outgoing.diffId())) {
        finished(transfer, TransferEvent.Ending.MOUNTED, blob.size(), since);
      } else {
        bring(blob.digest());
        listener.on(new TransferEvent.Started(transfer));
        upload.run();
        finished(transfer, TransferEvent.Ending.MOVED, blob.size(), since);
      }
      there.add(blob.digest());
      return blob;
    }

    private BlobUpload upload(BlobUpload.Source source, TransferEvent.Transfer transfer) {
      return new BlobUpload(repository, scope, source, transfer, listener);
    }

    private static TransferEvent.Transfer transfer(Outgoing outgoing, Descriptor blob) {
      return new TransferEvent.Transfer(outgoing.kind(), blob.digest().shortHex(), blob.size());
    }

    /// What is elsewhere comes first. That needs a place among the transfers of its own: if all
    /// places of a registry were taken by those who wait here, none would ever come.
    private void bring(Digest blob) throws IOException {
      if (store.blobs().contains(blob)) {
        return;
      }
      repository.host().transfers().release();
      try {
        store.remote().bring(List.of(blob));
      } finally {
        repository.host().transfers().acquireUninterruptibly();
      }
    }

    private BlobUpload.Source source(Descriptor blob) {
      return new BlobUpload.Source() {
        @Override
        public long size() {
          return blob.size();
        }

        @Override
        public InputStream open(long offset) throws IOException {
          var in = store.blobs().open(blob); // verifies, also what is skipped
          in.skipNBytes(offset);
          return in;
        }

        @Override
        public Digest digest() {
          return blob.digest();
        }
      };
    }

    /// A layer that lies plain: in a compressed form that is there, or was made before, or is made
    /// now.
    private Descriptor compressed(Outgoing outgoing, Digest diffId)
        throws IOException, InterruptedException {
      long since = System.nanoTime();
      var forms = forms(diffId).stream().map(CompressedForm::descriptor).toList();
      for (var form : forms) {
        if (isThere(form.digest())) {
          finished(transfer(outgoing, form), TransferEvent.Ending.THERE, form.size(), since);
          return inOci(form);
        }
      }
      var session = Optional.<String>empty();
      for (var form : forms) {
        var transfer = transfer(outgoing, form);
        var upload = upload(source(form), transfer).in(session);
        if (isMounted(upload, form.digest(), Optional.of(diffId))) {
          there.add(form.digest());
          finished(transfer, TransferEvent.Ending.MOUNTED, form.size(), since);
          return inOci(form);
        }
        session = upload.begun();
        if (store.blobs().contains(form) && store.lease().keep(form.digest())) {
          return inOci(stored(outgoing, form, session));
        }
      }
      return spooled(outgoing, diffId, session);
    }

    private Descriptor inOci(Descriptor blob) {
      return new Descriptor(LayerKind.of(compression), blob.digest(), blob.size());
    }

    /// The forms of the wanted kind of which it is certain that they are this layer.
    private List<CompressedForm> forms(Digest diffId) throws IOException {
      return store.layers().compressedForms(diffId).stream()
          .filter(CompressedForm::isVerified)
          .filter(form -> level.isEmpty() || form.how().equals(compression.how(level)))
          .filter(form -> form.descriptor().mediaType().oci().equals(LayerKind.of(compression)))
          .toList();
    }

    /// @param session of an upload that is begun
    private Descriptor spooled(Outgoing outgoing, Digest diffId, Optional<String> session)
        throws IOException, InterruptedException {
      long since = System.nanoTime();
      var transfer = new TransferEvent.Transfer(outgoing.kind(), diffId.shortHex(), -1);
      try (var spool = new Spool(store, diffId, compression, level, threads, scratch())) {
        listener.on(new TransferEvent.Started(transfer));
        upload(source(spool), transfer).in(session).run();
        var made = spool.result();
        store.layers().remember(diffId, made, compression.how(level));
        there.add(made.digest());
        finished(transfer, TransferEvent.Ending.MOVED, made.size(), since);
        return made;
      }
    }

    private static BlobUpload.Source source(Spool spool) {
      return new BlobUpload.Source() {
        private long size = -1;

        @Override
        public long size() {
          return size;
        }

        @Override
        public InputStream open(long offset) throws IOException {
          return spool.open(offset);
        }

        @Override
        public Digest digest() throws IOException, InterruptedException {
          var made = spool.result();
          size = made.size();
          return made.digest();
        }
      };
    }

    private boolean isThere(Digest digest) throws IOException, InterruptedException {
      if (there.contains(digest) || repository.hasBlob(digest, scope)) {
        there.add(digest);
        return true;
      }
      return false;
    }

    /// Whether the registry took the blob from another of its repositories.
    private boolean isMounted(BlobUpload upload, Digest blob, Optional<Digest> layer)
        throws IOException, InterruptedException {
      if (!canMount) {
        return false;
      }
      try {
        for (var path : lenders.of(blob, layer)) {
          if (upload.mount(blob, path)) {
            return true;
          }
        }
      } catch (PassingException e) {
        canMount = false; // to ask for each layer would take longer than it could save
      }
      return false;
    }

    private void put(Descriptor document, byte[] bytes, Optional<String> tag)
        throws IOException, InterruptedException {
      repository.put(new Document(document, bytes), tag.orElse(document.digest().toString()));
    }

    private void finished(
        TransferEvent.Transfer transfer, TransferEvent.Ending how, long bytes, long since) {
      var took = Duration.ofNanos(System.nanoTime() - since);
      listener.on(new TransferEvent.Finished(transfer, how, bytes, took));
    }
  }

  /// Removes what was temporary.
  @Override
  public void close() throws IOException {
    var made = scratch;
    if (made != null) {
      java.nio.file.Files.deleteIfExists(made);
    }
  }
}
