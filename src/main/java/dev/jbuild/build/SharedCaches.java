package dev.jbuild.build;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Progress;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Platform;
import dev.jbuild.layer.ForeignIndexes;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.registry.IndexArtifact;
import dev.jbuild.store.CorruptBlobException;
import dev.jbuild.store.MissingBlobException;
import dev.jbuild.store.Store;
import dev.jbuild.store.WrongContentException;
import dev.jbuild.tar.TarFormatException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// The shared caches from which a build may take steps (`--cache-from`), in the order in which they
/// were named. Safe for use by many threads.
///
/// None of them can make a build fail: one that is missing, broken or out of reach is told and left
/// out, and a layer that turns out to be gone or false is made again.
final class SharedCaches implements ForeignIndexes {

  /// More bytes of indexes are not kept at once: what is left out is read from its layer.
  private static final long MOST_INDEX_BYTES = 64L << 20;

  private final Store store;
  private final List<SharedCache> caches;

  /// Layers of the steps that were taken from here, or that were known to lie elsewhere.
  private final Set<Digest> taken = ConcurrentHashMap.newKeySet();

  /// Indexes of layers that were taken, by diff ID.
  private final Map<Digest, Given> indexes = new ConcurrentHashMap<>();

  /// Whether one of them was found to be false.
  private volatile boolean refuted;

  private volatile boolean heldOnly;

  private SharedCaches(Store store, List<SharedCache> caches) {
    this.store = store;
    this.caches = List.copyOf(caches);
  }

  /// A step found in a shared cache.
  ///
  /// @param same the same step as it is known under other keys
  /// @param needed what of it the store holds or can have
  record Hit(SharedRecord record, List<SharedRecord> same, List<Digest> needed, CachePlace from) {}

  /// The packed index of a layer, and who gave it.
  private record Given(Descriptor blob, String claimant) {}

  /// Those of a build that has none.
  static SharedCaches none(Store store) {
    return new SharedCaches(store, List.of());
  }

  /// These, then others, are asked for indexes.
  ForeignIndexes before(ForeignIndexes others) {
    return new ForeignIndexes() {
      @Override
      public Map<Digest, Claim> find(Set<Digest> diffIds) throws IOException {
        var found = SharedCaches.this.find(diffIds);
        var rest = new HashSet<>(diffIds);
        rest.removeAll(found.keySet());
        if (!rest.isEmpty()) {
          found.putAll(others.find(rest));
        }
        return found;
      }

      @Override
      public boolean believes(Digest diffId, String source) {
        return SharedCaches.this.believes(diffId, source) || others.believes(diffId, source);
      }

      @Override
      public void refuted(Digest diffId) {
        SharedCaches.this.refuted(diffId);
        others.refuted(diffId);
      }
    };
  }

  /// Reads what is at `places`; of what cannot be read a person is told.
  static SharedCaches open(
      Store store,
      CacheReader reader,
      List<CachePlace> places,
      List<Platform> platforms,
      Progress progress)
      throws IOException, InterruptedException {
    var caches = new ArrayList<SharedCache>();
    for (var place : places) {
      long since = System.nanoTime();
      try {
        var read = reader.read(place, platforms);
        caches.addAll(read);
        int steps = read.stream().mapToInt(each -> each.records().size()).sum();
        progress.on(
            new BuildEvent.Finished(
                new BuildEvent.Step("cache " + place, "records of steps"),
                BuildEvent.Outcome.DONE,
                Duration.ofNanos(System.nanoTime() - since),
                steps + (steps == 1 ? " record" : " records")));
      } catch (BuildFailure e) {
        progress.on(unusable(place, e.message()));
      } catch (FileSystemException e) {
        var why = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
        progress.on(unusable(place, e.getFile() + ": " + why));
      } catch (ImageFormatException e) {
        progress.on(unusable(place, String.valueOf(e.getMessage())));
      }
    }
    return new SharedCaches(store, caches);
  }

  private static BuildEvent.Warning unusable(CachePlace place, String why) {
    return new BuildEvent.Warning("the cache " + place + " is not used: " + Printable.of(why));
  }

  boolean isEmpty() {
    return caches.isEmpty();
  }

  /// What a step made that has this key, if one of the caches knows it. From then on the store
  /// knows where the layer is.
  ///
  /// A record without its layer will do as long as nobody reads the layer, if there is no better.
  Optional<Hit> find(Digest key) throws IOException {
    Optional<Hit> told = Optional.empty();
    for (var cache : caches) {
      var record = cache.find(key);
      if (record == null) {
        continue;
      }
      var layer = record.record().layer();
      if (layer.isEmpty() || isHeld(layer.get())) {
        return Optional.of(hit(record, cache, layer));
      }
      if (heldOnly) {
        continue;
      }
      if (cache.holds(layer.get())) {
        cache.tell(store, layer.get());
        tellIndex(cache, layer.get());
        taken.add(layer.get());
        return Optional.of(hit(record, cache, layer));
      }
      if (told.isEmpty()) {
        told = Optional.of(hit(record, cache, Optional.empty()));
      }
    }
    told.flatMap(hit -> hit.record.record().layer()).ifPresent(taken::add);
    return told;
  }

  /// The cache that has a layer may lack its index, and another have it.
  private void tellIndex(SharedCache giver, Digest layer) throws IOException {
    if (indexes.containsKey(layer)) {
      return;
    }
    for (var cache : Stream.concat(Stream.of(giver), caches.stream()).toList()) {
      var index = cache.tellIndex(store, layer);
      if (index.isPresent()) {
        indexes.putIfAbsent(layer, new Given(index.get(), claimant(cache)));
        return;
      }
    }
  }

  /// @param layer if it can be had
  private Hit hit(SharedRecord record, SharedCache cache, Optional<Digest> layer)
      throws IOException {
    var needed = new ArrayList<Digest>(layer.stream().toList());
    var files = record.record().files();
    if (files.isPresent() && isKnown(files.get())) {
      needed.add(files.get());
    }
    return new Hit(record, cache.same(record), needed, cache.place());
  }

  /// Whether the store has the manifest of what a step copied, or knows where it is.
  private boolean isKnown(Digest files) throws IOException {
    if (store.lease().keep(files)) {
      return true;
    }
    for (var cache : caches) {
      if (cache.tellInputs(store, files)) {
        return true;
      }
    }
    return store.remote().isWithinReach(files);
  }

  /// Has the store hold the manifest of what a step copied.
  ///
  /// @return whether it does
  boolean bringInputs(Digest files) throws IOException {
    if (!isKnown(files)) {
      return false;
    }
    try {
      store.remote().bring(List.of(files));
      return true;
    } catch (BuildFailure e) {
      return false; // it would only have explained
    }
  }

  /// Whether a layer of a record that the store has of its own may be used.
  boolean isUsable(Digest layer) throws IOException {
    if (store.lease().keep(layer)) {
      return true;
    }
    if (heldOnly ? isHeld(layer) : store.lease().keepLayer(layer, store.layers())) {
      taken.add(layer);
      return true;
    }
    return false;
  }

  /// The same for one that never was here, which will do as long as nobody reads it.
  boolean isUsableAsTold(Digest layer) {
    if (heldOnly) {
      return false;
    }
    taken.add(layer);
    return true;
  }

  /// Whether the store has the layer, and not only something that is said to be it.
  private boolean isHeld(Digest layer) throws IOException {
    return store.layers().stored(layer).isPresent();
  }

  /// Makes sure of the layers among `diffIds` that came from a cache: which bytes they have was
  /// only said.
  ///
  /// @param layers by which the steps of the build knew them
  /// @throws BuildFailure if one is another, or has another index than was claimed
  void verify(List<Digest> diffIds, LayerReader layers) throws IOException {
    var ours = diffIds.stream().filter(taken::contains).toList();
    layers.bring(ours); // several at once
    layers.verify(ours);
    for (var diffId : ours) {
      layers.plain(diffId).close();
    }
  }

  /// The last build of the same thing as far as the caches tell.
  Optional<BuildRecord> build(BuildRecord.What what) {
    return caches.stream().flatMap(cache -> cache.build(what).stream()).findFirst();
  }

  /// The indexes of layers that were taken from a cache, as it claims them; of no other layer.
  @Override
  public Map<Digest, Claim> find(Set<Digest> diffIds) throws IOException {
    var found = new HashMap<Digest, Claim>();
    long left = MOST_INDEX_BYTES;
    for (var diffId : heldOnly ? Set.<Digest>of() : diffIds) {
      var given = indexes.get(diffId);
      if (given == null || !taken.contains(diffId)) {
        continue;
      }
      var index = unpacked(given.blob);
      if (index.isPresent() && index.get().length <= left) {
        left -= index.get().length;
        found.put(diffId, new Claim(given.claimant, index.get()));
      }
    }
    return found;
  }

  @Override
  public void refuted(Digest diffId) {
    if (taken.contains(diffId)) {
      refuted = true;
    }
  }

  /// What one of these caches said of a layer, also to a build before.
  @Override
  public boolean believes(Digest diffId, String source) {
    return !heldOnly && caches.stream().anyMatch(cache -> claimant(cache).equals(source));
  }

  private static String claimant(SharedCache cache) {
    return "cache " + cache.place();
  }

  /// Nothing if it cannot be had or read: the layer itself will do.
  private Optional<byte[]> unpacked(Descriptor index) throws InterruptedIOException {
    try {
      store.remote().bring(List.of(index.digest()));
      return IndexArtifact.unpacked(store.blobs().read(index.digest(), IndexArtifact.LONGEST));
    } catch (InterruptedIOException e) {
      throw e;
    } catch (BuildFailure | IOException e) {
      return Optional.empty();
    }
  }

  /// The packed indexes that each cache has of layers which were taken and which nobody here has
  /// read, by diff ID.
  Map<CachePlace, Map<Digest, Descriptor>> unread() throws IOException {
    var unread = new HashMap<CachePlace, Map<Digest, Descriptor>>();
    for (var layer : indexes.keySet()) {
      if (store.layers().hasIndex(layer, _ -> false)) {
        continue;
      }
      for (var cache : caches) {
        var index = cache.tellIndex(store, layer);
        if (index.isPresent()) {
          unread.computeIfAbsent(cache.place(), _ -> new HashMap<>()).put(layer, index.get());
        }
      }
    }
    return unread;
  }

  /// Whether a build may have failed because a layer that it counted on could not be had, or has
  /// another index than was claimed. If so nothing is taken any more but what the store holds, and
  /// the build is worth another attempt.
  Optional<String> blame(Exception failure) throws IOException {
    if (heldOnly || !isOfContent(failure)) {
      return Optional.empty();
    }
    if (refuted) {
      heldOnly = true;
      return Optional.of("the cache is used no more: " + failure.getMessage());
    }
    var layers = new LayerReader(store);
    for (var layer : taken.stream().sorted().toList()) {
      try {
        layers.plain(layer).close();
      } catch (BuildFailure | IOException e) {
        if (!isOfContent(e)) {
          return Optional.empty();
        }
        heldOnly = true;
        return Optional.of(
            "a layer of the cache cannot be had, and what needs it is made again: "
                + e.getMessage());
      }
    }
    return Optional.empty();
  }

  /// Whether it may be the fault of what was to be had, and not of the machine: a disk that is full
  /// or a store that cannot be written ends every attempt in the same way.
  private static boolean isOfContent(Throwable failure) {
    return switch (failure) {
      case BuildFailure told ->
          switch (told.kind()) {
            case REGISTRY -> true;
            case STORE -> told.getCause() == null || isOfContent(told.getCause());
            case USAGE, DOCKERFILE, STEP, CONTEXT, SANDBOX -> false;
          };
      case CorruptBlobException _,
          MissingBlobException _,
          WrongContentException _,
          TarFormatException _ ->
          true;
      default -> false;
    };
  }
}
