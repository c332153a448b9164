package dev.jbuild.store;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// Removes what nothing needs.
///
/// While `locks/store` is held exclusively it is decided and moved to `tmp/`, which takes no longer
/// than renaming; removing the bytes comes after. What names others goes before what is named, so
/// that a crash in between leaves nothing that lacks a part. Names that are not the store's own are
/// not touched.
final class Pruner {

  private static final int STEP_LOCK = 64;

  private final Store store;
  private final Layout layout;
  private final TempArea temps;
  private final List<Path> taken = new ArrayList<>();
  private final List<Path> takenBlobs = new ArrayList<>();

  Pruner(Store store, Layout layout) throws IOException {
    this.store = store;
    this.layout = layout;
    this.temps = store.lease().temps();
  }

  Pruned prune(PruneOptions options) throws IOException {
    var treeSizes = options.keepStorage().isPresent() ? treeSizes() : Map.<Digest, Long>of();
    PrunePlan plan;
    long bytes = 0;
    var cacheMounts = new ArrayList<String>();
    try (var _ = Locks.exclusive(layout.storeLock())) {
      plan = new PrunePlan(store, layout, options, treeSizes);
      for (var mount : plan.droppedMounts) {
        cacheMounts.add(CacheMounts.id(layout, mount).orElse(mount.hex()));
      }
      for (var blob : plan.droppedBlobs) {
        bytes += store.blobs().size(blob);
      }
      if (!options.dryRun()) {
        forget(plan);
        takeAway(plan);
        removeStepLocks();
      }
    }
    bytes += options.dryRun() ? sizes(directories(plan)) : sizes(taken);
    if (!options.dryRun()) {
      removeTaken();
      Leases.reap(layout);
    }
    return new Pruned(
        plan.images,
        plan.droppedBlobs,
        plan.droppedRecords,
        plan.droppedBuilds,
        plan.droppedTrees,
        cacheMounts,
        plan.droppedKept,
        bytes);
  }

  /// Before any lock is held, since it takes long.
  private Map<Digest, Long> treeSizes() throws IOException {
    var sizes = new HashMap<Digest, Long>();
    for (var tree : Names.digests(layout.trees())) {
      sizes.put(tree, TreeSize.of(layout.tree(tree)));
    }
    return sizes;
  }

  private List<Path> directories(PrunePlan plan) {
    var directories = new ArrayList<Path>();
    plan.droppedTrees.forEach(tree -> directories.add(layout.tree(tree)));
    plan.droppedMounts.forEach(mount -> directories.add(layout.mount(mount)));
    plan.droppedKept.forEach(id -> directories.add(layout.kept().resolve(id)));
    return directories;
  }

  private static long sizes(List<Path> trees) throws IOException {
    long bytes = 0;
    for (var tree : trees) {
      bytes += TreeSize.of(tree);
    }
    return bytes;
  }

  /// Removes, durably, whatever names what is about to go.
  private void forget(PrunePlan plan) throws IOException {
    if (!plan.images.isEmpty()) {
      var digests = new HashSet<>(plan.images.stream().map(Descriptor::digest).toList());
      store
          .references()
          .change(
              index ->
                  index
                      .items()
                      .removeIf(item -> item.isDangling() && digests.stream().anyMatch(item::is)));
    }
    delete(layout.steps(), plan.droppedRecords);
    delete(layout.weak(), plan.droppedWeak);
    delete(layout.layers(), plan.droppedLayers);
    delete(layout.origins(), plan.droppedOrigins);
  }

  private static void delete(Path directory, List<Digest> names) throws IOException {
    if (names.isEmpty()) {
      return;
    }
    for (var name : names) {
      Files.deleteIfExists(directory.resolve(name.hex()));
    }
    try (var opened = Directory.open(directory)) {
      opened.sync();
    }
  }

  private void takeAway(PrunePlan plan) throws IOException {
    for (var build : plan.droppedBuilds) {
      taken.add(temps.takeAway(store.builds().directory(build)));
    }
    for (var id : plan.droppedKept) {
      taken.add(temps.takeAway(layout.kept().resolve(id)));
    }
    for (var tree : plan.droppedTrees) {
      taken.add(temps.takeAway(layout.tree(tree)));
    }
    for (var mount : plan.droppedMounts) {
      taken.add(temps.takeAway(layout.mount(mount)));
    }
    if (Files.isDirectory(layout.answers())) { // they may tell of what goes
      taken.add(temps.takeAway(layout.answers()));
    }
    try (var blobs = Directory.open(layout.blobs())) {
      for (var blob : plan.droppedBlobs) {
        takenBlobs.add(temps.takeAway(blobs, blob.hex()));
      }
    }
  }

  /// Whoever takes such a lock holds `locks/store` shared meanwhile: none is taken on a file that
  /// is being removed.
  private void removeStepLocks() throws IOException {
    for (var name : Names.matching(layout.locks(), STEP_LOCK)) {
      var file = layout.locks().resolve(name);
      var lock = FileLock.tryExclusive(file);
      if (lock.isPresent()) {
        try (var _ = lock.get()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private void removeTaken() throws IOException {
    for (var path : takenBlobs) {
      temps.remove(path);
    }
    for (var path : taken) {
      temps.remove(path);
    }
  }
}
