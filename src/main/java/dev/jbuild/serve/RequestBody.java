package dev.jbuild.serve;

import java.io.IOException;
import java.io.InputStream;

/// The body of a request. A read that finds the client gone throws [ClientGoneException], one that
/// finds nonsense a [Refusal].
abstract sealed class RequestBody extends InputStream permits FixedBody, ChunkedBody {

  /// Whether it was read to its end.
  abstract boolean isConsumed();

  @Override
  public final int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public abstract int read(byte[] into, int offset, int length) throws IOException;
}
