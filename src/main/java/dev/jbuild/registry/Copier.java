package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.http.PassingException;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Copies images from one place in a registry to another, in the same registry or in another.
/// Nothing is stored here: bytes go through. Manifests stay byte for byte what they were, with what
/// refers to them.
public final class Copier {

  private static final int DEEPEST = 5;

  /// How the tags end under which cosign, podman and skopeo keep what they say about a manifest, in
  /// registries that know no referrers and in others.
  private static final List<String> ATTACHED = List.of(".sig", ".att", ".sbom");

  private final Registries registries;
  private final Transfers listener;

  public Copier(Registries registries, Transfers listener) {
    this.registries = registries;
    this.listener = listener;
  }

  /// Copies an image with its referrers.
  ///
  /// @param platform of an index, only the image for it; empty: all of them, and the index
  /// @return what was copied
  /// @throws BuildFailure REGISTRY if one side does not give or the other does not take it
  public Descriptor copy(Reference from, Reference to, Optional<Platform> platform)
      throws InterruptedException {
    var tag = to.tag().orElse("latest");
    try {
      var found = registries.find(from);
      var copy = new Copy(found.sources(), registries.repository(to));
      return copy.run(copy.chosen(found.document(), platform, 0), tag);
    } catch (ImageFormatException e) {
      throw Failures.of(from.familiar() + " cannot be copied: " + e.getMessage(), e);
    } catch (InterruptedIOException e) {
      throw new InterruptedException(e.getMessage());
    } catch (IOException e) { // nothing here reads or writes files
      throw Failures.of(from.familiar() + " cannot be copied: " + e.getMessage(), e);
    }
  }

  /// One image on its way.
  private final class Copy {
    /// In the order in which they are asked; the registry itself comes last.
    private final List<Repository> sources;

    private final Repository target;
    private final Scope scope;
    private volatile boolean canMount = true;

    /// Who says what refers to a manifest: a mirror has what was once asked of it.
    private Repository referring;

    Copy(List<Repository> sources, Repository target) {
      this.sources = sources;
      this.referring = sources.getLast();
      this.target = target;
      this.scope = Scope.push(target.path());
    }

    Document chosen(Document document, Optional<Platform> platform, int depth)
        throws IOException, InterruptedException {
      if (platform.isEmpty() || !document.descriptor().mediaType().isIndex()) {
        return document;
      }
      if (depth > DEEPEST) {
        throw tooDeep();
      }
      var index = Index.parse(document.bytes(), document.descriptor().mediaType());
      return chosen(document(index.select(platform.get())), platform, depth + 1);
    }

    private static ImageFormatException tooDeep() {
      return new ImageFormatException("an index is nested deeper than " + DEEPEST + " levels");
    }

    private Document document(Descriptor wanted) throws IOException, InterruptedException {
      BuildFailure last = null;
      for (var source : sources) {
        try {
          var found = source.manifest(wanted.digest().toString(), Optional.of(wanted.digest()));
          if (found.isPresent()) {
            return found.get();
          }
        } catch (BuildFailure e) {
          last = e; // a mirror need not have all of an image
        }
      }
      throw last != null
          ? last
          : Failures.of(sources.getLast() + " has no manifest " + wanted.digest());
    }

    Descriptor run(Document root, String tag) throws IOException, InterruptedException {
      send(root, Optional.of(tag), 0);
      return root.descriptor();
    }

    private void send(Document document, Optional<String> tag, int depth)
        throws IOException, InterruptedException {
      if (depth > DEEPEST) {
        throw tooDeep();
      }
      var type = document.descriptor().mediaType();
      if (type.isIndex()) {
        for (var child : Index.parse(document.bytes(), type).manifests()) {
          if (child.mediaType().isIndex() || child.mediaType().isManifest()) {
            send(document(child), Optional.empty(), depth + 1);
          } else {
            blob(child, "blob"); // other tools keep a build cache as an index of layers
          }
        }
      } else {
        blobs(Manifest.parse(document.bytes(), type));
      }
      var digest = document.descriptor().digest();
      target.put(document, tag.orElse(digest.toString()));
      referrers(document.descriptor(), depth);
      attached(digest);
    }

    private void attached(Digest subject) throws IOException, InterruptedException {
      for (var end : ATTACHED) {
        var tag = Repository.referrersTag(subject) + end;
        var found = referring.manifest(tag, Optional.empty());
        if (found.isPresent() && found.get().descriptor().mediaType().isManifest()) {
          blobs(Manifest.parse(found.get().bytes(), found.get().descriptor().mediaType()));
          target.put(found.get(), tag);
        }
      }
    }

    private void blobs(Manifest manifest) throws IOException, InterruptedException {
      Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
      blobs.put(manifest.config().digest(), manifest.config());
      manifest.layers().forEach(layer -> blobs.putIfAbsent(layer.digest(), layer));
      blobs.values().removeIf(blob -> LayerKind.isForeign(blob.mediaType()));
      var workers = new Workers();
      var config = manifest.config().digest();
      workers.forEach(
          List.copyOf(blobs.values()),
          blob -> blob(blob, blob.digest().equals(config) ? "config" : "layer"));
    }

    private void blob(Descriptor blob, String kind) throws IOException, InterruptedException {
      long since = System.nanoTime();
      var transfer = new TransferEvent.Transfer(kind, blob.digest().shortHex(), blob.size());
      target.host().transfers().acquire();
      try {
        listener.on(
            new TransferEvent.Finished(
                transfer,
                bring(blob, transfer),
                blob.size(),
                Duration.ofNanos(System.nanoTime() - since)));
      } finally {
        target.host().transfers().release();
      }
    }

    private TransferEvent.Ending bring(Descriptor blob, TransferEvent.Transfer transfer)
        throws IOException, InterruptedException {
      if (target.hasBlob(blob.digest(), scope)) {
        return TransferEvent.Ending.THERE;
      }
      var upload = new BlobUpload(target, scope, through(blob), transfer, listener);
      if (isMounted(upload, blob.digest())) {
        return TransferEvent.Ending.MOUNTED;
      }
      listener.on(new TransferEvent.Started(transfer));
      upload.run();
      return TransferEvent.Ending.MOVED;
    }

    private boolean isMounted(BlobUpload upload, Digest blob)
        throws IOException, InterruptedException {
      var host = target.host().name();
      var neighbour = sources.stream().filter(each -> each.host().name().equals(host)).findFirst();
      try {
        return canMount && neighbour.isPresent() && upload.mount(blob, neighbour.get().path());
      } catch (PassingException e) {
        canMount = false;
        return false;
      }
    }

    private BlobUpload.Source through(Descriptor blob) {
      return new BlobUpload.Source() {
        @Override
        public long size() {
          return blob.size();
        }

        @Override
        public InputStream open(long offset) throws IOException {
          return bytes(blob, offset);
        }

        @Override
        public Digest digest() {
          return blob.digest();
        }
      };
    }

    private InputStream bytes(Descriptor blob, long offset) throws IOException {
      for (int i = 0; ; i++) {
        try {
          return BlobStream.open(sources.get(i), blob, offset);
        } catch (BuildFailure | PassingException e) {
          if (i == sources.size() - 1) { // else the next place may have it
            throw e;
          }
        }
      }
    }

    /// As the registry itself says; where it says nothing, a mirror's word is passed on with a
    /// warning.
    private List<Descriptor> referrersOf(Digest subject) throws IOException, InterruptedException {
      try {
        return referring.referrers(subject);
      } catch (BuildFailure e) {
        if (sources.size() == 1 || referring.equals(sources.getFirst())) {
          throw e;
        }
        registries.warn(
            "what refers to the image is copied as "
                + sources.getFirst()
                + " lists it, which may not be all: "
                + e.message());
        referring = sources.getFirst();
        return referring.referrers(subject);
      }
    }

    /// What says something about a manifest goes where it goes (distribution-spec, referrers).
    private void referrers(Descriptor subject, int depth) throws IOException, InterruptedException {
      var found = referrersOf(subject.digest());
      for (var each : found) {
        if (each.mediaType().isManifest() || each.mediaType().isIndex()) {
          send(document(each), Optional.empty(), depth + 1);
        }
      }
      if (!found.isEmpty() && !target.listsReferrers(subject.digest())) {
        var all = new ArrayList<>(target.referrers(subject.digest()));
        found.stream()
            .filter(each -> all.stream().noneMatch(old -> old.digest().equals(each.digest())))
            .forEach(all::add);
        var index = Index.of(MediaType.OCI_INDEX, all, Map.of());
        target.put(
            new Document(index.descriptor(), index.bytes()),
            Repository.referrersTag(subject.digest()));
      }
    }
  }
}
