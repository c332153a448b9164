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

  /// Reads `struct statx` (linux/stat.h), in words of eight bytes: of a large context that is done
  /// some ten thousand times before it is compiled, and one copy takes less than a call for each
  /// field. Of two fields in a word the first is the lower half.
  static FileStat stat(Scratch scratch) {
    var words = scratch.structWords();
    return new FileStat(
        upper(words[3]) & 0xFFFF,
        upper(words[2]),
        lower(words[3]),
        words[5],
        words[14],
        lower(words[15]),
        words[12],
        lower(words[13]),
        words[4],
        (long) lower(words[17]) << 32 | words[17] >>> 32,
        lower(words[2]),
        lower(words[16]),
        upper(words[16]),
        words[6]);
  }

  private static int lower(long word) {
    return (int) word;
  }

  private static int upper(long word) {
    return (int) (word >>> 32);
  }
}
