package dev.jbuild.registry;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.Reference;
import dev.jbuild.store.BlobOrigin;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Other repositories of a registry that may have a blob, so that it can be mounted from there:
/// those where it was pushed to, pulled from or left, and those of images of the store that have
/// it. Safe for use by many threads.
final class Lenders {

  /// So many repositories are asked for a blob before it is sent.
  private static final int MOST = 3;

  private final Store store;
  private final Reference target;
  private @Nullable Map<Digest, String> neighbours;

  /// @param target which lends nothing to itself
  Lenders(Store store, Reference target) {
    this.store = store;
    this.target = target;
  }

  /// The paths of repositories that may have `blob`, the likeliest first.
  ///
  /// @param layer the diff ID, if it is a form of a layer
  List<String> of(Digest blob, Optional<Digest> layer) throws IOException {
    var paths = new LinkedHashSet<String>();
    if (layer.isPresent()) {
      store.layers().places(layer.get()).stream()
          .filter(place -> place.blob().digest().equals(blob))
          .forEach(place -> add(place, paths));
    }
    add(neighbours().get(blob), paths);
    for (var origin : store.remote().origins(blob)) {
      if (origin instanceof BlobOrigin.Repository place) {
        add(place, paths);
      }
    }
    if (layer.isPresent()) {
      add(neighbours().get(layer.get()), paths); // perhaps in this form
    }
    return paths.stream().limit(MOST).toList();
  }

  private void add(BlobOrigin.Repository place, Set<String> paths) {
    if (place.domain().equals(target.domain()) && !place.path().equals(target.path())) {
      paths.add(place.path());
    }
  }

  private static void add(@Nullable String path, Set<String> paths) {
    if (path != null) {
      paths.add(path);
    }
  }

  private synchronized Map<Digest, String> neighbours() throws IOException {
    var known = neighbours;
    if (known == null) {
      known = findNeighbours();
      neighbours = known;
    }
    return known;
  }

  /// By blob, a repository of the registry that an image of the store is called by.
  private Map<Digest, String> findNeighbours() throws IOException {
    var paths = new LinkedHashMap<Digest, String>();
    for (var entry : store.references().all()) {
      var name = entry.name().filter(text -> Reference.problem(text).isEmpty());
      if (name.isPresent()) {
        var reference = Reference.parse(name.get());
        if (reference.domain().equals(target.domain()) && !reference.path().equals(target.path())) {
          for (var blob : blobs(entry.descriptor(), new LinkedHashSet<>())) {
            paths.putIfAbsent(blob, reference.path());
          }
        }
      }
    }
    return paths;
  }

  private Set<Digest> blobs(Descriptor image, Set<Digest> found) throws IOException {
    if (!store.blobs().contains(image.digest()) || !found.add(image.digest())) {
      return found;
    }
    try {
      var bytes = store.blobs().read(image.digest(), Json.DOCUMENT_LIMIT);
      if (image.mediaType().isIndex()) {
        for (var child : Index.parse(bytes, image.mediaType()).manifests()) {
          blobs(child, found);
        }
      } else if (image.mediaType().isManifest()) {
        var manifest = Manifest.parse(bytes, image.mediaType());
        found.add(manifest.config().digest());
        manifest.layers().forEach(layer -> found.add(layer.digest()));
      }
    } catch (ImageFormatException e) {
      return found; // it lends nothing
    }
    return found;
  }
}
