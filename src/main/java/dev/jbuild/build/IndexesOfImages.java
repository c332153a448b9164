package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.image.Reference;
import dev.jbuild.layer.ForeignIndexes;
import dev.jbuild.plan.ImageRequest;
import dev.jbuild.registry.LayerIndexReferrers;
import dev.jbuild.registry.Registries;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The layer indexes of a build's images, as the repositories of these images have them: each is
/// asked once. Safe for use by many threads.
final class IndexesOfImages implements ForeignIndexes {

  private final LayerIndexReferrers referrers;
  private final Map<ImageRequest, ResolvedImage> images;
  private final Set<Reference> own;
  private final boolean asks;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();

  /// The repositories of the images that name a layer: if they are several none is believed, since
  /// it may be another's layer. An image that no registry knows counts as one.
  private final Map<Digest, Set<String>> naming = new HashMap<>();

  /// @param own images that no registry knows
  /// @param asks whether registries are asked, and not only believed in what they said earlier
  IndexesOfImages(
      Registries registries,
      Map<ImageRequest, ResolvedImage> images,
      Set<Reference> own,
      boolean asks) {
    this.referrers = new LayerIndexReferrers(registries);
    this.images = Map.copyOf(images);
    this.own = Set.copyOf(own);
    this.asks = asks;
    this.images.forEach(
        (request, image) -> {
          var repository = repository(request);
          for (var diffId : image.config().diffIds()) {
            naming.computeIfAbsent(diffId, _ -> new HashSet<>()).add(repository);
          }
        });
  }

  private String repository(ImageRequest image) {
    var name = image.reference();
    return own.contains(name) ? "" : name.domain() + "/" + name.path();
  }

  @Override
  public boolean believes(Digest diffId, String source) {
    return !source.isEmpty() && Set.of(source).equals(naming.get(diffId));
  }

  @Override
  public Map<Digest, Claim> find(Set<Digest> diffIds) throws IOException {
    var found = new HashMap<Digest, Claim>();
    if (!asks) {
      return found;
    }
    try {
      for (var image : images.entrySet()) {
        var wanted = new HashSet<>(image.getValue().config().diffIds());
        wanted.retainAll(diffIds);
        wanted.removeAll(found.keySet());
        var repository = repository(image.getKey());
        wanted.removeIf(diffId -> !believes(diffId, repository));
        var name = image.getKey().reference();
        var manifest = image.getValue().descriptor().digest();
        if (!wanted.isEmpty() && asked.add(repository + "@" + manifest)) {
          referrers
              .find(name, manifest, wanted)
              .forEach((diffId, index) -> found.put(diffId, new Claim(repository, index)));
        }
      }
    } catch (InterruptedException e) {
      var interrupted = new InterruptedIOException("interrupted while indexes were asked for");
      interrupted.initCause(e);
      throw interrupted;
    }
    return found;
  }
}
