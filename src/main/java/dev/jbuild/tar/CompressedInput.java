package dev.jbuild.tar;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// The compressed side of a decompressor: counts its bytes, keeps its own failures apart from those
/// of the format, and is not closed.
final class CompressedInput extends InputStream {

  private final InputStream in;
  private long count;
  private @Nullable IOException failure;

  CompressedInput(InputStream in) {
    this.in = in;
  }

  /// How many compressed bytes were taken.
  long count() {
    return count;
  }

  /// What the stream below failed with, if it did.
  @Nullable IOException failure() {
    return failure;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    try {
      int n = in.read(into, offset, length);
      count += Math.max(0, n);
      return n;
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }
}
