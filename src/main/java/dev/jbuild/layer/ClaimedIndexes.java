package dev.jbuild.layer;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.store.Layers;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// Indexes that are only claimed to be those of their layers: each is held against the layer when
/// that is first read. Safe for use by many threads.
final class ClaimedIndexes {

  private final Store store;
  private final ForeignIndexes foreign;
  private final Object asking = new Object();

  /// What was handed out, or stood in the store when it was first asked for: it stays a claim for
  /// this reader, whatever comes out, since something may have been made with it.
  private final SortedMap<Digest, Digest> claims = new TreeMap<>();

  private final Set<Digest> looked = ConcurrentHashMap.newKeySet();
  private final Set<Digest> settled = ConcurrentHashMap.newKeySet();
  private final Set<Digest> refuted = ConcurrentHashMap.newKeySet();

  ClaimedIndexes(Store store, ForeignIndexes foreign) {
    this.store = store;
    this.foreign = foreign;
  }

  /// Asks for the indexes of layers that are not here.
  ///
  /// @param unindexed that have no index
  /// @return those that have none still
  Set<Digest> ask(Collection<Digest> unindexed) throws IOException {
    synchronized (asking) { // stages on one base ask once, and the others wait for the answer
      return left(unindexed);
    }
  }

  /// Whether the store has an index that may be used: a certain one, or a claim of one who is
  /// believed here. A diff ID proves nothing: an image of anybody can name the layer of another.
  boolean hasIndex(Digest diffId) throws IOException {
    return store.layers().hasIndex(diffId, source -> foreign.believes(diffId, source));
  }

  /// The bytes of that index, which is thereby handed out.
  Optional<byte[]> index(Digest diffId) throws IOException {
    var kept = store.layers().indexNow(diffId, source -> foreign.believes(diffId, source));
    if (kept.isPresent() && kept.get().claimed()) {
      synchronized (claims) {
        claims.put(diffId, kept.get().digest());
      }
    }
    return kept.map(Layers.KeptIndex::bytes);
  }

  /// Whether the store has an index that is only claimed, and is to be held against the layer.
  boolean isUnsettled(Digest diffId) throws IOException {
    return store
        .layers()
        .claimedIndex(diffId, source -> foreign.checks(diffId, source))
        .isPresent();
  }

  /// The digest of the index that may be used, if it is a claim.
  private Optional<Digest> claim(Digest diffId) throws IOException {
    return store.layers().claimedIndex(diffId, source -> foreign.believes(diffId, source));
  }

  private Set<Digest> left(Collection<Digest> unindexed) throws IOException {
    var left = new HashSet<Digest>();
    for (var diffId : unindexed) {
      if (!hasIndex(diffId)) {
        left.add(diffId);
      }
    }
    var elsewhere = new HashSet<Digest>();
    for (var diffId : left) {
      var forms = store.layers().within(diffId);
      if (!forms.isEmpty() && !store.blobs().contains(forms.getFirst().digest())) {
        elsewhere.add(diffId);
      }
    }
    if (!elsewhere.isEmpty()) {
      for (var found : foreign.find(elsewhere).entrySet()) {
        if (left.contains(found.getKey()) && accepts(found.getKey(), found.getValue())) {
          left.remove(found.getKey());
        }
      }
    }
    return left;
  }

  /// Digests of files are left out: to hold them against a layer all of it would have to be hashed
  /// file by file, and a step that needs one reads the file anyway.
  private boolean accepts(Digest diffId, ForeignIndexes.Claim claim) throws IOException {
    LayerIndex index;
    try {
      index = LayerIndex.parse(claim.index()).withoutDigests();
    } catch (IOException malformed) {
      return false; // the layer itself will do
    }
    store
        .layers()
        .putClaimedIndex(
            diffId, index.toBytes(), claim.source(), source -> foreign.believes(diffId, source));
    return true;
  }

  /// Notes that the index of the store is being handed out.
  void handOut(Digest diffId) throws IOException {
    var claimed = claim(diffId);
    if (claimed.isPresent()) {
      synchronized (claims) {
        claims.put(diffId, claimed.get());
      }
    }
  }

  /// The claims about these layers: what is made with one of them is as good as they are.
  SortedMap<Digest, Digest> of(Collection<Digest> diffIds) throws IOException {
    var found = new TreeMap<Digest, Digest>();
    for (var diffId : diffIds) {
      if (looked.add(diffId)) {
        handOut(diffId);
      }
      synchronized (claims) {
        var claim = claims.get(diffId);
        if (claim != null) {
          found.put(diffId, claim);
        }
      }
    }
    return found;
  }

  /// Whether a claim was handed out and not yet held against its layer.
  boolean isOpen(Digest diffId) {
    synchronized (claims) {
      return claims.containsKey(diffId) && !settled.contains(diffId);
    }
  }

  /// The layers of which a claim was handed out and not yet held against them.
  List<Digest> open() {
    synchronized (claims) {
      return claims.keySet().stream().filter(diffId -> !settled.contains(diffId)).toList();
    }
  }

  /// Whether a claim about the layer was found to be false here.
  boolean isRefuted(Digest diffId) {
    return refuted.contains(diffId);
  }

  /// Whether nothing that was handed out about a layer is open or false.
  boolean isCertain(Digest diffId) {
    return !isOpen(diffId) && !refuted.contains(diffId);
  }

  /// The index that is claimed to be a layer's and is to be held against it.
  Optional<LayerIndex> claimed(Digest diffId) throws IOException {
    if (!isUnsettled(diffId)) {
      return Optional.empty();
    }
    try {
      var bytes = store.layers().index(diffId, source -> foreign.checks(diffId, source));
      return bytes.isPresent() ? Optional.of(LayerIndex.parse(bytes.get())) : Optional.empty();
    } catch (IOException damaged) {
      return Optional.empty();
    }
  }

  /// Keeps the true index of a layer, or the claimed one if it is true.
  ///
  /// @param truth as the layer itself has it
  /// @throws BuildFailure if the claim is false: what was made with it, now or by a build before,
  ///     is wrong, and is not found again
  LayerIndex settle(Digest diffId, Optional<LayerIndex> claim, LayerIndex truth)
      throws IOException {
    if (claim.isPresent() && claim.get().isTrue(truth)) {
      // not what the store has by now: another build may have put the claim of another there
      store.layers().putIndex(diffId, claim.get().toBytes());
      settled.add(diffId);
      return claim.get();
    }
    if (claim.isPresent()) {
      refuted.add(diffId);
      foreign.refuted(diffId);
    }
    settled.add(diffId);
    store.layers().putIndex(diffId, truth.toBytes());
    if (claim.isPresent()) {
      throw refuted(diffId);
    }
    return truth;
  }

  private static BuildFailure refuted(Digest diffId) {
    return BuildFailure.of(
            BuildFailure.Kind.REGISTRY,
            "the index that the registry gave for the layer "
                + diffId
                + " is false, and steps may have been made with it")
        .hint(
            "build again, and what was built on this base before: such steps are made anew from"
                + " the layer itself; whoever can push to the base's repository can have put the"
                + " index there");
  }
}
