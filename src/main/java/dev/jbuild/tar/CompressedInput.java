package dev.jbuild.tar;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The compressed side of a decompressor: counts its bytes, keeps its own failures apart from those
/// of the format, and is not closed.
final class CompressedInput extends InputStream {

  private static final byte[] NOTHING = {};

  private final InputStream in;

  /// Read already, and not taken yet.
  private byte[] ahead = NOTHING;

  private int taken;

  /// A thread of its own reads where a program decompresses ([ProgramInput]).
  private final AtomicLong count = new AtomicLong();

  private volatile @Nullable IOException failure;

  CompressedInput(InputStream in) {
    this.in = in;
  }

  /// How many compressed bytes were taken.
  long count() {
    return count.get();
  }

  /// Whether it has at least so many bytes; to be asked before the first is taken.
  boolean isLong(int atLeast) throws IOException {
    try {
      ahead = in.readNBytes(atLeast);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
    return ahead.length == atLeast;
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
      int n = taken < ahead.length ? kept(into, offset, length) : in.read(into, offset, length);
      count.addAndGet(Math.max(0, n));
      return n;
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  private int kept(byte[] into, int offset, int length) {
    int n = Math.min(length, ahead.length - taken);
    System.arraycopy(ahead, taken, into, offset, n);
    taken += n;
    if (taken == ahead.length) {
      ahead = NOTHING;
      taken = 0;
    }
    return n;
  }
}
