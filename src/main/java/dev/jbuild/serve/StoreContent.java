package dev.jbuild.serve;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Reference;
import dev.jbuild.serve.RegistryOptions.Place.StoreOpening;
import dev.jbuild.store.MissingBlobException;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
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

  private final LeasedStore leased;
  private final Limits limits;
  private final StoreImages images;
  private final StoreDocuments documents;
  private final OpenUploads<StoreUpload> uploads;
  private final Map<Membership, Long> added = new ConcurrentHashMap<>();

  /// A blob that was sent to a repository.
  private record Membership(RepositoryName repository, Digest digest) {}

  private StoreContent(StoreOpening opening, Limits limits, StoreImages images, RequestLog log)
      throws IOException {
    this.leased = new LeasedStore(opening, limits.grace());
    this.limits = limits;
    this.uploads = new OpenUploads<>(limits.uploads(), log);
    this.images = images;
    this.documents = new StoreDocuments(images);
  }

  /// @param own whether a domain is this registry
  static StoreContent open(
      StoreOpening opening, Limits limits, RequestLog log, Predicate<String> own)
      throws IOException {
    return new StoreContent(opening, limits, new StoreImages(new StoreNames(own)), log);
  }

  /// The digest under which the store would have something; none if it does not use such ones.
  static Optional<Digest> find(ContentDigest digest) {
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

  static ContentDigest content(Digest digest) {
    return new ContentDigest(ContentDigest.Algorithm.SHA256, digest.hex());
  }

  @Override
  public List<RepositoryName> repositories() throws IOException {
    return leased.in(
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
    return leased.in(
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
    return leased.in(
        store ->
            images.tagged(store, name, tag).stream()
                .map(entry -> content(entry.descriptor().digest()))
                .findFirst());
  }

  // ---- manifests and blobs

  @Override
  public Optional<Document> manifest(RepositoryName name, ContentDigest digest) throws IOException {
    var wanted = find(digest);
    return wanted.isEmpty()
        ? Optional.empty()
        : leased.in(
            store -> {
              var found = documents.first(store, name, each -> each.digest().equals(wanted.get()));
              return found.isPresent()
                  ? StoreDocuments.read(store, found.get().descriptor())
                  : Optional.empty();
            });
  }

  @Override
  public List<ContentDigest> referrers(RepositoryName name, ContentDigest subject)
      throws IOException {
    return leased.in(
        store -> {
          var found = new TreeSet<ContentDigest>();
          documents.each(
              store,
              name,
              each -> {
                if (each.subject().filter(subject::equals).isPresent()) {
                  found.add(content(each.digest()));
                }
              });
          return List.copyOf(found);
        });
  }

  @Override
  public Optional<BlobFile> blob(RepositoryName name, ContentDigest digest) throws IOException {
    var wanted = find(digest);
    return wanted.isEmpty()
        ? Optional.empty()
        : leased.in(
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
        && documents.first(store, name, each -> each.blobs().contains(content)).isPresent();
  }

  void added(RepositoryName name, Digest digest) {
    added.put(new Membership(StoreNames.plain(name), digest), System.nanoTime());
  }

  @Override
  public void put(RepositoryName name, Document manifest, List<Tag> tags) throws IOException {
    PushedLayers.refuseTooMany(manifest);
    var digest = sha256(manifest.digest());
    var fresh = tags.stream().map(tag -> StoreNames.image(name, tag)).toList();
    manifest.needed().forEach(link -> sha256(link.digest()));
    leased.in(
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
    var needed = manifest.needed();
    var elsewhere = new HashSet<ContentDigest>();
    needed.forEach(link -> elsewhere.add(link.digest()));
    documents.each(
        store,
        name,
        each -> {
          elsewhere.remove(content(each.digest()));
          each.blobs().forEach(elsewhere::remove);
        });
    var plain = StoreNames.plain(name);
    var missing = new ArrayList<Link>();
    for (var link : needed) {
      var digest = sha256(link.digest());
      boolean known =
          !elsewhere.contains(link.digest()) || added.containsKey(new Membership(plain, digest));
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
    return leased.in(
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
    return leased.in(
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
    return leased.in(
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
    return leased.in(
        store -> {
          if (!has(store, name, wanted)) {
            return false;
          }
          var user = documents.first(store, name, each -> each.blobs().contains(digest));
          if (user.isPresent()) {
            throw Refusal.of(
                405,
                ErrorCode.DENIED,
                "the manifest " + user.get().digest() + " needs this blob: delete that first");
          }
          added.remove(new Membership(StoreNames.plain(name), wanted));
          return true;
        });
  }

  // ---- uploads

  @Override
  public Upload begin(RepositoryName name, ContentDigest.Algorithm algorithm) throws IOException {
    uploads.takePlace();
    var handle = leased.use();
    try {
      var writer = handle.store().blobs().create().hashingHere();
      writer.pause();
      var upload = new StoreUpload(UUID.randomUUID().toString(), this, handle, name, writer);
      uploads.fill(upload);
      return upload;
    } catch (IOException | RuntimeException e) {
      uploads.giveBack();
      try {
        handle.release();
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  @Override
  public Optional<Upload> upload(RepositoryName name, String id) {
    return uploads
        .find(id)
        .filter(upload -> upload.repository().equals(name))
        .map(upload -> upload);
  }

  void forget(StoreUpload upload) {
    uploads.remove(upload);
  }

  @Override
  public void collect() throws IOException {
    // An upload holds on to an opening of the store, whose leases stay as long as it does.
    var patience =
        limits.grace().compareTo(limits.uploads().kept()) < 0
            ? limits.grace()
            : limits.uploads().kept();
    uploads.endIdle(patience);
    long kept = limits.grace().multipliedBy(2).toNanos();
    added.values().removeIf(since -> System.nanoTime() - since > kept);
    leased.renew();
  }

  @Override
  public void close() throws IOException {
    for (var upload : uploads.all()) {
      upload.cancel();
    }
    leased.close();
  }
}
