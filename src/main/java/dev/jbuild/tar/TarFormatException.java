package dev.jbuild.tar;

import java.io.IOException;

/// An archive, or the compression around it, that is damaged, hostile or beyond what is accepted.
///
/// The message names the entry and the offset where they are known, and is printable as it stands.
public final class TarFormatException extends IOException {

  public TarFormatException(String message) {
    super(message);
  }

  public TarFormatException(String message, Throwable cause) {
    super(message, cause);
  }

  /// A problem found at an offset of the plain tar.
  static TarFormatException at(long offset, String problem) {
    return new TarFormatException(problem + " (at byte " + offset + " of the tar)");
  }
}
