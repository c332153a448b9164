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
  private final Set<Digest> asked = ConcurrentHashMap.newKeySet();

  /// @param own images that no registry knows
  IndexesOfImages(
      Registries registries, Map<ImageRequest, ResolvedImage> images, Set<Reference> own) {
    this.referrers = new LayerIndexReferrers(registries);
    this.images = Map.copyOf(images);
    this.own = Set.copyOf(own);
  }

  @Override
  public Map<Digest, byte[]> find(Set<Digest> diffIds) throws IOException {
    var found = new HashMap<Digest, byte[]>();
    try {
      for (var image : images.entrySet()) {
        var wanted = new HashSet<>(image.getValue().config().diffIds());
        wanted.retainAll(diffIds);
        wanted.removeAll(found.keySet());
        var name = image.getKey().reference();
        var manifest = image.getValue().descriptor().digest();
        if (!wanted.isEmpty() && !own.contains(name) && asked.add(manifest)) {
          found.putAll(referrers.find(name, manifest, wanted));
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
