package dev.jbuild.serve;

import java.io.IOException;
import java.io.InputStream;

/// A body of a known number of bytes.
final class FixedBody extends RequestBody {

  private final InputStream in;
  private long left;

  FixedBody(InputStream in, long length) {
    this.in = in;
    this.left = length;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (left == 0) {
      return -1;
    }
    int count = in.read(into, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw new ClientGoneException("the body ends " + left + " bytes too early");
    }
    left -= count;
    return count;
  }

  @Override
  boolean isConsumed() {
    return left == 0;
  }
}
