package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/// Indexes that others made of layers which nobody here has read: the seam to who can ask for them.
/// Nothing is known of what comes; it may be of any content.
@FunctionalInterface
public interface ForeignIndexes {

  /// Nobody is asked, and nobody believed.
  ForeignIndexes NONE =
      new ForeignIndexes() {
        @Override
        public Map<Digest, Claim> find(Set<Digest> diffIds) {
          return Map.of();
        }

        @Override
        public boolean believes(Digest diffId, String source) {
          return false;
        }

        @Override
        public boolean checks(Digest diffId, String source) {
          return true;
        }
      };

  /// Indexes by diff ID, of some of these layers or of none.
  Map<Digest, Claim> find(Set<Digest> diffIds) throws IOException;

  /// Whether an index of this layer, which `source` gave earlier and perhaps to another build, may
  /// be used now.
  default boolean believes(Digest diffId, String source) {
    return true;
  }

  /// Whether an index that `source` gave is held against the layer when this is read, and a false
  /// one told: something may have been made with it.
  default boolean checks(Digest diffId, String source) {
    return believes(diffId, source);
  }

  /// Told when an index that may have been used turned out to be another layer's or nobody's.
  default void refuted(Digest diffId) {}

  /// An index that was given.
  ///
  /// @param source who gave it
  record Claim(String source, byte[] index) {}
}
