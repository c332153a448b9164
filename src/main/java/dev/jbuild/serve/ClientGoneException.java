package dev.jbuild.serve;

import java.io.IOException;

/// The other end has closed, reset or stalled its connection. Nobody is there to be told.
final class ClientGoneException extends IOException {

  ClientGoneException(String message) {
    super(message);
  }

  ClientGoneException(String message, IOException cause) {
    super(message, cause);
  }
}
