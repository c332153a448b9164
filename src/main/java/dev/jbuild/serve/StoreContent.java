package dev.jbuild.serve;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Reference;
import dev.jbuild.serve.RegistryOptions.Place.StoreOpening;
import dev.jbuild.store.MissingBlobException;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/// jbuild's own store as a registry: its images are the manifests, its blobs are served as they
/// lie. What is pushed becomes an image of the store.
///
/// A repository has the manifests that its images name, and the blobs that these name or that were
/// sent to it since the server started. A manifest pushed without a tag is an image without a name
/// that remembers its repository in an annotation; `jbuild prune` may remove it.
///
/// Garbage is `jbuild prune`'s, which may run meanwhile: leases keep from it what was sent or asked
/// for in the last hours.
final class StoreContent implements Content {

  /// On an image without a name, in index.json.
  static final String REPOSITORY = "dev.jbuild.registry.repository";

  private static final int MOST_DOCUMENTS = 10_000;

  /// Documents that are remembered: so many, none larger.
  private static final int MOST_REMEMBERED = 1000;
  private static final int LARGEST_REMEMBERED = 16 << 10;

  private final StoreOpening opening;
  private final Limits limits;
  private final StoreImages images;
  private final Map<String, StoreUpload> uploads = new ConcurrentHashMap<>();
  private final Map<Membership, Long> added = new ConcurrentHashMap<>();
  private final Map<Descriptor, Document> remembered = new ConcurrentHashMap<>();
  private final ArrayDeque<Handle> retired = new ArrayDeque<>();
  private Handle current;

  /// A blob that was sent to a repository.
  private record Membership(RepositoryName repository, Digest digest) {}

  /// An open store whose lease protects what went through it. Leases grow only: from time to time
  /// there is a new one, and the old ends when nothing it protects can be waited for any more.
  static final class Handle {

    private final Store store;
    private final long opened = System.nanoTime();
    private int uses = 1;

    private Handle(Store store) {
      this.store = store;
    }

    private synchronized void retain() {
      uses++;
    }

    void release() throws IOException {
      boolean last;
      synchronized (this) {
        last = --uses == 0;
      }
      if (last) {
        store.close();
      }
    }

    private boolean isOlderThan(Duration age) {
      return System.nanoTime() - opened > age.toNanos();
    }
  }

  private StoreContent(StoreOpening opening, Limits limits, StoreImages images) throws IOException {
    this.opening = opening;
    this.limits = limits;
    this.images = images;
    this.current = new Handle(opening.open());
  }

  /// @param own whether a domain is this registry
  static StoreContent open(StoreOpening opening, Limits limits, Predicate<String> own)
      throws IOException {
    return new StoreContent(opening, limits, new StoreImages(new StoreNames(own)));
  }

  /// The digest under which the store would have something; none if it does not use such ones.
  private static Optional<Digest> find(ContentDigest digest) {
    return digest.algorithm() == ContentDigest.Algorithm.SHA256
        ? Optional.of(new Digest(digest.hex()))
        : Optional.empty();
  }

  /// @throws Refusal for a digest that the store does not use
  static Digest sha256(ContentDigest digest) {
    return find(digest)
        .orElseThrow(
            () ->
                Refusal.bad(
                    ErrorCode.DIGEST_INVALID,
                    "jbuild's store keeps content by sha256 only, not " + digest));
  }

  private static ContentDigest content(Digest digest) {
    return new ContentDigest(ContentDigest.Algorithm.SHA256, digest.hex());
  }

  private synchronized Handle use() {
    current.retain();
    return current;
  }

  /// What is done with an open store.
  private interface Work<T> {
    T with(Store store) throws IOException;
  }

  private <T> T in(Work<T> work) throws IOException {
    var handle = use();
    try {
      return work.with(handle.store);
    } finally {
      handle.release();
    }
  }

  @Override
  public List<RepositoryName> repositories() throws IOException {
    return in(
        store -> {
          var all = new TreeSet<RepositoryName>();
          for (var entry : images.all(store)) {
            images.repositoryOf(entry).ifPresent(all::add);
          }
          return List.copyOf(all);
        });
  }

  @Override
  public Optional<List<Tag>> tags(RepositoryName name) throws IOException {
    return in(
        store -> {
          var entries = images.entries(store, name);
          var plain = StoreNames.plain(name);
          if (entries.isEmpty()
              && added.keySet().stream().noneMatch(each -> each.repository().equals(plain))) {
            return Optional.empty();
          }
          var tags = new TreeSet<Tag>();
          for (var entry : entries) {
            StoreImages.reference(entry).flatMap(Reference::tag).map(Tag::new).ifPresent(tags::add);
          }
          return Optional.of(List.copyOf(tags));
        });
  }

  @Override
  public Optional<ContentDigest> resolve(RepositoryName name, Tag tag) throws IOException {
    return in(
        store ->
            images.tagged(store, name, tag).stream()
                .map(entry -> content(entry.descriptor().digest()))
                .findFirst());
  }

  // ---- manifests and blobs

  /// The manifests and indexes of a repository by digest, with what they name in turn.
  private Map<Digest, Document> documents(Store store, RepositoryName name) throws IOException {
    var found = new LinkedHashMap<Digest, Document>();
    var pending = new ArrayDeque<Descriptor>();
    images.entries(store, name).forEach(entry -> pending.add(entry.descriptor()));
    while (!pending.isEmpty() && found.size() < MOST_DOCUMENTS) {
      var descriptor = pending.remove();
      if (found.containsKey(descriptor.digest())) {
        continue;
      }
      var document = document(store, descriptor);
      if (document.isPresent()) {
        found.put(descriptor.digest(), document.get());
        document.get().manifests().stream().map(StoreContent::descriptor).forEach(pending::add);
      }
    }
    return found;
  }

  private static Descriptor descriptor(Link link) {
    return new Descriptor(new MediaType(link.mediaType()), sha256(link.digest()), link.size());
  }

  /// What the store has under a descriptor, if that is a manifest or an index.
  private Optional<Document> document(Store store, Descriptor descriptor) throws IOException {
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
      var document = Document.kept(bytes, content(descriptor.digest()), descriptor.mediaType());
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

  @Override
  public Optional<Document> manifest(RepositoryName name, ContentDigest digest) throws IOException {
    var wanted = find(digest);
    return wanted.isEmpty()
        ? Optional.empty()
        : in(store -> Optional.ofNullable(documents(store, name).get(wanted.get())));
  }

  @Override
  public List<ContentDigest> referrers(RepositoryName name, ContentDigest subject)
      throws IOException {
    return in(
        store ->
            documents(store, name).values().stream()
                .filter(document -> document.subject().filter(subject::equals).isPresent())
                .map(Document::digest)
                .sorted()
                .toList());
  }

  @Override
  public Optional<BlobFile> blob(RepositoryName name, ContentDigest digest) throws IOException {
    var wanted = find(digest);
    return wanted.isEmpty()
        ? Optional.empty()
        : in(
            store ->
                has(store, name, wanted.get()) && brought(store, wanted.get())
                    ? BlobFile.open(store.blobs().path(wanted.get()))
                    : Optional.empty());
  }

  /// A layer of an image may be elsewhere; who asks for it here needs its bytes.
  private static boolean brought(Store store, Digest wanted) throws IOException {
    try {
      store.remote().bring(List.of(wanted));
      return true;
    } catch (MissingBlobException e) {
      return false;
    } catch (BuildFailure e) {
      throw new IOException(e.message(), e);
    }
  }

  private boolean has(Store store, RepositoryName name, Digest digest) throws IOException {
    if (added.containsKey(new Membership(StoreNames.plain(name), digest))) {
      return store.blobs().contains(digest);
    }
    var content = content(digest);
    return store.remote().isWithinReach(digest)
        && documents(store, name).values().stream()
            .flatMap(document -> document.blobs().stream())
            .anyMatch(link -> link.digest().equals(content));
  }

  void added(RepositoryName name, Digest digest) {
    added.put(new Membership(StoreNames.plain(name), digest), System.nanoTime());
  }

  @Override
  public void put(RepositoryName name, Document manifest, List<Tag> tags) throws IOException {
    var digest = sha256(manifest.digest());
    var fresh = tags.stream().map(tag -> StoreNames.image(name, tag)).toList();
    manifest.needed().forEach(link -> sha256(link.digest()));
    in(
        store -> {
          Document.refuseMissing(missing(store, name, manifest));
          store.blobs().put(manifest.bytes());
          new PushedLayers(store).remember(manifest);
          var descriptor = new Descriptor(manifest.mediaType(), digest, manifest.bytes().length);
          for (int i = 0; i < tags.size(); i++) {
            var there = images.tagged(store, name, tags.get(i));
            var full = there.stream().flatMap(entry -> entry.name().stream()).toList();
            for (var each : full.isEmpty() ? List.of(fresh.get(i).full()) : full) {
              store.references().tag(each, descriptor);
            }
          }
          if (tags.isEmpty()) {
            var repository = StoreNames.plain(name).text();
            store.references().add(descriptor.withAnnotations(Map.of(REPOSITORY, repository)));
          }
          return digest;
        });
  }

  private List<Link> missing(Store store, RepositoryName name, Document manifest)
      throws IOException {
    var there = new HashSet<ContentDigest>();
    for (var document : documents(store, name).values()) {
      there.add(document.digest());
      document.blobs().forEach(link -> there.add(link.digest()));
    }
    var plain = StoreNames.plain(name);
    var missing = new ArrayList<Link>();
    for (var link : manifest.needed()) {
      var digest = sha256(link.digest());
      boolean known =
          there.contains(link.digest()) || added.containsKey(new Membership(plain, digest));
      if (!known || !store.lease().keep(digest)) {
        missing.add(link);
      }
    }
    return missing;
  }

  @Override
  public boolean mount(RepositoryName name, Optional<RepositoryName> from, ContentDigest digest)
      throws IOException {
    var wanted = sha256(digest);
    return in(
        store -> {
          boolean known = false;
          Set<RepositoryName> sources =
              from.isPresent() ? Set.of(from.get()) : Set.copyOf(known(store));
          for (var source : sources) {
            known = known || has(store, source, wanted);
          }
          if (!known || !store.lease().keep(wanted)) {
            return false;
          }
          added(name, wanted);
          return true;
        });
  }

  private Set<RepositoryName> known(Store store) throws IOException {
    var all = new HashSet<RepositoryName>();
    images.all(store).forEach(entry -> images.repositoryOf(entry).ifPresent(all::add));
    added.keySet().forEach(membership -> all.add(membership.repository()));
    return all;
  }

  // ---- removal

  @Override
  public boolean untag(RepositoryName name, Tag tag) throws IOException {
    return in(
        store -> {
          boolean removed = false;
          for (var entry : images.tagged(store, name, tag)) {
            removed |= store.references().untag(entry.name().orElseThrow());
          }
          return removed;
        });
  }

  /// Names that the image has in other repositories stay.
  @Override
  public boolean removeManifest(RepositoryName name, ContentDigest digest) throws IOException {
    var found = find(digest);
    if (found.isEmpty()) {
      return false;
    }
    var wanted = found.get();
    return in(
        store -> {
          boolean removed = false;
          for (var entry : images.entries(store, name)) {
            if (entry.descriptor().digest().equals(wanted)) {
              var full = entry.name();
              removed |=
                  full.isPresent()
                      ? store.references().untag(full.get())
                      : store.references().remove(wanted);
            }
          }
          return removed;
        });
  }

  /// Only forgets that the blob was sent: it is the store's, and goes with jbuild prune.
  @Override
  public boolean removeBlob(RepositoryName name, ContentDigest digest) throws IOException {
    var found = find(digest);
    if (found.isEmpty()) {
      return false;
    }
    var wanted = found.get();
    return in(
        store -> {
          if (!has(store, name, wanted)) {
            return false;
          }
          for (var document : documents(store, name).values()) {
            if (document.blobs().stream().anyMatch(link -> link.digest().equals(digest))) {
              throw Refusal.of(
                  405,
                  ErrorCode.DENIED,
                  "the manifest " + document.digest() + " needs this blob: delete that first");
            }
          }
          added.remove(new Membership(StoreNames.plain(name), wanted));
          return true;
        });
  }

  // ---- uploads

  @Override
  public Upload begin(RepositoryName name, ContentDigest.Algorithm algorithm) throws IOException {
    var handle = use();
    try {
      var upload =
          new StoreUpload(
              UUID.randomUUID().toString(), this, handle, name, handle.store.blobs().create());
      uploads.put(upload.id(), upload);
      return upload;
    } catch (IOException | RuntimeException e) {
      handle.release();
      throw e;
    }
  }

  @Override
  public Optional<Upload> upload(RepositoryName name, String id) {
    return Optional.ofNullable(uploads.get(id))
        .filter(upload -> upload.repository().equals(name))
        .map(upload -> upload);
  }

  void forget(StoreUpload upload) {
    uploads.remove(upload.id());
  }

  @Override
  public void collect() throws IOException {
    for (var upload : uploads.values()) {
      boolean old = System.nanoTime() - upload.used() > limits.uploads().toNanos();
      if (old && upload.tryEnter()) {
        try {
          upload.cancel();
        } finally {
          upload.leave();
        }
      }
    }
    long kept = limits.grace().multipliedBy(2).toNanos();
    added.values().removeIf(since -> System.nanoTime() - since > kept);
    renewLease();
  }

  /// What a lease protects is protected for one grace at least.
  private void renewLease() throws IOException {
    var ended = new ArrayList<Handle>();
    synchronized (this) {
      if (current.isOlderThan(limits.grace())) {
        retired.add(current);
        current = new Handle(opening.open());
      }
      while (!retired.isEmpty() && retired.getFirst().isOlderThan(limits.grace().multipliedBy(3))) {
        ended.add(retired.removeFirst());
      }
    }
    for (var handle : ended) {
      handle.release();
    }
  }

  @Override
  public void close() throws IOException {
    for (var upload : List.copyOf(uploads.values())) {
      upload.cancel();
    }
    var all = new ArrayList<Handle>();
    synchronized (this) {
      all.addAll(retired);
      retired.clear();
      all.add(current);
    }
    for (var handle : all) {
      handle.release();
    }
  }
}
