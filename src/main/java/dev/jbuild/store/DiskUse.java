package dev.jbuild.store;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a store's bytes are for. A blob counts where it is first needed, in the order of [Kind].
public record DiskUse(List<Share> shares) {

  public DiskUse {
    shares = List.copyOf(shares);
  }

  /// What bytes are for.
  public enum Kind {
    /// Images with a name.
    IMAGES,
    /// Images that lost theirs; the next prune removes them.
    DANGLING,
    /// The step cache and what is known of layers.
    CACHE,
    /// Blobs that nothing needs, or only a process that is running.
    UNREFERENCED,
    /// Unpacked layers.
    TREES,
    /// Records and logs of builds.
    BUILDS,
    /// Containers and failed steps, with the layers that only they need.
    KEPT,
    /// RUN's cache mounts.
    MOUNTS,
    /// What is being written or removed, or was left by a crash.
    TEMPORARY
  }

  /// @param count of blobs or of entries in the directory
  public record Share(Kind kind, long count, long bytes) {}

  /// The sum of all shares.
  public long bytes() {
    return shares.stream().mapToLong(Share::bytes).sum();
  }

  static DiskUse of(Store store, Layout layout) throws IOException {
    var shares = new ArrayList<Share>();
    var counted = new HashSet<Digest>();
    var reach = new Reach(layout, store.blobs(), store.layers());
    var dangling = new HashSet<Digest>();
    for (var entry : store.references().all()) {
      if (entry.name().isPresent()) {
        reach.add(List.of(entry.descriptor().digest()));
      } else {
        dangling.add(entry.descriptor().digest());
      }
    }
    shares.add(share(store, Kind.IMAGES, reach.blobs(), counted));
    reach.add(dangling);
    shares.add(share(store, Kind.DANGLING, reach.blobs(), counted));
    addRecords(store, layout, reach);
    shares.add(share(store, Kind.CACHE, reach.blobs(), counted));
    addKept(store, reach);
    var ofKept = share(store, Kind.KEPT, reach.blobs(), counted);
    var all = new HashSet<>(Names.digests(layout.blobs()));
    shares.add(share(store, Kind.UNREFERENCED, all, counted));
    shares.add(directory(Kind.TREES, layout.trees()));
    shares.add(directory(Kind.BUILDS, layout.builds()));
    var kept = directory(Kind.KEPT, layout.kept());
    shares.add(new Share(Kind.KEPT, kept.count(), kept.bytes() + ofKept.bytes()));
    shares.add(directory(Kind.MOUNTS, layout.mounts()));
    shares.add(directory(Kind.TEMPORARY, layout.tmp()));
    return new DiskUse(shares);
  }

  private static void addRecords(Store store, Layout layout, Reach reach) throws IOException {
    for (var key : Names.digests(layout.steps())) {
      var envelope = store.records().envelope(key);
      if (envelope.isPresent()) {
        reach.add(blobs(envelope.get().record()));
      }
    }
    for (var key : Names.digests(layout.builds())) {
      var record = store.builds().last(key);
      if (record.isPresent()) {
        reach.add(blobs(record.get()));
      }
    }
    reach.addLayerFacts();
  }

  private static void addKept(Store store, Reach reach) throws IOException {
    for (var entry : store.kept().list()) {
      reach.add(blobs(entry.spec()));
    }
    reach.addLayerFacts();
  }

  private static List<Digest> blobs(byte[] record) {
    try {
      return Needs.of(record).blobs();
    } catch (ImageFormatException e) {
      return List.of();
    }
  }

  private static Share share(Store store, Kind kind, Set<Digest> blobs, Set<Digest> counted)
      throws IOException {
    long count = 0;
    long bytes = 0;
    for (var blob : blobs) {
      if (store.blobs().contains(blob) && counted.add(blob)) {
        count++;
        bytes += store.blobs().size(blob);
      }
    }
    return new Share(kind, count, bytes);
  }

  private static Share directory(Kind kind, Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return new Share(kind, 0, 0);
    }
    long count;
    try (var entries = Files.list(directory)) {
      count = entries.count();
    }
    return new Share(kind, count, TreeSize.of(directory));
  }
}
