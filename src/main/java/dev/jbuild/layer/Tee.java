package dev.jbuild.layer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// What is read goes to a sink as well.
final class Tee extends FilterInputStream {
  private final OutputStream sink;

  Tee(InputStream in, OutputStream sink) {
    super(in);
    this.sink = sink;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int n = in.read(into, offset, length);
    if (n > 0) {
      sink.write(into, offset, n);
    }
    return n;
  }

  @Override
  public long skip(long n) throws IOException {
    var scratch = new byte[(int) Math.min(n, 1 << 16)];
    return Math.max(0, read(scratch, 0, scratch.length));
  }
}
