package dev.jbuild.context;

import dev.jbuild.tar.ArchivePath;
import java.nio.ByteBuffer;

/// Reads what a [ByteSink] wrote. Bytes that no sink wrote give an IllegalArgumentException, never
/// more memory than they have length.
final class ByteSource {

  private final ByteBuffer bytes;
  private final int end;
  private int at;

  ByteSource(byte[] bytes, int from, int end) {
    this(ByteBuffer.wrap(bytes), from, end);
  }

  ByteSource(ByteBuffer bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  private int take(long count) {
    require(count);
    int from = at;
    at += (int) count;
    return from;
  }

  boolean isAtEnd() {
    return at == end;
  }

  int position() {
    return at;
  }

  int getByte() {
    return bytes.get(take(1)) & 0xFF;
  }

  int getShort() {
    return getByte() << 8 | getByte();
  }

  int getInt() {
    return getShort() << 16 | getShort();
  }

  long getLong() {
    return (long) getInt() << 32 | (getInt() & 0xFFFFFFFFL);
  }

  long getVarint() {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int next = getByte();
      value |= (next & 0x7FL) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number is too long");
  }

  byte[] get(long count) {
    int from = take(count);
    var copy = new byte[at - from];
    bytes.get(from, copy);
    return copy;
  }

  /// Reads the next `count` bytes to `into`, which has room for them.
  void get(byte[] into, int offset, int count) {
    bytes.get(take(count), into, offset, count);
  }

  /// Makes sure that `count` bytes follow.
  void require(long count) {
    if (count < 0 || count > end - at) {
      throw new IllegalArgumentException("cut short");
    }
  }

  /// How many of the bytes that follow are the same in `other`, of `limit` at most.
  int common(ByteSource other, int limit) {
    int most = Math.min(limit, Math.min(end - at, other.end - other.at));
    int first = bytes.slice(at, most).mismatch(other.bytes.slice(other.at, most));
    return first < 0 ? most : first;
  }

  /// Back to a position where it was before.
  void back(int position) {
    at = position;
  }

  byte[] getSized() {
    return get(getVarint());
  }

  /// Whether the next sized bytes are `wanted`; they are read then.
  boolean takes(ArchivePath wanted) {
    int start = at;
    if (getVarint() == wanted.length() && wanted.length() <= end - at && wanted.isAt(bytes, at)) {
      at += wanted.length();
      return true;
    }
    at = start;
    return false;
  }

  void skip(long count) {
    take(count);
  }
}
