package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// What steps made before, by what went into them.
///
/// A record is believed only as long as the store holds the layer it names; found, the layer is
/// kept from being pruned until the build ends.
final class StepCache {

  private final Store store;
  private final boolean disabled;
  private final Map<Digest, StepCache> made;

  /// @param disabled whether nothing is found (`--no-cache`); what is made is still recorded
  StepCache(Store store, boolean disabled) {
    this(store, disabled, new ConcurrentHashMap<>());
  }

  private StepCache(Store store, boolean disabled, Map<Digest, StepCache> made) {
    this.store = store;
    this.disabled = disabled;
    this.made = made;
  }

  /// The cache for another platform of the same build. It finds what this one makes also if it is
  /// disabled, and the other way round: a step that several platforms have in common is made once.
  StepCache forAnotherPlatform() {
    return new StepCache(store, disabled, made);
  }

  /// The cache for a stage of the same build that is to be made anew.
  StepCache disabled() {
    return new StepCache(store, true, made);
  }

  /// Whether nothing is found because nobody wants it.
  boolean isDisabled() {
    return disabled;
  }

  Optional<StepRecord> find(Digest key) throws IOException {
    if (disabled && made.getOrDefault(key, this) == this) {
      return Optional.empty();
    }
    var bytes = store.records().find(key);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    try {
      var record = StepRecord.parse(bytes.get());
      var layer = record.layer();
      return layer.isEmpty() || store.lease().keep(layer.get())
          ? Optional.of(record)
          : Optional.empty();
    } catch (ImageFormatException e) {
      return Optional.empty(); // made again and written anew
    }
  }

  void put(Digest key, Digest weakKey, StepRecord record) throws IOException {
    store.records().put(key, weakKey, record.toJson());
    made.putIfAbsent(key, this);
  }
}
