package dev.jbuild.linux;

import java.util.ArrayList;
import java.util.List;

/// Removes a directory and all that is in it, to any depth, without recursion.
///
/// Every step is relative to an open directory and follows no link. Mount points, bind mounts
/// included, are refused by the kernel (RESOLVE_NO_XDEV), so a host directory that a step had
/// mounted can never be emptied. Of a deep tree only the lowest directories are kept open; to the
/// others the way back is `..`, believed only if it leads to the directory that was left.
final class TreeRemoval {

  private static final int AT_REMOVEDIR = 0x200;
  private static final int OPEN_AT_MOST = 64;
  private static final int OWNER_ALL = 0700;
  private static final byte[] PARENT = {'.', '.'};

  private final Where where;

  /// From the top downwards. Those that are open are the last ones.
  private final List<Level> levels = new ArrayList<>();

  /// A directory on the way down.
  private static final class Level {
    final byte[] name;
    final FileStat stat;
    final List<Directory.Entry> pending = new ArrayList<>();
    long fd;
    boolean progress;

    Level(byte[] name, long fd, FileStat stat) {
      this.name = name;
      this.fd = fd;
      this.stat = stat;
    }

    void close() {
      if (fd >= 0) {
        Kernel.close(fd);
        fd = -1;
      }
    }
  }

  private TreeRemoval(Where where) {
    this.where = where;
  }

  /// Removes `name` in `parent`, whatever it is; a missing one is no error.
  static void remove(int parent, byte[] name, Where where) throws LinuxException {
    new TreeRemoval(where.child(name.clone())).run(parent, name);
  }

  private void run(int parent, byte[] name) throws LinuxException {
    try {
      if (!enteredOrRemoved(parent, name, FileType.UNKNOWN)) {
        return;
      }
      while (levels.size() > 1 || !isEmpty(levels.getLast())) {
        step();
      }
      leave(parent);
    } finally {
      levels.forEach(Level::close);
    }
  }

  /// Handles one entry of the lowest directory, or leaves that.
  private void step() throws LinuxException {
    var level = levels.getLast();
    if (isEmpty(level)) {
      var above = parentOf(level);
      leave((int) above.fd);
      above.progress = true;
      return;
    }
    var entry = level.pending.removeLast();
    level.progress |= !enteredOrRemoved((int) level.fd, entry.name(), entry.type());
  }

  /// Whether nothing is left in `level`; otherwise an entry is pending.
  private boolean isEmpty(Level level) throws LinuxException {
    while (level.pending.isEmpty()) {
      if (!Listing.next(level.fd, level.pending, where)) {
        if (!level.progress) {
          return true;
        }
        // Some file systems skip entries when others are removed while they list.
        level.progress = false;
        Listing.rewind(level.fd, where);
      }
    }
    return false;
  }

  /// @return whether `name` was a directory, which is now the lowest level
  private boolean enteredOrRemoved(int parent, byte[] name, FileType type) throws LinuxException {
    if (type != FileType.DIRECTORY) {
      long result = unlink(parent, name, 0);
      if (result >= 0 || Kernel.is(result, Errno.ENOENT)) {
        return false;
      }
      if (!Kernel.is(result, Errno.EISDIR)) {
        throw Kernel.failure(result, SystemCall.UNLINKAT, where.child(name));
      }
    }
    long fd = openDirectory(parent, name);
    if (Kernel.is(fd, Errno.ENOENT)) {
      return false;
    }
    if (Kernel.is(fd, Errno.ENOTDIR) && type == FileType.DIRECTORY) {
      return enteredOrRemoved(parent, name, FileType.UNKNOWN); // exchanged a moment ago
    }
    enter(name, checkOpened(fd, name));
    return true;
  }

  private void enter(byte[] name, long fd) throws LinuxException {
    try {
      var stat = Statx.of((int) fd, where);
      if ((stat.permissions() & OWNER_ALL) != OWNER_ALL) {
        // If it fails, what needs the permission says so.
        Kernel.call(SystemCall.FCHMOD, fd, stat.permissions() | OWNER_ALL);
      }
      levels.addLast(new Level(name, fd, stat));
    } catch (LinuxException failure) {
      Kernel.close(fd);
      throw failure;
    }
    int above = levels.size() - 1 - OPEN_AT_MOST;
    if (above >= 0) {
      levels.get(above).close();
    }
  }

  /// Opens it also if its permissions forbid that to its owner.
  private long openDirectory(int parent, byte[] name) throws LinuxException {
    int flags = Opening.READ | Opening.DIRECTORY | Opening.NO_FOLLOW;
    long fd = Opening.resolve(parent, name, flags, Opening.RESOLVE_NO_XDEV);
    if (!Kernel.is(fd, Errno.EACCES)) {
      return fd;
    }
    int placeFlags = Opening.PATH_ONLY | Opening.DIRECTORY | Opening.NO_FOLLOW;
    long place = Opening.resolve(parent, name, placeFlags, Opening.RESOLVE_NO_XDEV);
    if (place < 0) {
      return place;
    }
    try {
      Attributes.setModeOfPlace(place, OWNER_ALL, where.child(name));
    } finally {
      Kernel.close(place);
    }
    return Opening.resolve(parent, name, flags, Opening.RESOLVE_NO_XDEV);
  }

  private long checkOpened(long fd, byte[] name) throws LinuxException {
    if (Kernel.is(fd, Errno.EXDEV)) {
      throw new LinuxException(
          "openat2", where.child(name).text(), Errno.EBUSY, "something is mounted there");
    }
    return Kernel.check(fd, SystemCall.OPENAT2, where.child(name));
  }

  /// Removes the lowest directory, which is empty, from `parent`.
  private void leave(int parent) throws LinuxException {
    var level = levels.removeLast();
    level.close();
    long result = unlink(parent, level.name, AT_REMOVEDIR);
    if (result < 0 && !Kernel.is(result, Errno.ENOENT)) {
      throw Kernel.failure(result, SystemCall.UNLINKAT, where.child(level.name));
    }
  }

  /// The level above the lowest one, open.
  private Level parentOf(Level lowest) throws LinuxException {
    var above = levels.get(levels.size() - 2);
    if (above.fd < 0) {
      int flags = Opening.READ | Opening.DIRECTORY;
      long fd = Opening.resolve((int) lowest.fd, PARENT, flags, Opening.RESOLVE_NO_XDEV);
      fd = checkOpened(fd, above.name);
      above.fd = fd;
      var stat = Statx.of((int) fd, where);
      if (stat.inode() != above.stat.inode() || stat.device() != above.stat.device()) {
        throw new LinuxException(
            "openat2", where.text(), Errno.ESTALE, "moved while it was being removed");
      }
      above.pending.clear();
    }
    return above;
  }

  private static long unlink(int parent, byte[] name, int flags) throws LinuxException {
    return Kernel.call(SystemCall.UNLINKAT, parent, Scratch.get().first(name), flags);
  }
}
