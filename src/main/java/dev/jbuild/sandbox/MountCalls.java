package dev.jbuild.sandbox;

import dev.jbuild.failure.Printable;

/// The calls about mounts and files that a step's root is put together from, one method each.
///
/// Calls that mount a new file system use mount(2) on the working directory, so that a path is
/// resolved once, by openat2(2).
final class MountCalls {

  static final long AT_FDCWD = -100;
  static final long AT_EMPTY_PATH = 0x1000;
  static final long AT_RECURSIVE = 0x8000;
  static final long O_CLOEXEC = 0x8_0000;
  static final long RESOLVE_NO_MAGICLINKS = 0x02;
  static final long RESOLVE_NO_SYMLINKS = 0x04;
  static final long RESOLVE_IN_ROOT = 0x10;
  static final long ATTRIBUTE_READ_ONLY = 0x1; // MOUNT_ATTR_RDONLY
  static final long ATTRIBUTE_NO_DEVICES = 0x4; // MOUNT_ATTR_NODEV
  static final long MS_RDONLY = 1;
  static final long MS_NOSUID = 2;
  static final long MS_NODEV = 4;
  static final long MS_NOEXEC = 8;
  static final long MS_BIND = 0x1000;
  static final long MS_REC = 0x4000;

  /// Neither programs nor devices are of use there.
  static final long BARE = MS_NOSUID | MS_NODEV | MS_NOEXEC;

  private static final long MS_REMOUNT = 0x20;
  private static final long MNT_DETACH = 2;
  private static final long OPEN_TREE_CLONE = 1;
  private static final long O_PATH = 0x20_0000;
  private static final long MOVE_FROM_EMPTY_PATH = 0x4;
  private static final long MOVE_TO_EMPTY_PATH = 0x40;
  private static final long S_IFCHR = 0020000;
  private static final long S_IFREG = 0100000;
  private static final int SIZE_OF_HOW = 24;
  private static final int SIZE_OF_ATTRIBUTES = 32;

  private final CallTable table;
  private final long empty;

  MountCalls(CallTable table) {
    this.table = table;
    this.empty = table.text("");
  }

  CallTable table() {
    return table;
  }

  /// Opens `path`, of jbuild's own, without asking what it is.
  int openPath(String path) {
    return table.open(
        SystemCall.OPENAT,
        "opening " + Printable.of(path),
        AT_FDCWD,
        table.text(path),
        O_PATH | O_CLOEXEC);
  }

  /// The same, with a say about links in `path`.
  int resolve(String about, long directory, String path, long resolve) {
    long how = table.words(O_PATH | O_CLOEXEC, 0, resolve);
    return table.open(
        SystemCall.OPENAT2,
        about + " " + Printable.of(path),
        directory,
        table.text(path),
        how,
        SIZE_OF_HOW);
  }

  /// Opens a copy of the mount that holds `path`, with `path` as its root, not mounted anywhere.
  int copy(String path, long flags) {
    return table.open(
        SystemCall.OPEN_TREE,
        "opening " + Printable.of(path),
        AT_FDCWD,
        table.text(path),
        OPEN_TREE_CLONE | O_CLOEXEC | flags);
  }

  /// The same for what `descriptor` stands for, with all that is mounted below it.
  int copyOpened(String about, int descriptor) {
    return table.open(
        SystemCall.OPEN_TREE,
        about,
        descriptor,
        empty,
        OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
  }

  /// Restricts a copy, and all that is mounted below it.
  void restrict(int mount, long attributes) {
    table.call(
        SystemCall.MOUNT_SETATTR,
        "restricting a mount",
        mount,
        empty,
        AT_EMPTY_PATH | AT_RECURSIVE,
        table.words(attributes, 0, 0, 0),
        SIZE_OF_ATTRIBUTES);
  }

  /// Lets devices of a copy be used, also where they could not be before.
  void allowDevices(int mount) {
    table.call(
        SystemCall.MOUNT_SETATTR,
        "allowing devices",
        mount,
        empty,
        AT_EMPTY_PATH | AT_RECURSIVE,
        table.words(0, ATTRIBUTE_NO_DEVICES, 0, 0),
        SIZE_OF_ATTRIBUTES);
  }

  /// Mounts a copy on `path`.
  void attach(int mount, String path) {
    table.call(
        SystemCall.MOVE_MOUNT,
        "mounting " + Printable.of(path),
        mount,
        empty,
        AT_FDCWD,
        table.text(path),
        MOVE_FROM_EMPTY_PATH);
  }

  /// Mounts a copy on what `target` stands for.
  void attach(String about, int mount, int target) {
    table.call(
        SystemCall.MOVE_MOUNT,
        about,
        mount,
        empty,
        target,
        empty,
        MOVE_FROM_EMPTY_PATH | MOVE_TO_EMPTY_PATH);
  }

  /// Mounts a new file system on the directory that `target` stands for.
  void mount(String about, int target, String type, long flags, String options) {
    table.call(SystemCall.FCHDIR, about, target);
    mountOn(about, ".", type, flags, options);
  }

  /// Makes the directory `path` and mounts a new file system on it.
  void mountNew(String path, String type, long flags, String options) {
    makeDirectory(path);
    mountOn("mounting " + path, path, type, flags, options);
  }

  /// Mounts a new file system on the directory `path`.
  void mountOn(String about, String path, String type, long flags, String options) {
    long name = table.text(type);
    table.call(SystemCall.MOUNT, about, name, table.text(path), name, flags, table.text(options));
  }

  /// Mounts `source` on `path`.
  void bind(String about, String source, String path) {
    table.call(
        SystemCall.MOUNT, about, table.text(source), table.text(path), 0, MS_BIND | MS_REC, 0);
  }

  /// Makes the mount at `path` read-only.
  void makeReadOnly(String path) {
    long flags = MS_BIND | MS_REMOUNT | MS_RDONLY | BARE;
    table.call(SystemCall.MOUNT, "protecting " + path, 0, table.text(path), 0, flags, 0);
  }

  /// Makes the mount at `path` read-only, and leaves what else it is and what is mounted in it.
  void protect(String about, String path) {
    table.call(
        SystemCall.MOUNT_SETATTR,
        about,
        AT_FDCWD,
        table.text(path),
        0,
        table.words(ATTRIBUTE_READ_ONLY, 0, 0, 0),
        SIZE_OF_ATTRIBUTES);
  }

  /// Unmounts `path`; what is open of it stays.
  void detach(String about, String path) {
    table.call(SystemCall.UMOUNT2, about, table.text(path), MNT_DETACH);
  }

  void makeDirectory(String path) {
    table.call(SystemCall.MKDIRAT, "making " + path, AT_FDCWD, table.text(path), 0755);
  }

  void makeFile(String path) {
    long mode = S_IFREG | 0666;
    table.call(SystemCall.MKNODAT, "making " + path, AT_FDCWD, table.text(path), mode, 0);
  }

  void makeDevice(String path, StandardDevice device) {
    long mode = S_IFCHR | 0666;
    var about = "making " + path;
    table.call(SystemCall.MKNODAT, about, AT_FDCWD, table.text(path), mode, device.number());
  }

  void makeLink(String target, String path) {
    long to = table.text(target);
    table.call(SystemCall.SYMLINKAT, "making " + path, to, AT_FDCWD, table.text(path));
  }

  /// Makes `path`, if nothing is there, and the directories above it.
  void makeMountPoint(String path, boolean isDirectory) {
    var about = "making a mount point";
    for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
      long parent = table.text(path.substring(0, slash));
      table.attempt(SystemCall.MKDIRAT, about, AT_FDCWD, parent, 0755);
    }
    if (isDirectory) {
      table.attempt(SystemCall.MKDIRAT, about, AT_FDCWD, table.text(path), 0755);
    } else {
      table.attempt(SystemCall.MKNODAT, about, AT_FDCWD, table.text(path), S_IFREG | 0644, 0);
    }
  }
}
