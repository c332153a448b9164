package dev.jbuild.linux;

import java.util.Arrays;
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
    var bytes = scratch.fromBuffer((int) size); // of a buffer each byte is a call
    for (int at = 0; at < size; ) {
      int length = (bytes[at + 16] & 0xFF) | (bytes[at + 17] & 0xFF) << 8;
      add(bytes, at, length, into);
      at += length;
    }
    return size > 0;
  }

  /// Reads one `struct linux_dirent64`.
  private static void add(byte[] bytes, int at, int length, List<? super Directory.Entry> into) {
    int start = at + NAME;
    int end = start;
    while (end < at + length && bytes[end] != 0) {
      end++;
    }
    if (!isDots(bytes, start, end - start)) {
      var name = Arrays.copyOfRange(bytes, start, end);
      into.add(new Directory.Entry(name, FileType.ofDirent(bytes[at + 18])));
    }
  }

  private static boolean isDots(byte[] bytes, int start, int size) {
    return size <= 2 && bytes[start] == '.' && (size == 1 || bytes[start + 1] == '.');
  }
}
