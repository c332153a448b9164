package dev.jbuild.linux;

/// Mode, owner and times of files, by descriptor or by a name in a directory, which is never
/// followed.
final class Attributes {

  private static final long LARGEST_ID = 0xFFFFFFFEL;

  /// Set once the kernel has said that it has no fchmodat2 (before 6.6).
  private static volatile boolean withoutFchmodat2;

  private Attributes() {}

  static void setMode(Opened file, int permissions) throws LinuxException {
    file.check(
        Kernel.call(SystemCall.FCHMOD, file.number(), permissions & 07777), SystemCall.FCHMOD);
  }

  static void setOwner(Opened file, long uid, long gid) throws LinuxException {
    checkIds(uid, gid, SystemCall.FCHOWN, file.where());
    file.check(Kernel.call(SystemCall.FCHOWN, file.number(), uid, gid), SystemCall.FCHOWN);
  }

  static void setTime(Opened file, long seconds, int nanos) throws LinuxException {
    long times = times(seconds, nanos);
    file.check(Kernel.call(SystemCall.UTIMENSAT, file.number(), 0, times, 0), SystemCall.UTIMENSAT);
  }

  static void setMode(int directory, byte[] name, int permissions, Where where)
      throws LinuxException {
    int mode = permissions & 07777;
    if (!withoutFchmodat2) {
      long path = Scratch.get().first(name);
      long result =
          Kernel.call(SystemCall.FCHMODAT2, directory, path, mode, Opening.AT_SYMLINK_NOFOLLOW);
      if (Kernel.is(result, Errno.ENOSYS)) {
        withoutFchmodat2 = true;
      } else if (!Kernel.is(result, Errno.EPERM)) { // what an older seccomp filter says
        Kernel.check(result, SystemCall.FCHMODAT2, where);
        return;
      }
    }
    setModeByPlace(directory, name, mode, where);
  }

  /// fchmodat(2) always follows links, therefore the file is pinned and looked at first.
  static void setModeByPlace(int directory, byte[] name, int mode, Where where)
      throws LinuxException {
    long place = Opening.at(directory, name, Opening.PATH_ONLY | Opening.NO_FOLLOW, 0, where);
    try {
      if (Statx.of((int) place, where).isSymlink()) {
        throw Kernel.failure(-Errno.EOPNOTSUPP.number(), SystemCall.FCHMODAT, where);
      }
      setModeOfPlace(place, mode, where);
    } finally {
      Kernel.close(place);
    }
  }

  /// @param place an O_PATH descriptor of no link
  static void setModeOfPlace(long place, int mode, Where where) throws LinuxException {
    long path = Scratch.get().first(Opening.magicLink(place));
    Kernel.check(
        Kernel.call(SystemCall.FCHMODAT, Opening.AT_FDCWD, path, mode), SystemCall.FCHMODAT, where);
  }

  static void setOwner(int directory, byte[] name, long uid, long gid, Where where)
      throws LinuxException {
    checkIds(uid, gid, SystemCall.FCHOWNAT, where);
    long path = Scratch.get().first(name);
    long result =
        Kernel.call(SystemCall.FCHOWNAT, directory, path, uid, gid, Opening.AT_SYMLINK_NOFOLLOW);
    Kernel.check(result, SystemCall.FCHOWNAT, where);
  }

  static void setTime(int directory, byte[] name, long seconds, int nanos, Where where)
      throws LinuxException {
    long times = times(seconds, nanos);
    long path = Scratch.get().first(name);
    long result =
        Kernel.call(SystemCall.UTIMENSAT, directory, path, times, Opening.AT_SYMLINK_NOFOLLOW);
    Kernel.check(result, SystemCall.UTIMENSAT, where);
  }

  /// The last id means "leave it" to chown and is nobody's; to the kernel any number beyond 32
  /// bits would be another id.
  private static void checkIds(long uid, long gid, SystemCall call, Where where)
      throws LinuxException {
    if (uid < 0 || uid > LARGEST_ID || gid < 0 || gid > LARGEST_ID) {
      throw new LinuxException(
          call.text(), where.text(), Errno.EINVAL, "no such owner: " + uid + ":" + gid);
    }
  }

  /// Two equal timespecs, access and modification.
  private static long times(long seconds, int nanos) {
    if (nanos < 0 || nanos > 999_999_999) {
      // Two values beyond mean "now" and "leave it".
      throw new IllegalArgumentException("nanoseconds: " + nanos);
    }
    var scratch = Scratch.get();
    scratch.putLong(0, seconds);
    scratch.putLong(8, nanos);
    scratch.putLong(16, seconds);
    scratch.putLong(24, nanos);
    return scratch.struct();
  }
}
