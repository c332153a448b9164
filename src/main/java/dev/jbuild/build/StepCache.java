package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What steps made before, by what went into them.
///
/// A record is believed only as long as the layer it names can be had; found, the layer is kept
/// from being pruned until the build ends. What the store does not know is looked for in the shared
/// caches, and known to the store from then on.
final class StepCache {

  private final Store store;
  private final SharedCaches shared;
  private final boolean disabled;
  private final Map<Digest, StepCache> made;

  /// The weak keys of what was made.
  private final Set<Digest> madeWeak;

  /// The keys of the records that were found or kept, of one platform.
  private final Set<Digest> used;

  /// Where records came from that the store did not have.
  private final Map<StepRecord, CachePlace> origins;

  /// @param disabled whether nothing is found (`--no-cache`); what is made is still recorded
  StepCache(Store store, SharedCaches shared, boolean disabled) {
    this(
        store,
        shared,
        disabled,
        new ConcurrentHashMap<>(),
        ConcurrentHashMap.newKeySet(),
        ConcurrentHashMap.newKeySet(),
        new ConcurrentHashMap<>());
  }

  private StepCache(
      Store store,
      SharedCaches shared,
      boolean disabled,
      Map<Digest, StepCache> made,
      Set<Digest> madeWeak,
      Set<Digest> used,
      Map<StepRecord, CachePlace> origins) {
    this.store = store;
    this.shared = shared;
    this.disabled = disabled;
    this.made = made;
    this.madeWeak = madeWeak;
    this.used = used;
    this.origins = origins;
  }

  /// The cache for another platform of the same build. It finds what this one makes also if it is
  /// disabled, and the other way round: a step that several platforms have in common is made once.
  StepCache forAnotherPlatform() {
    return new StepCache(
        store, shared, disabled, made, madeWeak, ConcurrentHashMap.newKeySet(), origins);
  }

  /// The cache for a stage of the same build that is to be made anew.
  StepCache disabled() {
    return new StepCache(store, shared, true, made, madeWeak, used, origins);
  }

  /// Whether nothing is found because nobody wants it.
  boolean isDisabled() {
    return disabled;
  }

  /// Whether other machines' records are looked at.
  boolean isShared() {
    return !disabled && !shared.isEmpty();
  }

  /// The keys of all records that were found or kept.
  Set<Digest> used() {
    return Set.copyOf(used);
  }

  /// The shared cache that a record of this build was found in; empty if the store had it.
  Optional<CachePlace> origin(StepRecord record) {
    return Optional.ofNullable(origins.get(record));
  }

  /// Whether a step with this weak key might be found, whatever is below it; a wrong yes is
  /// possible, a wrong no is not.
  boolean mayFind(Digest weakKey) {
    return disabled
        ? madeWeak.contains(weakKey)
        : !shared.isEmpty() || store.records().knowsWeak(weakKey);
  }

  Optional<StepRecord> find(Digest key) throws IOException {
    var found = search(key);
    if (found.isPresent()) {
      used.add(key);
    }
    return found;
  }

  private Optional<StepRecord> search(Digest key) throws IOException {
    if (disabled) {
      return made.getOrDefault(key, this) == this ? Optional.empty() : inStore(key);
    }
    var known = inStore(key);
    return known.isPresent() ? known : inShared(key);
  }

  private Optional<StepRecord> inStore(Digest key) throws IOException {
    var bytes = store.records().find(key);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    try {
      var record = StepRecord.parse(bytes.get());
      var layer = record.layer();
      return layer.isEmpty() || isUsable(layer.get(), bytes.get())
          ? Optional.of(record)
          : Optional.empty();
    } catch (ImageFormatException e) {
      return Optional.empty(); // made again and written anew
    }
  }

  private boolean isUsable(Digest layer, byte[] record) throws IOException {
    return shared.isUsable(layer)
        || (StepRecord.isOnlyTold(record, layer) && shared.isUsableAsTold(layer));
  }

  private Optional<StepRecord> inShared(Digest key) throws IOException {
    var found = shared.find(key);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    var record = found.get().record();
    var json = record.record().toJson(found.get().needed());
    for (var each : found.get().same()) {
      if (!each.key().equals(key) && inStore(each.key()).isPresent()) {
        continue; // what was made here stands before what others say
      }
      store.records().put(each.key(), each.weakKey(), json);
    }
    origins.put(record.record(), found.get().from());
    return Optional.of(record.record());
  }

  void put(Digest key, Digest weakKey, StepRecord record) throws IOException {
    store.records().put(key, weakKey, record.toJson());
    made.putIfAbsent(key, this);
    madeWeak.add(weakKey);
    used.add(key);
  }
}
