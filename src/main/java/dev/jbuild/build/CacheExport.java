package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.CacheManifest;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.MediaType;
import dev.jbuild.layer.LayerIndex;
import dev.jbuild.registry.IndexArtifact;
import dev.jbuild.store.CorruptBlobException;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Puts a shared cache together in the store, from where it leaves as images do (docs/cache.md).
///
/// The same records give the same bytes.
public final class CacheExport {

  /// A manifest has room for more than this.
  private static final int LONGEST_INLINE = 1 << 20;

  private final Store store;
  private final int longestInline;

  /// Which layers travel.
  public enum Mode {
    /// Those of the target; other steps are told only.
    MIN,
    /// Those of all steps.
    MAX
  }

  public CacheExport(Store store) {
    this(store, LONGEST_INLINE);
  }

  /// @param longestInline how many characters an image has room for
  CacheExport(Store store, int longestInline) {
    this.store = store;
    this.longestInline = longestInline;
  }

  /// The cache of builds, found or made then.
  ///
  /// @param indexes packed indexes that the place where it goes gave itself, by diff ID
  /// @return its manifest, with layers as they lie in the store
  public Descriptor of(Collection<BuildRecord> builds, Mode mode, Map<Digest, Descriptor> indexes)
      throws IOException {
    var keys = new TreeSet<Digest>();
    var layers = new HashSet<Digest>();
    for (var build : builds) {
      keys.addAll(build.keys());
      layers.addAll(build.result());
    }
    return assemble(
        keys,
        builds,
        mode == Mode.MIN ? Optional.of(layers) : Optional.<Set<Digest>>empty(),
        indexes);
  }

  /// The cache of one build as text that the manifest of its image holds; empty if it is too long
  /// for one. The image's layers are the cache's; of other steps, and of what went into each,
  /// nothing but keys is told.
  Optional<String> inline(BuildRecord build) throws IOException {
    return Optional.of(new CacheDocument(records(build.keys()), List.of()).toText())
        .filter(text -> text.length() <= longestInline);
  }

  /// The cache of all that the store holds.
  public Descriptor ofAll() throws IOException {
    var remembered = new ArrayList<BuildRecord>();
    for (var build : store.builds().newestFirst()) {
      PastBuilds.read(store, build).ifPresent(remembered::add);
    }
    return assemble(store.records().keys(), remembered, Optional.empty(), Map.of());
  }

  /// @param chosen the layers that travel; empty: all
  private Descriptor assemble(
      Collection<Digest> keys,
      Collection<BuildRecord> builds,
      Optional<Set<Digest>> chosen,
      Map<Digest, Descriptor> indexes)
      throws IOException {
    var records = new ArrayList<SharedRecord>();
    var layers = new TreeMap<Digest, Descriptor>();
    var inputs = new TreeSet<Digest>();
    for (var shared : records(keys)) {
      var layer = shared.record().layer();
      boolean travels = layer.filter(each -> isChosen(each, chosen)).isPresent();
      if (travels && !layers.containsKey(layer.get())) {
        var within = store.layers().within(layer.get());
        within.stream()
            .findFirst()
            .ifPresent(each -> layers.put(layer.get(), CacheManifest.layer(each, layer.get())));
      }
      if (layer.isEmpty() || layers.containsKey(layer.get()) || (chosen.isPresent() && !travels)) {
        records.add(shared);
      }
    }
    var sorted = builds.stream().sorted(Comparator.comparing(each -> each.what().key())).toList();
    sorted.forEach(build -> inputs.addAll(build.files()));
    var blobs = new ArrayList<>(layers.values());
    for (var layer : layers.keySet()) {
      index(layer, indexes).ifPresent(blobs::add);
    }
    return store(new CacheDocument(records, sorted), blobs, inputs);
  }

  /// The records of the keys, and those under which the same steps are known too: a step that was
  /// found in one way today may be looked for in another tomorrow.
  private List<SharedRecord> records(Collection<Digest> keys) throws IOException {
    var wanted = new TreeSet<>(keys);
    var steps = new HashSet<StepRecord>();
    for (var key : wanted) {
      record(key)
          .map(SharedRecord::record)
          .filter(step -> step.layer().isPresent())
          .ifPresent(steps::add);
    }
    var found = new ArrayList<SharedRecord>();
    for (var key : store.records().keys()) {
      var record = record(key);
      if (record.isPresent() && (wanted.contains(key) || steps.contains(record.get().record()))) {
        found.add(record.get());
      }
    }
    return found;
  }

  private static boolean isChosen(Digest layer, Optional<Set<Digest>> chosen) {
    return chosen.isEmpty() || chosen.get().contains(layer);
  }

  private Optional<SharedRecord> record(Digest key) throws IOException {
    var entry = store.records().entry(key);
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    try {
      var record = StepRecord.parse(entry.get().json());
      return Optional.of(new SharedRecord(key, entry.get().weakKey(), record));
    } catch (ImageFormatException e) {
      return Optional.empty(); // of a git repository or a download
    }
  }

  /// The packed index of a layer that is certain: read from the layer, or held against it. Digests
  /// of files are left out: who takes the index believes none, and without them it has the same
  /// bytes wherever it was made. What is only claimed goes back to where it came from, and to no
  /// other place: there it would be the word of another.
  private Optional<Descriptor> index(Digest layer, Map<Digest, Descriptor> given)
      throws IOException {
    var index = certain(layer);
    if (index.isEmpty()) {
      var claim = given.get(layer);
      return claim != null && store.remote().isWithinReach(claim.digest())
          ? Optional.of(claim)
          : Optional.empty();
    }
    if (index.get().length > IndexArtifact.LONGEST) {
      return Optional.empty();
    }
    var packed = IndexArtifact.packed(index.get());
    store.blobs().put(packed);
    return Optional.of(IndexArtifact.descriptor(packed, layer));
  }

  private Optional<byte[]> certain(Digest layer) throws IOException {
    Optional<byte[]> index;
    try {
      index = store.layers().index(layer);
    } catch (CorruptBlobException e) {
      return Optional.empty(); // made again when it is needed
    }
    try {
      return index.isPresent()
          ? Optional.of(LayerIndex.parse(index.get()).withoutDigests().toBytes())
          : Optional.empty();
    } catch (IOException malformed) {
      return Optional.empty(); // likewise
    }
  }

  private Descriptor store(
      CacheDocument document, List<Descriptor> blobs, Collection<Digest> inputs)
      throws IOException {
    var config = document.toBytes();
    if (config.length > CacheDocument.MOST_BYTES) {
      throw tooLarge();
    }
    for (var each : inputs) {
      if (store.lease().keep(each)) {
        blobs.add(new Descriptor(CacheManifest.INPUTS, each, store.blobs().size(each)));
      } else {
        store.remote().find(each).ifPresent(blobs::add); // it was left in another cache
      }
    }
    var manifest =
        CacheManifest.of(
            new Descriptor(CacheManifest.CONFIG, store.blobs().put(config), config.length), blobs);
    if (manifest.bytes().length > Json.DOCUMENT_LIMIT) {
      throw tooLarge();
    }
    store.blobs().put(manifest.bytes());
    return new Descriptor(MediaType.OCI_MANIFEST, manifest.digest(), manifest.bytes().length);
  }

  private static BuildFailure tooLarge() {
    return BuildFailure.of(BuildFailure.Kind.STORE, "the cache has too many steps to be shared")
        .hint("share that of one build, or prune the store first");
  }
}
