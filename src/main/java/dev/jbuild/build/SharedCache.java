package dev.jbuild.build;

import dev.jbuild.image.CacheManifest;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.registry.IndexArtifact;
import dev.jbuild.store.BlobOrigin;
import dev.jbuild.store.CompressedForm;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One shared cache, read: its records, and where the blobs lie that they name. Immutable.
///
/// Nothing in it is believed but that a step with a certain key made a layer with a certain digest:
/// the layer's bytes are held against both when they come.
final class SharedCache {

  /// More than what went into a COPY of some million files.
  private static final long LARGEST_INPUTS = 256 << 20;

  private final CachePlace place;
  private final Function<Descriptor, BlobOrigin> origin;
  private final Map<Digest, SharedRecord> records = new HashMap<>();

  /// A step is known under several keys, as it is looked up in several ways.
  private final Map<StepRecord, List<SharedRecord>> byStep = new HashMap<>();

  private final Map<Digest, Descriptor> layers;
  private final Map<Digest, Descriptor> inputs = new HashMap<>();
  private final Map<Digest, Descriptor> indexes = new HashMap<>();
  private final List<BuildRecord> builds;

  /// @param origin of a blob that lies there
  /// @param layers by diff ID
  /// @param blobs other ones
  SharedCache(
      CachePlace place,
      CacheDocument document,
      Function<Descriptor, BlobOrigin> origin,
      Map<Digest, Descriptor> layers,
      List<Descriptor> blobs) {
    this.place = place;
    this.origin = origin;
    this.layers = Map.copyOf(layers);
    this.builds = document.builds();
    for (var record : document.records()) {
      records.put(record.key(), record);
      if (record.record().layer().isPresent()) {
        byStep.computeIfAbsent(record.record(), _ -> new ArrayList<>()).add(record);
      }
    }
    blobs.stream()
        .filter(blob -> blob.mediaType().equals(CacheManifest.INPUTS))
        .filter(blob -> blob.size() <= LARGEST_INPUTS)
        .forEach(blob -> inputs.put(blob.digest(), blob.bare()));
    for (var blob : blobs) {
      IndexArtifact.diffId(blob).ifPresent(diffId -> indexes.putIfAbsent(diffId, blob));
    }
  }

  CachePlace place() {
    return place;
  }

  Map<Digest, SharedRecord> records() {
    return Map.copyOf(records);
  }

  @Nullable SharedRecord find(Digest key) {
    return records.get(key);
  }

  /// All records of the step that made the layer of one.
  List<SharedRecord> same(SharedRecord record) {
    return byStep.getOrDefault(record.record(), List.of(record));
  }

  /// Whether the bytes of a layer are there.
  boolean holds(Digest diffId) {
    return layers.containsKey(diffId);
  }

  /// The layers that are there.
  Iterable<Digest> layers() {
    return layers.keySet();
  }

  /// Tells the store where a layer can be had.
  void tell(Store store, Digest diffId) throws IOException {
    var blob = layers.get(diffId);
    if (blob != null) {
      store.layers().rememberRemote(diffId, origin.apply(blob.bare()), CompressedForm.PULLED);
    }
  }

  /// Tells the store where the index of a layer can be had, packed.
  ///
  /// @return what it is; empty if it is not there
  Optional<Descriptor> tellIndex(Store store, Digest diffId) throws IOException {
    var blob = Optional.ofNullable(indexes.get(diffId));
    if (blob.isPresent()) {
      store.remote().remember(origin.apply(blob.get().bare()));
    }
    return blob;
  }

  /// Tells the store where the manifest of what a step copied can be had.
  ///
  /// @return whether it is there
  boolean tellInputs(Store store, Digest files) throws IOException {
    var blob = inputs.get(files);
    if (blob == null) {
      return false;
    }
    store.remote().remember(origin.apply(blob));
    return true;
  }

  /// The build that is most like `what`: of the same stage for the same platform, else for another.
  Optional<BuildRecord> build(BuildRecord.What what) {
    return builds.stream()
        .filter(each -> each.what().target().equals(what.target()))
        .filter(each -> each.what().platform().equals(what.platform()))
        .findFirst()
        .or(
            () ->
                builds.stream()
                    .filter(each -> each.what().platform().equals(what.platform()))
                    .findFirst());
  }
}
