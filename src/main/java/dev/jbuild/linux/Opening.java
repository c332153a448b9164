package dev.jbuild.linux;

import dev.jbuild.failure.Utf8;

/// The ways in which files are opened: always close-on-exec, never waiting.
///
/// Each returns a descriptor that the caller owns.
final class Opening {

  static final int AT_FDCWD = -100;
  static final int AT_EMPTY_PATH = 0x1000;
  static final int AT_SYMLINK_NOFOLLOW = 0x100;

  static final int READ = 0;
  static final int READ_WRITE = 2;
  static final int CREATE = 0100;
  static final int EXCLUSIVE = 0200;
  static final int APPEND = 02000;
  static final int DIRECTORY = Kernel.PROCESSOR.directoryFlag();
  static final int NO_FOLLOW = Kernel.PROCESSOR.noFollowFlag();
  static final int PATH_ONLY = 010000000;

  /// Mount points are not crossed, bind mounts of the same file system included.
  static final int RESOLVE_NO_XDEV = 0x01;

  /// As if the directory were the root, and no magic links of /proc (CVE-2018-15664).
  static final int RESOLVE_IN_ROOT = 0x10 | 0x02;

  private static final int O_NOCTTY = 0400;
  private static final int O_NONBLOCK = 04000;
  private static final int O_CLOEXEC = 02000000;
  private static final int OPEN_HOW_SIZE = 24;

  /// While anything on the machine is being renamed, openat2 may answer EAGAIN for a path with
  /// `..` in it, since it cannot prove that it stayed inside; asking again is the remedy.
  private static final int ATTEMPTS = 1000;

  private Opening() {}

  /// openat(2). Without PATH_ONLY, only for what is known to be a directory, a new file or one of
  /// jbuild's own: opening a device has effects.
  static long at(int directory, byte[] name, int flags, int permissions, Where where)
      throws LinuxException {
    return Kernel.check(tryAt(directory, name, flags, permissions), SystemCall.OPENAT, where);
  }

  static long tryAt(int directory, byte[] name, int flags, int permissions) throws LinuxException {
    long path = Scratch.get().first(name);
    return Kernel.call(SystemCall.OPENAT, directory, path, allFlags(flags), permissions);
  }

  private static int allFlags(int flags) {
    return (flags & PATH_ONLY) != 0 ? flags | O_CLOEXEC : flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  }

  /// openat2(2) with `resolve`.
  ///
  /// @return as [Kernel#call]
  static long resolve(int directory, byte[] path, int flags, int resolve) throws LinuxException {
    var scratch = Scratch.get();
    long address = scratch.first(path.length == 0 ? new byte[] {'.'} : path);
    for (int attempt = 1; ; attempt++) {
      scratch.putLong(0, allFlags(flags));
      scratch.putLong(8, 0);
      scratch.putLong(16, resolve);
      long fd =
          Kernel.call(SystemCall.OPENAT2, directory, address, scratch.struct(), OPEN_HOW_SIZE);
      if (!Kernel.is(fd, Errno.EAGAIN) || attempt == ATTEMPTS) {
        return fd;
      }
      Thread.onSpinWait();
    }
  }

  /// Opens the regular file that `name` is; anything else is refused and was never opened: first
  /// only the place of the file is taken (O_PATH), then its type looked at, then that very file
  /// opened, so that nobody can put a device or a FIFO there in between.
  static OpenFile regular(int directory, byte[] name, int flags, Where where)
      throws LinuxException {
    long place = at(directory, name, PATH_ONLY | NO_FOLLOW, 0, where);
    return ofPlace(place, flags, where);
  }

  /// The same for a path with links, inside `directory`.
  static OpenFile regularInRoot(int directory, byte[] path, int flags, Where where)
      throws LinuxException {
    long place = resolve(directory, path, PATH_ONLY, RESOLVE_IN_ROOT);
    return ofPlace(Kernel.check(place, SystemCall.OPENAT2, where), flags, where);
  }

  /// @param place an O_PATH descriptor, which is closed in any case
  static OpenFile ofPlace(long place, int flags, Where where) throws LinuxException {
    try {
      var type = Statx.of((int) place, where).type();
      if (type != FileType.FILE) {
        throw notRegular(type, where);
      }
      return new OpenFile(at(AT_FDCWD, magicLink(place), flags, 0, where), where);
    } finally {
      Kernel.close(place);
    }
  }

  /// The path by which this process reaches what the descriptor is, without a lookup of names.
  static byte[] magicLink(long fd) {
    return Utf8.encode("/proc/self/fd/" + fd);
  }

  private static LinuxException notRegular(FileType type, Where where) {
    var errno =
        switch (type) {
          case DIRECTORY -> Errno.EISDIR;
          case SYMLINK -> Errno.ELOOP;
          case FILE, CHARACTER, BLOCK, FIFO, SOCKET, UNKNOWN -> Errno.ENXIO;
        };
    return new LinuxException(
        "open", where.text(), errno, "not a regular file but a " + type.text());
  }
}
