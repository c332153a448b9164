package dev.jbuild.tar;

import java.io.IOException;
import java.io.InputStream;

/// A plain tar as it streams by: blocks, stretches of content, and the offset in it.
///
/// Reads ahead into one buffer. Never calls `skip` of the stream below: streams that hash what
/// is read through them would miss it.
final class TarInput {

  private static final int BUFFER = 1 << 16;

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private int start;
  private int end;
  private long position;

  TarInput(InputStream in) {
    this.in = in;
  }

  /// How many bytes of the tar were handed out.
  long position() {
    return position;
  }

  /// Lays `header` over the next block and passes it; false if the tar ends here.
  ///
  /// @throws TarFormatException if it ends within the block
  boolean next(TarHeader header) throws IOException {
    while (end - start < TarHeader.BLOCK) {
      System.arraycopy(buffer, start, buffer, 0, end - start);
      end -= start;
      start = 0;
      int n = in.read(buffer, end, BUFFER - end);
      if (n < 0 && end == 0) {
        return false;
      }
      if (n < 0) {
        throw truncated(position + end);
      }
      end += n;
    }
    header.lay(buffer, start, position);
    start += TarHeader.BLOCK;
    position += TarHeader.BLOCK;
    return true;
  }

  /// Reads up to `length` bytes, at least one.
  ///
  /// @throws TarFormatException if there are no more
  int read(byte[] into, int offset, int length) throws IOException {
    int n;
    if (start < end) {
      n = Math.min(length, end - start);
      System.arraycopy(buffer, start, into, offset, n);
      start += n;
    } else if (length >= BUFFER) {
      n = in.read(into, offset, length);
    } else {
      fill();
      return read(into, offset, length);
    }
    if (n < 0) {
      throw truncated(position);
    }
    position += n;
    return n;
  }

  /// The next `length` bytes; the caller has checked that so many may be asked for.
  byte[] bytes(int length) throws IOException {
    var all = new byte[length];
    for (int have = 0; have < length; ) {
      have += read(all, have, length - have);
    }
    return all;
  }

  /// Passes `count` bytes.
  void pass(long count) throws IOException {
    long left = count;
    while (left > 0) {
      if (start == end) {
        fill();
      }
      int n = (int) Math.min(left, end - start);
      start += n;
      position += n;
      left -= n;
    }
  }

  /// Reads whatever is left of the stream.
  void drain() throws IOException {
    position += end - start;
    start = end;
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      position += n;
    }
  }

  private void fill() throws IOException {
    start = 0;
    end = 0;
    int n = in.read(buffer);
    if (n < 0) {
      throw truncated(position);
    }
    end = n;
  }

  private static TarFormatException truncated(long offset) {
    return TarFormatException.at(offset, "the tar is truncated");
  }
}
