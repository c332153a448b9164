package dev.jbuild.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
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
    var buffer = Scratch.get().buffer();
    long size = Kernel.call(SystemCall.GETDENTS64, fd, buffer.address(), SIZE);
    Kernel.check(size, SystemCall.GETDENTS64, where);
    for (long at = 0; at < size; ) {
      int length = buffer.get(JAVA_SHORT_UNALIGNED, at + 16) & 0xFFFF;
      add(buffer, at, length, into);
      at += length;
    }
    return size > 0;
  }

  /// Reads one `struct linux_dirent64`.
  private static void add(
      MemorySegment buffer, long at, int length, List<? super Directory.Entry> into) {
    long start = at + NAME;
    long end = start;
    while (end < at + length && buffer.get(JAVA_BYTE, end) != 0) {
      end++;
    }
    int size = (int) (end - start);
    if (isDots(buffer, start, size)) {
      return;
    }
    var name = new byte[size];
    MemorySegment.copy(buffer, JAVA_BYTE, start, name, 0, size);
    var type = FileType.ofDirent(buffer.get(JAVA_BYTE, at + 18));
    into.add(new Directory.Entry(name, type, buffer.get(JAVA_LONG_UNALIGNED, at)));
  }

  private static boolean isDots(MemorySegment buffer, long start, int size) {
    return size <= 2
        && buffer.get(JAVA_BYTE, start) == '.'
        && (size == 1 || buffer.get(JAVA_BYTE, start + 1) == '.');
  }
}
