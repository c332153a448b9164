package dev.jbuild.store;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The decision what a prune removes, made while `locks/store` is held exclusively.
final class PrunePlan {

  private final Layout layout;
  private final PruneOptions options;
  private final Map<Digest, Long> treeSizes;
  private final Blobs blobs;
  private final Records records;
  private final Layers layers;
  private final Builds builds;
  private final Reach reach;
  private final Set<Digest> claimed;
  private final Set<Digest> keptTrees = new HashSet<>();
  private final Set<Digest> keptWeak = new HashSet<>();

  final List<Descriptor> images = new ArrayList<>();
  final List<Digest> droppedRecords = new ArrayList<>();
  final List<Digest> droppedWeak = new ArrayList<>();
  final List<Digest> droppedBuilds = new ArrayList<>();
  final List<Digest> droppedLayers = new ArrayList<>();
  final List<Digest> droppedOrigins = new ArrayList<>();
  final List<Digest> droppedTrees = new ArrayList<>();
  final List<Digest> droppedMounts = new ArrayList<>();

  /// Ids of containers and failed steps.
  final List<String> droppedKept = new ArrayList<>();

  /// Those that name others before those that are named.
  final List<Digest> droppedBlobs = new ArrayList<>();

  /// A record that can be kept.
  private record Candidate(Path file, Digest weakKey, Digest key, Needs needs, Instant used) {}

  /// @param treeSizes as far as they are known
  PrunePlan(Store store, Layout layout, PruneOptions options, Map<Digest, Long> treeSizes)
      throws IOException {
    this.layout = layout;
    this.options = options;
    this.treeSizes = treeSizes;
    this.blobs = store.blobs();
    this.records = store.records();
    this.layers = store.layers();
    this.builds = store.builds();
    this.reach = new Reach(layout, blobs, store.layers());
    this.claimed = Leases.claimed(layout);
    decideCacheMounts();
    if (!options.cacheMountsOnly()) {
      decide(store.references().load());
    }
  }

  private void decide(IndexFile index) throws IOException {
    for (var item : index.items()) {
      var image = item.descriptor();
      if (image == null) {
        continue;
      }
      boolean goes =
          item.isDangling()
              && !claimed.contains(image.digest())
              && isOld(Ages.of(layout.blob(image.digest())));
      if (goes) {
        images.add(image);
      } else {
        reach.add(List.of(image.digest()));
      }
    }
    if (!options.all()) {
      keptTrees.addAll(reach.chainIds());
    }
    reach.add(claimed);
    keptTrees.addAll(claimed);
    addKept();
    reach.addLayerFacts();
    decideRecords();
    decideBuilds();
    reach.addLayerFacts();
    decideRest();
  }

  private void decideCacheMounts() throws IOException {
    if (!options.dropsCacheMounts()) {
      return;
    }
    for (var mount : Names.digests(layout.mounts())) {
      if (isOld(Ages.of(layout.mount(mount))) && !CacheMounts.isInUse(layout, mount)) {
        droppedMounts.add(mount);
      }
    }
  }

  private boolean isOld(Instant used) {
    return options.until().isEmpty() || used.isBefore(options.until().get());
  }

  private void addKept() throws IOException {
    for (var id : Kept.ids(layout)) {
      var directory = layout.kept().resolve(id);
      var spec = directory.resolve(Kept.SPEC);
      if (options.dropsKept() && isOld(Ages.of(directory)) && !Kept.isInUse(layout, id)) {
        droppedKept.add(id);
      } else if (Files.isRegularFile(spec)) {
        add(needsOfKept(spec));
      }
    }
  }

  /// Nothing is removed as long as one of them cannot be understood.
  private static Needs needsOfKept(Path spec) throws IOException {
    try {
      return Needs.of(Files.readAllBytes(spec));
    } catch (ImageFormatException e) {
      throw StoreFailures.of(
              "the kept container's file "
                  + StoreFailures.printable(spec)
                  + " is broken: "
                  + e.getMessage())
          .hint("remove the container with jbuild rm, or its directory");
    }
  }

  private void add(Needs needs) throws IOException {
    reach.add(needs.blobs());
    keptTrees.addAll(needs.trees());
  }

  private void decideRecords() throws IOException {
    var candidates = new ArrayList<Candidate>();
    for (var key : Names.digests(layout.steps())) {
      var envelope = records.envelope(key);
      var needs = envelope.map(PrunePlan::needs);
      if (envelope.isEmpty() || needs.isEmpty() || !holds(needs.get())) {
        droppedRecords.add(key);
        continue;
      }
      var file = records.file(key);
      candidates.add(new Candidate(file, envelope.get().of(), key, needs.get(), Ages.of(file)));
    }
    candidates.sort(Comparator.comparing(Candidate::used).reversed());
    var budget = new Budget();
    for (var candidate : candidates) {
      if (goes(candidate, budget)) {
        droppedRecords.add(candidate.key());
      } else {
        keptWeak.add(candidate.weakKey());
        add(candidate.needs());
      }
    }
  }

  private static Needs needs(Envelope envelope) {
    try {
      return Needs.of(envelope.record());
    } catch (ImageFormatException e) {
      return new Needs(List.of(), List.of()); // it is its writer's business
    }
  }

  /// A layer that is elsewhere is as good as held.
  private boolean holds(Needs needs) throws IOException {
    for (var blob : needs.blobs()) {
      if (!blobs.contains(blob) && !layers.isWithinReach(blob)) {
        return false;
      }
    }
    return true;
  }

  private boolean goes(Candidate candidate, Budget budget) throws IOException {
    if (!options.touchesCache() || !isOld(candidate.used())) {
      return false;
    }
    return options.keepStorage().isEmpty() || !budget.admits(candidate.needs());
  }

  /// What is left of the bytes that the cache may keep.
  private final class Budget {

    private long left = options.keepStorage().orElse(0);
    private boolean exhausted;

    /// Whether a record with these needs, one less recently used than all before, still fits.
    boolean admits(Needs needs) throws IOException {
      long cost = 0;
      for (var blob : Set.copyOf(needs.blobs())) {
        boolean free = reach.blobs().contains(blob) || !blobs.contains(blob);
        cost += free ? 0 : blobs.size(blob);
      }
      for (var tree : Set.copyOf(needs.trees())) {
        cost += keptTrees.contains(tree) ? 0 : treeSizes.getOrDefault(tree, 0L);
      }
      exhausted |= cost > left;
      left -= exhausted ? 0 : cost;
      return !exhausted;
    }
  }

  private void decideBuilds() throws IOException {
    for (var key : Names.digests(layout.builds())) {
      var record = builds.last(key);
      if (options.dropsBuilds() && isOld(Ages.of(builds.directory(key)))) {
        droppedBuilds.add(key);
      } else if (record.isPresent()) {
        add(needs(new Envelope(key, record.get())));
      }
    }
  }

  private void decideRest() throws IOException {
    for (var weak : Names.digests(layout.weak())) {
      if (!keptWeak.contains(weak)) {
        droppedWeak.add(weak);
      }
    }
    for (var diffId : Names.digests(layout.layers())) {
      if (!reach.layers().contains(diffId)) {
        droppedLayers.add(diffId);
      }
    }
    for (var blob : Names.digests(layout.origins())) {
      if (!reach.blobs().contains(blob)) {
        droppedOrigins.add(blob);
      }
    }
    for (var tree : Names.digests(layout.trees())) {
      boolean useless = !Trees.isTrusted(layout, tree);
      boolean unneeded = !keptTrees.contains(tree) && isOld(Ages.of(layout.tree(tree)));
      if (!claimed.contains(tree) && (useless || unneeded)) {
        droppedTrees.add(tree);
      }
    }
    decideBlobs();
  }

  private void decideBlobs() throws IOException {
    var others = new ArrayList<Digest>();
    var manifests = new ArrayList<Digest>();
    for (var blob : Names.digests(layout.blobs())) {
      if (reach.blobs().contains(blob)) {
        continue;
      }
      var links = linksOfUnneeded(blob);
      if (links.documents().isEmpty() && links.leaves().isEmpty()) {
        others.add(blob);
      } else if (links.leaves().isEmpty()) {
        droppedBlobs.add(blob); // an index, or an image without layers
      } else {
        manifests.add(blob);
      }
    }
    droppedBlobs.addAll(manifests);
    droppedBlobs.addAll(others);
  }

  /// A damaged blob that nothing needs can go like any other.
  private Links linksOfUnneeded(Digest blob) throws IOException {
    try {
      return Reach.links(blobs, blob);
    } catch (CorruptBlobException e) {
      return Links.NONE;
    }
  }
}
