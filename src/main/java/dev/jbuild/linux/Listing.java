package dev.jbuild.linux;

import java.nio.ByteBuffer;
import java.util.List;

/// getdents64(2).
final class Listing {

  /// The kernel fills no more than it has ready; larger than this was no faster.
  private static final int SIZE = 64 << 10;

  private static final int NAME = 19;

  private Listing() {}

  /// Back to the start of the directory.
  static void rewind(long fd, Where where) throws LinuxException {
    Kernel.check(Kernel.call(SystemCall.LSEEK, fd, 0, 0), SystemCall.LSEEK, where);
  }

  /// Adds the next bufferful of entries, without `.` and `..`.
  ///
  /// @return whether there was any
  static boolean next(long fd, List<? super Directory.Entry> into, Where where)
      throws LinuxException {
    var scratch = Scratch.get();
    long size = Kernel.call(SystemCall.GETDENTS64, fd, scratch.buffer(), SIZE);
    Kernel.check(size, SystemCall.GETDENTS64, where);
    var buffer = scratch.bufferBytes();
    for (int at = 0; at < size; ) {
      int length = buffer.getShort(at + 16) & 0xFFFF;
      add(buffer, at, length, into);
      at += length;
    }
    return size > 0;
  }

  /// Reads one `struct linux_dirent64`.
  private static void add(
      ByteBuffer buffer, int at, int length, List<? super Directory.Entry> into) {
    int start = at + NAME;
    int end = start;
    while (end < at + length && buffer.get(end) != 0) {
      end++;
    }
    int size = end - start;
    if (isDots(buffer, start, size)) {
      return;
    }
    var name = new byte[size];
    buffer.get(start, name);
    var type = FileType.ofDirent(buffer.get(at + 18));
    into.add(new Directory.Entry(name, type, buffer.getLong(at)));
  }

  private static boolean isDots(ByteBuffer buffer, int start, int size) {
    return size <= 2 && buffer.get(start) == '.' && (size == 1 || buffer.get(start + 1) == '.');
  }
}
