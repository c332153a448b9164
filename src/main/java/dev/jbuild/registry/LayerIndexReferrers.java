package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.Reference;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Indexes of layers as a registry has them for an image: referrers of its manifest in its own
/// repository. They are the word of whoever can push there, no more. Safe for use by many threads.
public final class LayerIndexReferrers {

  /// More artifacts of one image are not looked at.
  private static final int MOST = 4;

  /// More bytes of indexes of one image are not kept: what is left out is read from its layer.
  private static final long MOST_BYTES = 64L << 20;

  private final Registries registries;

  public LayerIndexReferrers(Registries registries) {
    this.registries = registries;
  }

  /// The indexes of some layers of an image, by diff ID, as far as there are any. That there are
  /// none, or none that can be read, is no failure: the layers themselves will do.
  ///
  /// @param image whose repository is asked
  /// @param manifest of the image
  public Map<Digest, byte[]> find(Reference image, Digest manifest, Set<Digest> diffIds)
      throws InterruptedException {
    for (var source : registries.sources(image)) {
      try {
        var found = find(source, manifest, diffIds);
        if (!found.isEmpty()) {
          return found;
        }
      } catch (InterruptedIOException e) {
        throw new InterruptedException(e.getMessage());
      } catch (BuildFailure | IOException e) {
        registries.warn(
            "the layer indexes of "
                + image.familiar()
                + " are not used: "
                + Printable.of(String.valueOf(e.getMessage())));
      }
    }
    return Map.of();
  }

  private static Map<Digest, byte[]> find(Repository source, Digest manifest, Set<Digest> diffIds)
      throws IOException, InterruptedException {
    var blobs = new LinkedHashMap<Digest, Descriptor>();
    var listed = source.listedReferrers(manifest, IndexArtifact.TYPE);
    for (var referrer : listed.orElse(List.of()).stream().limit(MOST).toList()) {
      if (blobs.size() < diffIds.size()) {
        read(source, referrer, manifest).forEach(blobs::putIfAbsent);
        blobs.keySet().retainAll(diffIds);
      }
    }
    var found = new ConcurrentHashMap<Digest, byte[]>();
    var total = new AtomicLong();
    var workers = new Workers();
    workers.forEach(
        blobs.entrySet(),
        each -> {
          source.host().transfers().acquire();
          try {
            if (total.get() < MOST_BYTES) {
              IndexArtifact.unpacked(bytes(source, each.getValue()))
                  .filter(index -> total.addAndGet(index.length) <= MOST_BYTES)
                  .ifPresent(index -> found.put(each.getKey(), index));
            }
          } finally {
            source.host().transfers().release();
          }
        });
    return found;
  }

  /// The blobs of an artifact by diff ID.
  private static Map<Digest, Descriptor> read(
      Repository source, Descriptor referrer, Digest subject)
      throws IOException, InterruptedException {
    var digest = referrer.digest();
    var document = source.manifest(digest.toString(), Optional.of(digest));
    if (document.isEmpty() || !document.get().descriptor().mediaType().isManifest()) {
      return Map.of();
    }
    var manifest = Manifest.parse(document.get().bytes(), document.get().descriptor().mediaType());
    boolean ours =
        manifest.artifactType().filter(IndexArtifact.TYPE::equals).isPresent()
            && manifest.subject().filter(each -> each.digest().equals(subject)).isPresent();
    var blobs = new HashMap<Digest, Descriptor>();
    if (ours) {
      for (var blob : manifest.layers().stream().limit(IndexArtifact.MOST).toList()) {
        IndexArtifact.diffId(blob).ifPresent(diffId -> blobs.putIfAbsent(diffId, blob));
      }
    }
    return blobs;
  }

  private static byte[] bytes(Repository source, Descriptor blob) throws IOException {
    try (var in = BlobStream.open(source, blob, 0)) {
      return in.readNBytes(Math.toIntExact(blob.size()));
    }
  }
}
