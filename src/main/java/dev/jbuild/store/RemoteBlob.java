package dev.jbuild.store;

import dev.jbuild.image.Digest;
import java.util.List;
import java.util.stream.Collectors;

/// A blob that the store lacks, and the places where it can be had, the best first.
///
/// @param origins at least one
public record RemoteBlob(Digest digest, List<BlobOrigin> origins) {

  public RemoteBlob {
    origins = List.copyOf(origins);
    if (origins.isEmpty()) {
      throw new IllegalArgumentException("nobody has " + digest);
    }
  }

  /// The places, for a person.
  public String places() {
    return origins.stream().map(Object::toString).distinct().collect(Collectors.joining(", "));
  }
}
