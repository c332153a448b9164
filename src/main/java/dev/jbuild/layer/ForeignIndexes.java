package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/// Indexes that others made of layers which nobody here has read: the seam to who can ask for them.
/// Nothing is known of what comes; it may be of any content.
@FunctionalInterface
public interface ForeignIndexes {

  /// Nobody is asked.
  ForeignIndexes NONE = _ -> Map.of();

  /// The bytes of indexes by diff ID, of some of these layers or of none.
  Map<Digest, byte[]> find(Set<Digest> diffIds) throws IOException;
}
