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

  /// Indexes by diff ID, of some of these layers or of none.
  Map<Digest, Claim> find(Set<Digest> diffIds) throws IOException;

  /// Whether an index of this layer, which `source` gave earlier and perhaps to another build, may
  /// be used now.
  default boolean believes(Digest diffId, String source) {
    return true;
  }

  /// An index that was given.
  ///
  /// @param source who gave it
  record Claim(String source, byte[] index) {}
}
