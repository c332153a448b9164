package dev.jbuild.image;

import java.io.IOException;

/// A document of an image (manifest, index, config) that is not what it should be.
///
/// The message is one printable sentence that names the document and the field.
public final class ImageFormatException extends IOException {

  public ImageFormatException(String message) {
    super(message);
  }

  public ImageFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
