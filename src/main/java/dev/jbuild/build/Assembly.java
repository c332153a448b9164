package dev.jbuild.build;

import dev.jbuild.build.Annotation.Level;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Index;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Puts together what a build for one or several platforms made: manifests and, around them, an
/// index.
public final class Assembly {

  private final Store store;

  public Assembly(Store store) {
    this.store = store;
  }

  /// Stores the manifest of an image, or the index of several, with the annotations that are meant
  /// for each. The same images and annotations give the same bytes.
  ///
  /// @param index whether there is an index, also around one image
  /// @return what describes it, with the annotations of its descriptor
  public Descriptor assemble(List<BuiltImage> images, boolean index, List<Annotation> annotations)
      throws IOException {
    var manifests = new ArrayList<Descriptor>();
    for (var image : images) {
      var platform = image.platform();
      var ofManifest = new TreeMap<>(image.annotations());
      ofManifest.putAll(Annotation.of(annotations, Level.MANIFEST, platform));
      var manifest =
          new Images(store)
              .assemble(image.config(), image.layers(), ofManifest)
              .withAnnotations(Annotation.of(annotations, Level.MANIFEST_DESCRIPTOR, platform));
      manifests.add(index ? manifest.withPlatform(platform) : manifest);
    }
    if (!index) {
      return manifests.getFirst();
    }
    var document = Index.of(manifests, Annotation.of(annotations, Level.INDEX));
    store.blobs().put(document.bytes());
    return document
        .descriptor()
        .withAnnotations(Annotation.of(annotations, Level.INDEX_DESCRIPTOR));
  }
}
