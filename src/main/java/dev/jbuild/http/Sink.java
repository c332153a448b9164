package dev.jbuild.http;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Where a body goes, piece by piece.
public interface Sink {

  /// A body begins; what an earlier attempt brought is void. Not called without a body.
  void begin() throws IOException;

  /// The next bytes; they are no longer valid after the call.
  void write(ByteBuffer bytes) throws IOException;
}
