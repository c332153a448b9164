package dev.jbuild.tar;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The bytes of the current entry, holes filled with zeros; dead as soon as the reader goes on.
final class EntryContent extends InputStream {

  private final TarInput input;
  private final @Nullable SparseMap map;
  private final long size;
  private long position;
  private long stored;
  private int region;
  private boolean open = true;

  /// @param size of the file
  /// @param stored how many bytes of the tar are its content
  EntryContent(TarInput input, long size, long stored, @Nullable SparseMap map) {
    this.input = input;
    this.size = size;
    this.stored = stored;
    this.map = map;
  }

  long size() {
    return size;
  }

  /// Ends the stream and says how many stored bytes nobody has read.
  long end() {
    open = false;
    return stored;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (!open) {
      throw new IOException("the content of an entry that was left");
    }
    if (length == 0) {
      return 0;
    }
    if (position >= size) {
      return -1;
    }
    long hole = hole();
    int n;
    if (hole > 0) {
      n = (int) Math.min(length, hole);
      Arrays.fill(into, offset, offset + n, (byte) 0);
    } else {
      n = input.read(into, offset, (int) Math.min(length, run()));
      stored -= n;
    }
    position += n;
    return n;
  }

  /// How many zeros come next; passes regions that are over.
  private long hole() {
    if (map == null) {
      return 0;
    }
    while (region < map.count() && position >= map.offset(region) + map.length(region)) {
      region++;
    }
    long next = region < map.count() ? map.offset(region) : size;
    return Math.max(0, next - position);
  }

  /// How many stored bytes come next.
  private long run() {
    return map == null ? stored : map.offset(region) + map.length(region) - position;
  }

  @Override
  public long skip(long count) throws IOException {
    if (!open || map != null) {
      return super.skip(count);
    }
    long n = Math.max(0, Math.min(count, stored));
    input.pass(n);
    stored -= n;
    position += n;
    return n;
  }

  @Override
  public int available() {
    return open ? (int) Math.min(Integer.MAX_VALUE, map == null ? stored : 0) : 0;
  }
}
