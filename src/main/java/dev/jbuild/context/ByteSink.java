package dev.jbuild.context;

import java.util.Arrays;

/// Bytes that grow: the numbers of our own binary files, big-endian.
final class ByteSink {

  private byte[] bytes = new byte[1024];
  private int length;

  private int grow(int count) {
    int at = length;
    length = Math.addExact(length, count);
    if (length > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8L, 2L * length));
    }
    return at;
  }

  void putByte(int value) {
    int at = grow(1);
    bytes[at] = (byte) value;
  }

  void putShort(int value) {
    putByte(value >> 8);
    putByte(value);
  }

  void putInt(int value) {
    putShort(value >> 16);
    putShort(value);
  }

  /// Overwrites what [#putInt] wrote at `position`.
  void setInt(int position, int value) {
    for (int i = 0; i < 4; i++) {
      bytes[position + i] = (byte) (value >> (24 - 8 * i));
    }
  }

  void putLong(long value) {
    putInt((int) (value >> 32));
    putInt((int) value);
  }

  /// An unsigned number in as many bytes as it needs, seven bits each, the lowest first.
  void putVarint(long value) {
    long left = value;
    while ((left & ~0x7FL) != 0) {
      putByte((int) (left & 0x7F) | 0x80);
      left >>>= 7;
    }
    putByte((int) left);
  }

  void put(byte[] value) {
    put(value, 0, value.length);
  }

  void put(byte[] value, int from, int count) {
    int at = grow(count);
    System.arraycopy(value, from, bytes, at, count);
  }

  /// Its length, then the bytes.
  void putSized(byte[] value) {
    putVarint(value.length);
    put(value);
  }

  int length() {
    return length;
  }

  /// What was put, and free room behind it; not a copy.
  byte[] array() {
    return bytes;
  }

  /// A copy of exactly what was put.
  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }
}
