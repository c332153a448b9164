package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import java.io.IOException;

/// A layer that is in the store, plain, and its index with it.
///
/// @param size of the plain tar in bytes
/// @param indexBytes see [LayerIndex#parse]; not to be changed
public record WrittenLayer(Digest diffId, long size, byte[] indexBytes) {

  /// What is in it, read from its bytes at each call.
  public LayerIndex index() throws IOException {
    return LayerIndex.parse(indexBytes);
  }
}
