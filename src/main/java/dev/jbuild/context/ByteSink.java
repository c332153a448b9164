package dev.jbuild.context;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Checksum;

/// Bytes that grow: the numbers of our own binary files, big-endian. They are kept in pieces, so
/// that growing copies nothing and needs no large array.
final class ByteSink {

  private static final int FIRST = 1 << 10;
  private static final int MOST = 1 << 18;

  private final List<byte[]> full = new ArrayList<>();
  private byte[] last = new byte[FIRST];
  private int used;
  private int before; // what the full pieces hold

  private void grow() {
    full.add(last);
    before = Math.addExact(before, last.length);
    last = new byte[Math.min(MOST, 2 * last.length)];
    used = 0;
  }

  void putByte(int value) {
    if (used == last.length) {
      grow();
    }
    last[used++] = (byte) value;
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
      set(position + i, (byte) (value >> (24 - 8 * i)));
    }
  }

  private void set(int position, byte value) {
    if (position >= before) {
      last[position - before] = value;
      return;
    }
    int start = before;
    for (var piece : full.reversed()) {
      start -= piece.length;
      if (position >= start) {
        piece[position - start] = value;
        return;
      }
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
    int at = from;
    int left = count;
    while (left > 0) {
      if (used == last.length) {
        grow();
      }
      int now = Math.min(left, last.length - used);
      System.arraycopy(value, at, last, used, now);
      used += now;
      at += now;
      left -= now;
    }
  }

  /// Its length, then the bytes.
  void putSized(byte[] value) {
    putVarint(value.length);
    put(value);
  }

  int length() {
    return Math.addExact(before, used);
  }

  void writeTo(OutputStream out) throws IOException {
    for (var piece : full) {
      out.write(piece);
    }
    out.write(last, 0, used);
  }

  void addTo(Checksum sum) {
    full.forEach(sum::update);
    sum.update(last, 0, used);
  }

  /// What was put, piece by piece; good until more is put.
  List<ByteBuffer> buffers() {
    var buffers = new ArrayList<ByteBuffer>(full.size() + 1);
    for (var piece : full) {
      buffers.add(ByteBuffer.wrap(piece));
    }
    buffers.add(ByteBuffer.wrap(last, 0, used).slice());
    return buffers;
  }

  /// Hands over what was put, and begins anew.
  void drainTo(OutputStream out, Checksum sum) throws IOException {
    addTo(sum);
    writeTo(out);
    full.clear();
    before = 0;
    used = 0;
  }

  /// A copy of exactly what was put.
  byte[] toBytes() {
    var bytes = new byte[length()];
    int at = 0;
    for (var piece : full) {
      System.arraycopy(piece, 0, bytes, at, piece.length);
      at += piece.length;
    }
    System.arraycopy(last, 0, bytes, at, used);
    return bytes;
  }
}
