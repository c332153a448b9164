package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Reference;
import dev.jbuild.store.BlobFetcher;
import dev.jbuild.store.BlobOrigin;
import dev.jbuild.store.RemoteBlob;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// Brings what was left in registries, when its bytes are needed. Safe for use by many threads.
public final class RegistryFetcher implements BlobFetcher {

  private final Store store;
  private final Registries registries;
  private final Transfers listener;

  public RegistryFetcher(Store store, Registries registries, Transfers listener) {
    this.store = store;
    this.registries = registries;
    this.listener = listener;
  }

  @Override
  public void fetch(List<RemoteBlob> blobs) throws IOException, InterruptedException {
    var workers = new Workers();
    var pull = new BlobPull(store, listener, workers);
    workers.forEach(blobs, blob -> fetch(blob, pull));
  }

  private void fetch(RemoteBlob blob, BlobPull pull) throws IOException, InterruptedException {
    BuildFailure last = null;
    for (var origin : blob.origins()) {
      if (origin instanceof BlobOrigin.Repository place) {
        var wanted = place.blob();
        var kind = wanted.mediaType().isLayer() ? "layer" : "blob";
        var transfer = new TransferEvent.Transfer(kind, blob.digest().shortHex(), wanted.size());
        try {
          pull.run(sources(place), wanted, transfer);
          return;
        } catch (BuildFailure e) {
          last = last == null ? e : last; // the newest place is the one a person thinks of
        }
      }
    }
    throw last == null
        ? new IllegalStateException("no registry has " + blob)
        : unreachable(blob, last);
  }

  /// A mirror that serves tags only, or digests only, gave the manifest as it was asked for; either
  /// may have the blob.
  private List<Repository> sources(BlobOrigin.Repository place) {
    var name = new Reference(place.domain(), place.path(), Optional.empty(), Optional.empty());
    var sources = new LinkedHashMap<String, Repository>();
    for (var reading : List.of(name.withDigest(place.blob().digest()), name)) {
      for (var source : registries.sources(reading)) {
        sources.putIfAbsent(source.toString(), source);
      }
    }
    var own = registries.sources(name).getLast();
    sources.remove(own.toString());
    sources.put(own.toString(), own);
    return List.copyOf(sources.values());
  }

  private static BuildFailure unreachable(RemoteBlob blob, BuildFailure why) {
    var layer = blob.origins().getFirst().blob().mediaType().isLayer() ? "the layer " : "the blob ";
    var failure =
        BuildFailure.of(
            why.kind(),
            layer
                + blob.digest()
                + " is not in the store but in "
                + blob.places()
                + ", and cannot be brought: "
                + why.message(),
            why);
    return why.hint().isPresent() ? failure.hint(why.hint().get()) : failure;
  }
}
