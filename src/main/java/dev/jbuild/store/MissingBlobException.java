package dev.jbuild.store;

import dev.jbuild.image.Digest;
import java.io.IOException;

/// A blob that the store does not hold.
public final class MissingBlobException extends IOException {

  private final Digest digest;

  MissingBlobException(Digest digest) {
    super("the store does not hold " + digest);
    this.digest = digest;
  }

  /// What is missing.
  public Digest digest() {
    return digest;
  }
}
