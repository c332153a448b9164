package dev.jbuild.layer;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/// Bytes that grow in memory. They are kept in pieces: growing copies nothing, and leaves nothing
/// behind that a collector of garbage would have to find.
final class PiecedBytes extends OutputStream {

  private static final int FIRST = 1 << 12;
  private static final int MOST = 1 << 18;

  private final List<byte[]> full = new ArrayList<>();
  private byte[] last = new byte[FIRST];
  private int used;
  private int before; // what the full pieces hold

  @Override
  public void write(int value) {
    if (used == last.length) {
      grow();
    }
    last[used++] = (byte) value;
  }

  @Override
  public void write(byte[] from, int offset, int length) {
    int at = offset;
    for (int left = length; left > 0; ) {
      if (used == last.length) {
        grow();
      }
      int now = Math.min(left, last.length - used);
      System.arraycopy(from, at, last, used, now);
      used += now;
      at += now;
      left -= now;
    }
  }

  private void grow() {
    full.add(last);
    before = Math.addExact(before, last.length);
    last = new byte[Math.min(MOST, 2 * last.length)];
    used = 0;
  }

  /// All of it, behind `head`.
  byte[] toBytes(byte[] head) {
    var bytes = new byte[Math.addExact(Math.addExact(before, used), head.length)];
    System.arraycopy(head, 0, bytes, 0, head.length);
    int at = head.length;
    for (var piece : full) {
      System.arraycopy(piece, 0, bytes, at, piece.length);
      at += piece.length;
    }
    System.arraycopy(last, 0, bytes, at, used);
    return bytes;
  }
}
