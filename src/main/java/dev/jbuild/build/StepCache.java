package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.Optional;

/// What steps made before, by what went into them.
///
/// A record is believed only as long as the store holds the layer it names; found, the layer is
/// kept from being pruned until the build ends.
final class StepCache {

  private final Store store;
  private final boolean disabled;

  /// @param disabled whether nothing is found (`--no-cache`); what is made is still recorded
  StepCache(Store store, boolean disabled) {
    this.store = store;
    this.disabled = disabled;
  }

  /// Whether nothing is found because nobody wants it.
  boolean isDisabled() {
    return disabled;
  }

  Optional<StepRecord> find(Digest key) throws IOException {
    if (disabled) {
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
  }
}
