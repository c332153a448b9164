package dev.jbuild.store;

import dev.jbuild.failure.BuildFailure;
import java.io.IOException;
import java.util.List;

/// Brings blobs from registries into a store: the seam between the store, which knows where a blob
/// is, and those who can ask there.
@FunctionalInterface
public interface BlobFetcher {

  /// Brings all of them, several at once. Each is asked for at those of its origins that are
  /// repositories.
  ///
  /// @throws BuildFailure if one cannot be had anywhere
  void fetch(List<RemoteBlob> blobs) throws IOException, InterruptedException;
}
