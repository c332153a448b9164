package dev.jbuild.linux;

import java.io.IOException;

/// getdents64 and statx of all that lies in the directories of a directory, through the door that
/// jbuild uses, with nothing made of the answers.
public final class RawWalk {

  private static final int LISTING = 64 << 10;
  private static final int BASIC_STATS = 0x7FF;
  private static final int NAME = 19;

  private RawWalk() {}

  /// How many entries there were, `.` and `..` of each directory included.
  public static long entries(Directory root) throws IOException {
    long count = 0;
    for (var entry : root.list()) {
      stat(root.number(), Scratch.get().first(entry.name()));
      try (var directory = root.openDirectory(entry.name())) {
        count += entries(directory.number());
      }
    }
    return count;
  }

  private static long entries(int directory) {
    var scratch = Scratch.get();
    long buffer = scratch.buffer();
    var bytes = scratch.bufferBytes();
    long count = 0;
    while (true) {
      long size = Kernel.call(SystemCall.GETDENTS64, directory, buffer, LISTING);
      if (size <= 0) {
        return count;
      }
      for (int at = 0; at < size; at += bytes.getShort(at + 16) & 0xFFFF) {
        stat(directory, buffer + at + NAME);
        count++;
      }
    }
  }

  private static void stat(int directory, long name) {
    long result =
        Kernel.call(
            SystemCall.STATX,
            directory,
            name,
            Opening.AT_SYMLINK_NOFOLLOW,
            BASIC_STATS,
            Scratch.get().struct());
    if (result < 0) {
      throw new IllegalStateException("statx: " + result);
    }
  }
}
