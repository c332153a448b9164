package dev.jbuild.registry;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.store.Store;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Attaches to a pushed image the indexes of its layers, so that builds on it need not download
/// these to know what is in them.
record IndexAttachment(Store store, Repository repository, Scope scope, Transfers listener) {

  /// Sends what the store knows, if the registry lists referrers itself: a tag that a person would
  /// see is never made for it. What is there is not sent again, and is not read here either.
  ///
  /// @param image its manifest as it is in the registry
  void attach(Descriptor image, ImageConfig config) throws IOException, InterruptedException {
    var layers = new TreeSet<Digest>();
    for (var diffId : config.diffIds()) {
      if (store.layers().indexLength(diffId).orElse(Long.MAX_VALUE) <= IndexArtifact.LONGEST) {
        layers.add(diffId);
      }
    }
    if (layers.isEmpty() || layers.size() > IndexArtifact.MOST) {
      return;
    }
    var listed = repository.listedReferrers(image.digest(), IndexArtifact.TYPE);
    if (listed.isEmpty() || IndexArtifact.isAmong(listed.get(), layers)) {
      return;
    }
    var indexes = new TreeMap<Digest, byte[]>();
    for (var diffId : layers) {
      store.layers().index(diffId).ifPresent(bytes -> indexes.put(diffId, bytes));
    }
    var artifact = IndexArtifact.of(image, indexes);
    if (indexes.isEmpty() || artifact.isAmong(listed.get())) {
      return;
    }
    for (var blob : artifact.blobs().entrySet()) {
      send(blob);
    }
    var manifest = artifact.manifest();
    repository.put(
        new Document(manifest.descriptor(), manifest.bytes()), manifest.digest().toString());
  }

  private void send(Map.Entry<Digest, byte[]> blob) throws IOException, InterruptedException {
    if (!repository.hasBlob(blob.getKey(), scope)) {
      var bytes = blob.getValue();
      var transfer = new TransferEvent.Transfer("index", blob.getKey().shortHex(), bytes.length);
      new BlobUpload(repository, scope, source(blob.getKey(), bytes), transfer, listener).run();
    }
  }

  private static BlobUpload.Source source(Digest digest, byte[] bytes) {
    return new BlobUpload.Source() {
      @Override
      public long size() {
        return bytes.length;
      }

      @Override
      public InputStream open(long offset) throws IOException {
        var in = new ByteArrayInputStream(bytes);
        in.skipNBytes(offset);
        return in;
      }

      @Override
      public Digest digest() {
        return digest;
      }
    };
  }
}
