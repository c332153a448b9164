package dev.jbuild.store;

import dev.jbuild.image.Descriptor;
import java.io.IOException;

/// Content offered to the store that is not what its descriptor says. Nothing of it was kept.
///
/// The message does not say where the content came from; who fetched it knows.
public final class WrongContentException extends IOException {

  private final Descriptor expected;

  WrongContentException(Descriptor expected, String what) {
    super("expected " + expected.digest() + " with " + expected.size() + " bytes, got " + what);
    this.expected = expected;
  }

  /// What it should have been.
  public Descriptor expected() {
    return expected;
  }
}
