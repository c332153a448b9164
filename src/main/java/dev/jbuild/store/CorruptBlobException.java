package dev.jbuild.store;

import dev.jbuild.image.Digest;
import java.io.IOException;
import java.nio.file.Path;

/// A blob of the store whose bytes are not those of its digest any more.
public final class CorruptBlobException extends IOException {

  private final Digest digest;

  CorruptBlobException(Digest digest, Path file, String why) {
    super(
        "the blob "
            + digest
            + " in the store is damaged: "
            + why
            + " ("
            + StoreFailures.printable(file)
            + "); "
            + StoreFailures.REPAIR);
    this.digest = digest;
  }

  /// What the blob should be.
  public Digest digest() {
    return digest;
  }
}
