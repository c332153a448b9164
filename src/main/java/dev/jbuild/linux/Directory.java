package dev.jbuild.linux;

import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// A handle of a directory. All names are bytes.
///
/// A method that takes a `name` takes one component: never a slash, never `.` or `..`, not empty
/// (else IllegalArgumentException), and never follows it if it is a link. Methods called
/// `resolve…` take a path with links, which the kernel resolves inside this directory as if it
/// were the root (openat2: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS; CVE-2018-15664,
/// CVE-2024-45310). Safe for use by many threads; not to be closed while others use it. Failures
/// are [LinuxException]s naming the path.
///
/// Permissions of what is made here are those asked for less the process's umask; `setMode` says
/// them exactly.
public final class Directory implements AutoCloseable {

  private static final int OPEN_DIRECTORY = Opening.READ | Opening.DIRECTORY;
  private static final int AT_REMOVEDIR = 0x200;

  // linux/fs.h: _IOR('f', 1, long), _IOW('f', 2, long)
  private static final long FS_IOC_GETFLAGS = 0x8008_6601L;
  private static final long FS_IOC_SETFLAGS = 0x4008_6602L;
  private static final int FS_TOPDIR_FL = 0x0002_0000;

  private final Opened file;
  private final Object listing = new Object();

  private Directory(long fd, Where where) {
    this.file = new Opened(fd, where);
  }

  /// Opens a directory that jbuild itself or its user named; links are followed as usual.
  public static Directory open(Path path) throws IOException {
    return open(Where.bytes(path));
  }

  /// The same for a path as bytes.
  public static Directory open(byte[] path) throws IOException {
    var where = Where.of(path.clone());
    return new Directory(Opening.at(Opening.AT_FDCWD, path, OPEN_DIRECTORY, 0, where), where);
  }

  /// The descriptor's number; valid until closed.
  public int number() {
    return file.number();
  }

  /// Of the directory itself.
  public FileStat stat() throws IOException {
    return Statx.of(file.number(), file.where());
  }

  /// Asks the file system to put the directories that are made in this one, with all that comes to
  /// lie in them, apart from each other, where their names lead (ext4: `chattr +T`). Most know no
  /// such thing, and nothing happens then.
  public void setApart() {
    var scratch = Scratch.get();
    scratch.clearStruct();
    if (Kernel.call(SystemCall.IOCTL, file.number(), FS_IOC_GETFLAGS, scratch.struct()) == 0) {
      scratch.putLong(0, scratch.getInt(0) | FS_TOPDIR_FL);
      Kernel.call(SystemCall.IOCTL, file.number(), FS_IOC_SETFLAGS, scratch.struct());
    }
  }

  /// lstat of `name`; empty if there is none.
  public Optional<FileStat> stat(byte[] name) throws IOException {
    long result = Statx.at(file.number(), checked(name));
    if (Kernel.is(result, Errno.ENOENT)) {
      return Optional.empty();
    }
    check(result, SystemCall.STATX, name);
    return Optional.of(Statx.stat(Scratch.get()));
  }

  /// What is in it, without `.` and `..`, in the kernel's order. Always from the start.
  public List<Entry> list() throws IOException {
    var entries = new ArrayList<Entry>();
    synchronized (listing) { // the position belongs to the descriptor
      Listing.rewind(file.number(), file.where());
      while (Listing.next(file.number(), entries, file.where())) {
        // adds what there is
      }
    }
    return entries;
  }

  /// @param type as the file system tells without a stat; UNKNOWN where it does not
  public record Entry(byte[] name, FileType type) {}

  /// Opens a directory in this one; a link is ENOTDIR.
  public Directory openDirectory(byte[] name) throws IOException {
    var where = child(name);
    int flags = OPEN_DIRECTORY | Opening.NO_FOLLOW;
    return new Directory(Opening.at(file.number(), checked(name), flags, 0, where), where);
  }

  /// Opens a regular file for reading; anything else is refused without waiting on it (a FIFO is
  /// never blocked on, a device is never opened).
  public OpenFile openFile(byte[] name) throws IOException {
    return Opening.regular(file.number(), checked(name), Opening.READ, child(name));
  }

  /// Makes a new file for writing and reading; fails if anything has the name.
  public OpenFile createFile(byte[] name, int permissions) throws IOException {
    var where = child(name);
    int flags = Opening.READ_WRITE | Opening.CREATE | Opening.EXCLUSIVE | Opening.NO_FOLLOW;
    long fd = Opening.at(file.number(), checked(name), flags, permissions, where);
    return new OpenFile(fd, where);
  }

  /// Opens an existing regular file for writing and reading; refuses others as [#openFile].
  public OpenFile openForWriting(byte[] name) throws IOException {
    return Opening.regular(file.number(), checked(name), Opening.READ_WRITE, child(name));
  }

  /// The same for what is written at its end.
  public OpenFile openForAppending(byte[] name) throws IOException {
    int flags = Opening.READ_WRITE | Opening.APPEND;
    return Opening.regular(file.number(), checked(name), flags, child(name));
  }

  /// Opens the directory at the end of a path with links; the empty path is this one.
  public Directory resolveDirectory(byte[] path) throws IOException {
    var where = child(path);
    long fd = Opening.resolve(file.number(), path, OPEN_DIRECTORY, Opening.RESOLVE_IN_ROOT);
    return new Directory(Kernel.check(fd, SystemCall.OPENAT2, where), where);
  }

  /// As [#openFile] at the end of a path with links, resolved inside this directory.
  public OpenFile resolveFile(byte[] path) throws IOException {
    return Opening.regularInRoot(file.number(), path, Opening.READ, child(path));
  }

  /// stat, following links inside this directory; empty if a component is missing or no directory.
  public Optional<FileStat> resolveStat(byte[] path) throws IOException {
    long place = Opening.resolve(file.number(), path, Opening.PATH_ONLY, Opening.RESOLVE_IN_ROOT);
    if (Kernel.is(place, Errno.ENOENT) || Kernel.is(place, Errno.ENOTDIR)) {
      return Optional.empty();
    }
    check(place, SystemCall.OPENAT2, path);
    try {
      return Optional.of(Statx.of((int) place, file.where()));
    } finally {
      Kernel.close(place);
    }
  }

  /// Makes a directory; fails if anything has the name.
  public void makeDirectory(byte[] name, int permissions) throws IOException {
    long path = Scratch.get().first(checked(name));
    check(
        Kernel.call(SystemCall.MKDIRAT, file.number(), path, permissions),
        SystemCall.MKDIRAT,
        name);
  }

  /// Makes a link that says `target`, whatever that is.
  public void makeSymlink(byte[] name, byte[] target) throws IOException {
    long path = Scratch.get().first(checked(name));
    long text = Scratch.get().second(target);
    check(Kernel.call(SystemCall.SYMLINKAT, text, file.number(), path), SystemCall.SYMLINKAT, name);
  }

  /// A new name for `existing` in `from`; a link is linked itself, not what it points to.
  public void makeHardLink(byte[] name, Directory from, byte[] existing) throws IOException {
    long path = Scratch.get().first(checked(name));
    long old = Scratch.get().second(checked(existing));
    check(
        Kernel.call(SystemCall.LINKAT, from.number(), old, file.number(), path, 0),
        SystemCall.LINKAT,
        name);
  }

  /// mknod for FIFO, CHARACTER, BLOCK.
  public void makeNode(byte[] name, FileType type, int permissions, int major, int minor)
      throws IOException {
    if (type != FileType.FIFO && type != FileType.CHARACTER && type != FileType.BLOCK) {
      throw new IllegalArgumentException("mknod of a " + type.text());
    }
    if (major < 0 || major > 0xFFF || minor < 0 || minor > 0xFFFFF) {
      throw new LinuxException(
          "mknod",
          child(name).text(),
          Errno.EINVAL,
          "no such device number: " + major + ":" + minor);
    }
    long device = (minor & 0xFF) | (major << 8) | ((minor & ~0xFFL) << 12);
    long path = Scratch.get().first(checked(name));
    int mode = type.mode() | (permissions & 07777);
    check(
        Kernel.call(SystemCall.MKNODAT, file.number(), path, mode, device),
        SystemCall.MKNODAT,
        name);
  }

  /// What the link says; EINVAL if it is none.
  public byte[] readLink(byte[] name) throws IOException {
    long path = Scratch.get().first(checked(name));
    long buffer = Scratch.get().buffer();
    long size =
        Kernel.call(SystemCall.READLINKAT, file.number(), path, buffer, Scratch.BUFFER_SIZE);
    check(size, SystemCall.READLINKAT, name);
    return Scratch.get().fromBuffer((int) size);
  }

  /// Moves `name` to `newName` in `target`, replacing what is there (renameat2, no flags).
  public void rename(byte[] name, Directory target, byte[] newName) throws IOException {
    long path = Scratch.get().first(checked(name));
    long to = Scratch.get().second(checked(newName));
    check(
        Kernel.call(SystemCall.RENAMEAT2, file.number(), path, target.number(), to, 0),
        SystemCall.RENAMEAT2,
        name);
  }

  /// Removes a name that is not a directory.
  public void unlink(byte[] name) throws IOException {
    unlink(name, 0);
  }

  /// Removes an empty directory.
  public void removeDirectory(byte[] name) throws IOException {
    unlink(name, AT_REMOVEDIR);
  }

  private void unlink(byte[] name, int flags) throws LinuxException {
    long path = Scratch.get().first(checked(name));
    check(Kernel.call(SystemCall.UNLINKAT, file.number(), path, flags), SystemCall.UNLINKAT, name);
  }

  /// Removes `name` and, if it is a directory, all that is in it, to any depth, never following a
  /// link or crossing a mount (EBUSY; what is around it may be gone then), also through directories
  /// without permissions (which it owns). A missing name is no error.
  public void removeTree(byte[] name) throws IOException {
    TreeRemoval.remove(file.number(), checked(name), file.where());
  }

  /// chmod of a file or directory; never of a link (EOPNOTSUPP).
  public void setMode(byte[] name, int permissions) throws IOException {
    Attributes.setMode(file.number(), checked(name), permissions, child(name));
  }

  /// lchown. The ids are 0 to 4,294,967,294; others are EINVAL.
  public void setOwner(byte[] name, long uid, long gid) throws IOException {
    Attributes.setOwner(file.number(), checked(name), uid, gid, child(name));
  }

  /// Sets access and modification time, of a link itself if it is one.
  public void setTime(byte[] name, long seconds, int nanos) throws IOException {
    Attributes.setTime(file.number(), checked(name), seconds, nanos, child(name));
  }

  /// chmod of the directory itself.
  public void setMode(int permissions) throws IOException {
    Attributes.setMode(file, permissions);
  }

  /// chown of the directory itself.
  public void setOwner(long uid, long gid) throws IOException {
    Attributes.setOwner(file, uid, gid);
  }

  /// Access and modification time of the directory itself.
  public void setTime(long seconds, int nanos) throws IOException {
    Attributes.setTime(file, seconds, nanos);
  }

  /// All extended attributes of `name` (not followed), by name; empty where the file system has
  /// none.
  public SortedMap<String, byte[]> xattrs(byte[] name) throws IOException {
    return Xattrs.of(file.number(), checked(name), child(name)).read();
  }

  /// Those of the directory itself.
  public SortedMap<String, byte[]> xattrs() throws IOException {
    return Xattrs.of(file).read();
  }

  /// lsetxattr(2): makes or replaces the attribute.
  public void setXattr(byte[] name, String attribute, byte[] value) throws IOException {
    Xattrs.of(file.number(), checked(name), child(name)).set(attribute, value);
  }

  /// lremovexattr(2); ENODATA if there is none.
  public void removeXattr(byte[] name, String attribute) throws IOException {
    Xattrs.of(file.number(), checked(name), child(name)).remove(attribute);
  }

  /// An attribute of the directory itself.
  public void setXattr(String attribute, byte[] value) throws IOException {
    Xattrs.of(file).set(attribute, value);
  }

  /// A second handle of the same directory.
  public Directory reopen() throws IOException {
    byte[] self = {'.'};
    return new Directory(
        Opening.at(file.number(), self, OPEN_DIRECTORY, 0, file.where()), file.where());
  }

  /// fsync(2) of the directory: its names are durable.
  public void sync() throws IOException {
    file.check(Kernel.call(SystemCall.FSYNC, file.number()), SystemCall.FSYNC);
  }

  /// syncfs(2): everything of the file system that it is on.
  public void syncFileSystem() throws IOException {
    file.check(Kernel.call(SystemCall.SYNCFS, file.number()), SystemCall.SYNCFS);
  }

  @Override
  public void close() {
    file.close();
  }

  private Where child(byte[] name) {
    return file.where().child(name.clone());
  }

  private void check(long result, SystemCall call, byte[] name) throws LinuxException {
    if (result < 0) {
      throw Kernel.failure(result, call, child(name));
    }
  }

  /// @return `name`, which is one component
  private static byte[] checked(byte[] name) {
    boolean dots =
        name.length <= 2
            && (name.length < 1 || name[0] == '.')
            && (name.length < 2 || name[1] == '.');
    boolean slash = false;
    for (byte b : name) {
      slash |= b == '/' || b == 0;
    }
    if (dots || slash) {
      throw new IllegalArgumentException("not a file name: \"" + Printable.of(name) + "\"");
    }
    return name;
  }
}
