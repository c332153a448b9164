package dev.jbuild.linux;

/// statx(2): one call for all that is asked of a file.
final class Statx {

  private static final int AT_NO_AUTOMOUNT = 0x800;
  private static final int STATX_BASIC_STATS = 0x7FF;
  private static final byte[] EMPTY = new byte[0];

  private Statx() {}

  /// Of what the descriptor is.
  static FileStat of(int fd, Where where) throws LinuxException {
    Kernel.check(call(fd, EMPTY, Opening.AT_EMPTY_PATH), SystemCall.STATX, where);
    return stat(Scratch.get());
  }

  /// Of `name` in `directory`, not following it; the result is in the scratch memory if the
  /// answer is not negative.
  static long at(int directory, byte[] name) throws LinuxException {
    return call(directory, name, Opening.AT_SYMLINK_NOFOLLOW);
  }

  private static long call(int fd, byte[] name, int flags) throws LinuxException {
    var scratch = Scratch.get();
    return Kernel.call(
        SystemCall.STATX,
        fd,
        scratch.first(name),
        flags | AT_NO_AUTOMOUNT,
        STATX_BASIC_STATS,
        scratch.struct());
  }

  /// Reads `struct statx` (linux/stat.h).
  static FileStat stat(Scratch s) {
    return new FileStat(
        s.getShort(28),
        s.getInt(20),
        s.getInt(24),
        s.getLong(40),
        s.getLong(112),
        s.getInt(120),
        s.getLong(96),
        s.getInt(104),
        s.getLong(32),
        ((long) s.getInt(136) << 32) | Integer.toUnsignedLong(s.getInt(140)),
        s.getInt(16),
        s.getInt(128),
        s.getInt(132),
        s.getLong(48));
  }
}
