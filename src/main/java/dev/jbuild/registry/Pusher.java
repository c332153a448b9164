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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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

  /// So many repositories are asked for a blob before it is sent.
  private static final int MOST_MOUNTS = 3;

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
    store.lease().keep(image.digest()); // with all that it names
    try {
      return new Push(registries.repository(target), target).run(image.bare());
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
    private @Nullable Neighbours neighbours;

    Push(Repository repository, Reference target) {
      this.repository = repository;
      this.target = target;
      this.scope = Scope.push(repository.path());
      this.there =
          present.computeIfAbsent(repository.toString(), _ -> ConcurrentHashMap.newKeySet());
    }

    Descriptor run(Descriptor image) throws IOException, InterruptedException {
      var name = target.tag().or(() -> target.digest().map(Digest::toString)).orElse("latest");
      return send(image, Optional.of(name), 0);
    }

    private Descriptor send(Descriptor image, Optional<String> tag, int depth)
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
      var layers = new LayerPlan(manifest);
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
        return outgoing.diffId().isPresent()
            ? compressed(outgoing, outgoing.diffId().get())
            : stored(outgoing.kind(), blob);
      } finally {
        repository.host().transfers().release();
      }
    }

    private Descriptor stored(String kind, Descriptor blob)
        throws IOException, InterruptedException {
      long since = System.nanoTime();
      var transfer = new TransferEvent.Transfer(kind, blob.digest().shortHex(), blob.size());
      if (isThere(blob.digest())) {
        finished(transfer, TransferEvent.Ending.THERE, blob.size(), since);
        return blob;
      }
      var upload = new BlobUpload(repository, scope, source(blob), transfer, listener);
      if (isMounted(upload, blob.digest())) {
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
      for (var form : forms(diffId)) {
        var blob = form.descriptor();
        if (isThere(blob.digest())) {
          var transfer =
              new TransferEvent.Transfer(outgoing.kind(), blob.digest().shortHex(), blob.size());
          finished(transfer, TransferEvent.Ending.THERE, blob.size(), since);
          return inOci(blob);
        }
      }
      for (var form : forms(diffId)) {
        if (isMountedForm(outgoing, diffId, form.descriptor(), since)) {
          return inOci(form.descriptor());
        }
        if (store.blobs().contains(form.descriptor())
            && store.lease().keep(form.descriptor().digest())) {
          return inOci(stored(outgoing.kind(), form.descriptor()));
        }
      }
      return spooled(outgoing, diffId);
    }

    /// Whether the registry took the form from a repository into which the layer was pushed before.
    private boolean isMountedForm(Outgoing outgoing, Digest diffId, Descriptor blob, long since)
        throws IOException, InterruptedException {
      var from = neighbours().with(diffId);
      var transfer =
          new TransferEvent.Transfer(outgoing.kind(), blob.digest().shortHex(), blob.size());
      var upload = new BlobUpload(repository, scope, source(blob), transfer, listener);
      if (from.isEmpty() || !upload.mount(blob.digest(), from.get())) {
        return false;
      }
      there.add(blob.digest());
      finished(transfer, TransferEvent.Ending.MOUNTED, blob.size(), since);
      return true;
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

    private Descriptor spooled(Outgoing outgoing, Digest diffId)
        throws IOException, InterruptedException {
      long since = System.nanoTime();
      var transfer = new TransferEvent.Transfer(outgoing.kind(), diffId.shortHex(), -1);
      try (var spool = new Spool(store, diffId, compression, level, threads, scratch())) {
        listener.on(new TransferEvent.Started(transfer));
        new BlobUpload(repository, scope, source(spool), transfer, listener).run();
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

    private boolean isMounted(BlobUpload upload, Digest digest)
        throws IOException, InterruptedException {
      var from = new LinkedHashSet<String>();
      neighbours().with(digest).ifPresent(from::add);
      for (var origin : store.remote().origins(digest)) {
        if (origin instanceof BlobOrigin.Repository place
            && place.domain().equals(target.domain())
            && !place.path().equals(target.path())) {
          from.add(place.path());
        }
      }
      for (var path : from.stream().limit(MOST_MOUNTS).toList()) {
        if (upload.mount(digest, path)) {
          return true;
        }
      }
      return false;
    }

    private synchronized Neighbours neighbours() throws IOException {
      var known = neighbours;
      if (known == null) {
        known = Neighbours.of(store, target);
        neighbours = known;
      }
      return known;
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

  /// A blob that leaves.
  ///
  /// @param diffId of a layer that lies plain and changes its form
  private record Outgoing(String kind, Descriptor descriptor, Optional<Digest> diffId) {}

  /// The blobs of one manifest, and what each becomes.
  private final class LayerPlan {
    private final Map<Digest, Outgoing> outgoing = new LinkedHashMap<>();
    private final Map<Digest, Descriptor> became = new ConcurrentHashMap<>();

    LayerPlan(Manifest manifest) throws IOException {
      boolean image = manifest.config().mediaType().isConfig();
      if (image) {
        var bytes = store.blobs().read(manifest.config().digest(), Json.DOCUMENT_LIMIT);
        ImageConfig.parse(bytes).check(manifest.layers().size());
      }
      boolean cache = CacheManifest.is(manifest);
      add("config", manifest.config(), false);
      for (var layer : manifest.layers()) {
        add("layer", layer, image || (cache && CacheManifest.diffId(layer).isPresent()));
      }
    }

    private void add(String kind, Descriptor blob, boolean mayChange) {
      // One that is elsewhere goes as it is there: who has it need not be sent another form.
      boolean plain = LayerKind.isPlain(blob.mediaType()) && store.blobs().contains(blob.digest());
      boolean changes = mayChange && plain && compression != Compression.NONE;
      outgoing.putIfAbsent(
          blob.digest(),
          new Outgoing(kind, blob, changes ? Optional.of(blob.digest()) : Optional.empty()));
    }

    List<Outgoing> all() {
      return List.copyOf(outgoing.values());
    }

    void done(Outgoing blob, Descriptor result) {
      became.put(blob.descriptor().digest(), result);
    }

    /// The manifest with the layers as they are in the registry.
    Manifest rewritten(Manifest manifest) {
      boolean changed = outgoing.values().stream().anyMatch(each -> each.diffId().isPresent());
      if (!changed) {
        return manifest;
      }
      return manifest.with(
          inOci(manifest.config()),
          manifest.layers().stream().map(this::after).map(LayerPlan::inOci).toList());
    }

    private Descriptor after(Descriptor layer) {
      var result = became.getOrDefault(layer.digest(), layer);
      return layer.withBlob(result.mediaType(), result.digest(), result.size());
    }

    private static Descriptor inOci(Descriptor blob) {
      return blob.withBlob(blob.mediaType().oci(), blob.digest(), blob.size());
    }
  }

  /// Other repositories of the same registry in which blobs may be: those of the store's images.
  private record Neighbours(Map<Digest, String> paths) {

    static Neighbours of(Store store, Reference target) throws IOException {
      var paths = new LinkedHashMap<Digest, String>();
      for (var entry : store.references().all()) {
        var name = entry.name().filter(text -> Reference.problem(text).isEmpty());
        if (name.isPresent()) {
          var reference = Reference.parse(name.get());
          if (reference.domain().equals(target.domain())
              && !reference.path().equals(target.path())) {
            for (var blob : blobs(store, entry.descriptor(), new LinkedHashSet<>())) {
              paths.putIfAbsent(blob, reference.path());
            }
          }
        }
      }
      return new Neighbours(paths);
    }

    private static Set<Digest> blobs(Store store, Descriptor image, Set<Digest> found)
        throws IOException {
      if (!store.blobs().contains(image.digest()) || !found.add(image.digest())) {
        return found;
      }
      try {
        var bytes = store.blobs().read(image.digest(), Json.DOCUMENT_LIMIT);
        if (image.mediaType().isIndex()) {
          for (var child : Index.parse(bytes, image.mediaType()).manifests()) {
            blobs(store, child, found);
          }
        } else if (image.mediaType().isManifest()) {
          var manifest = Manifest.parse(bytes, image.mediaType());
          found.add(manifest.config().digest());
          manifest.layers().forEach(layer -> found.add(layer.digest()));
        }
      } catch (ImageFormatException e) {
        return found; // it lends nothing
      }
      return found;
    }

    Optional<String> with(Digest blob) {
      return Optional.ofNullable(paths.get(blob));
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
