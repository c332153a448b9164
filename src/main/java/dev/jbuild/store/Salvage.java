package dev.jbuild.store;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.JsonObject;
import dev.jbuild.image.MediaType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A new index.json out of the blobs alone, for when the old one cannot be read: all images that no
/// other one names, without names, since those were in the old one only.
final class Salvage {

  private final Blobs blobs;
  private final Set<Digest> damaged;

  Salvage(Blobs blobs, Set<Digest> damaged) {
    this.blobs = blobs;
    this.damaged = damaged;
  }

  /// The document, which names no damaged manifest.
  byte[] index(List<Digest> all) throws IOException {
    var images = new ArrayList<Descriptor>();
    var parts = new HashSet<Digest>();
    for (var digest : all) {
      var image = damaged.contains(digest) ? Optional.<Descriptor>empty() : image(digest);
      if (image.isPresent()) {
        images.add(image.get());
        Reach.links(blobs, digest).documents().forEach(link -> parts.add(link.digest()));
      }
    }
    images.removeIf(image -> parts.contains(image.digest()));
    return Index.of(images, Map.of()).bytes();
  }

  /// The descriptor of a blob that is an index or a manifest.
  private Optional<Descriptor> image(Digest digest) throws IOException {
    var links = Reach.links(blobs, digest);
    if (links.documents().isEmpty() && links.leaves().isEmpty()) {
      return Optional.empty();
    }
    var bytes = blobs.read(digest, Integer.MAX_VALUE - 8);
    try {
      var json = JsonObject.parse(bytes, "blob");
      var standard = json.has("manifests") ? MediaType.OCI_INDEX : MediaType.OCI_MANIFEST;
      var type = json.string("mediaType").map(MediaType::new).orElse(standard);
      return Optional.of(new Descriptor(type, digest, bytes.length));
    } catch (ImageFormatException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
