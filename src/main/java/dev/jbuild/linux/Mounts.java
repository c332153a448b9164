package dev.jbuild.linux;

import dev.jbuild.failure.Utf8;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Mounts made through the new mount API (fsopen, fsconfig, fsmount, move_mount, open_tree), which
/// has no limit of one page for options and needs no escaping of paths.
///
/// Whoever calls is in a private mount namespace, so that what is mounted here dies with the
/// process: that of [#leaveNamespace], or the launcher's where Java cannot make one.
public final class Mounts {

  static final int MOUNT_ATTR_NODEV = 4;

  private static final int MOUNT_ATTR_RDONLY = 1;
  private static final int MOUNT_ATTR_SIZE = 32;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final int OPEN_TREE_CLONE = 1 | 02000000; // and O_CLOEXEC
  private static final int MS_NOSUID = 2;
  private static final int MS_NOEXEC = 8;
  private static final int TTY_GROUP = 5;
  private static final int MNT_DETACH = 2;
  private static final int UMOUNT_NOFOLLOW = 8;
  private static final int CLONE_NEWNS = 0x20000;
  private static final int MS_REC = 0x4000;
  private static final int MS_SLAVE = 1 << 19;
  private static final byte[] NO_PATH = new byte[0];

  private static volatile @Nullable String refusal;

  private Mounts() {}

  /// Takes the calling thread, and those that it will start, out of the mount namespace that it is
  /// in, into one of its own that gets what is mounted there later and passes nothing on.
  ///
  /// A namespace is a thread's. So the first thread calls this before it starts others that look
  /// at what is mounted; and `/proc/self/mountinfo` still shows the one that was left, as do
  /// handlers of signals and what runs at shutdown. Where it is refused, [#refusal] says why.
  public static void leaveNamespace() {
    try {
      var root = Where.bytes(Path.of("/"));
      Kernel.check(
          Kernel.call(SystemCall.UNSHARE, CLONE_NEWNS), SystemCall.UNSHARE, Where.of(root));
      long path = Scratch.get().first(root);
      Kernel.check(
          Kernel.call(SystemCall.MOUNT, path, path, 0, MS_REC | MS_SLAVE, 0),
          SystemCall.MOUNT,
          Where.of(root));
    } catch (LinuxException e) {
      refusal = "root may not make mounts here (%s: %s)".formatted(e.call(), e.errno().text());
    }
  }

  /// Why [#leaveNamespace] could not do what it is for: then nothing must be mounted.
  public static Optional<String> refusal() {
    return Optional.ofNullable(refusal);
  }

  /// An overlay mounted nodev at `target`.
  ///
  /// Options index=off, metacopy=off, redirect_dir=nofollow (with `userxattr`: off is refused),
  /// xino=off; `userxattr` when `inUserNamespace`; `volatile` when said.
  ///
  /// The kernel takes at most 500 lowers (before 6.5, without `lowerdir+`, what fits into one page:
  /// some 230). A failure carries what the kernel says of it beside the error number. One lower
  /// without an upper, which overlay refuses, is bind-mounted read-only.
  ///
  /// @param lowers from the topmost to the lowest, at least one
  /// @param upper and `work` may be null together: then the mount is read-only
  public static void overlay(
      List<Path> lowers,
      @Nullable Path upper,
      @Nullable Path work,
      Path target,
      boolean inUserNamespace,
      boolean isVolatile)
      throws IOException {
    if (lowers.isEmpty() || (upper == null) != (work == null)) {
      throw new IllegalArgumentException("an overlay needs a lower, and upper and work together");
    }
    if (upper == null && lowers.size() == 1) {
      bind(lowers.getFirst(), target, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV);
      return;
    }
    try (var overlay = new Overlay(lowers)) {
      if (upper != null && work != null) {
        overlay.upper(upper, work);
      }
      if (inUserNamespace) {
        overlay.flag("userxattr");
      }
      if (isVolatile) {
        overlay.flag("volatile");
      }
      overlay.mount(target);
    }
  }

  /// An instance of devpts of its own at `target`, for [PseudoTerminal].
  ///
  /// @param hasTtyGroup whether group 5 is known here, to which terminals belong by custom
  public static void terminals(Path target, boolean hasTtyGroup) throws IOException {
    var bytes = Where.bytes(target);
    var scratch = Scratch.get();
    long path = scratch.first(bytes);
    long type = scratch.second(Utf8.encode("devpts"));
    var owner = hasTtyGroup ? ",mode=0620,gid=" + TTY_GROUP : "";
    long options = scratch.buffer(Utf8.encode("newinstance,ptmxmode=0666" + owner + "\0"));
    long flags = MS_NOSUID | MS_NOEXEC;
    Kernel.check(
        Kernel.call(SystemCall.MOUNT, type, path, type, flags, options),
        SystemCall.MOUNT,
        Where.of(bytes));
  }

  /// Unmounts `target` (not lazily); what is mounted below it must be gone. A link is not followed.
  public static void unmount(Path target) throws IOException {
    unmount(target, UMOUNT_NOFOLLOW);
  }

  /// Detaches `target` and all that is below it, now or when it is no longer used.
  public static void detach(Path target) throws IOException {
    unmount(target, UMOUNT_NOFOLLOW | MNT_DETACH);
  }

  private static void unmount(Path target, int flags) throws LinuxException {
    var bytes = Where.bytes(target);
    long path = Scratch.get().first(bytes);
    Kernel.check(Kernel.call(SystemCall.UMOUNT2, path, flags), SystemCall.UMOUNT2, Where.of(bytes));
  }

  /// A bind mount of the directory alone, without what is mounted in it.
  private static void bind(Path source, Path target, long attributes) throws LinuxException {
    var bytes = Where.bytes(source);
    long path = Scratch.get().first(bytes);
    long tree = Kernel.call(SystemCall.OPEN_TREE, Opening.AT_FDCWD, path, OPEN_TREE_CLONE);
    Kernel.check(tree, SystemCall.OPEN_TREE, Where.of(bytes));
    try {
      var where = Where.of(Where.bytes(target));
      var scratch = Scratch.get();
      scratch.clearStruct(); // struct mount_attr: set, clear, propagation, user namespace
      scratch.putLong(0, attributes);
      long empty = scratch.first(NO_PATH);
      Kernel.check(
          Kernel.call(
              SystemCall.MOUNT_SETATTR,
              tree,
              empty,
              Opening.AT_EMPTY_PATH,
              scratch.struct(),
              MOUNT_ATTR_SIZE),
          SystemCall.MOUNT_SETATTR,
          where);
      move(tree, Where.bytes(target), where);
    } finally {
      Kernel.close(tree);
    }
  }

  /// Puts a mount that is nowhere yet at `target`.
  static void move(long mount, byte[] target, Where where) throws LinuxException {
    long empty = Scratch.get().first(NO_PATH);
    long to = Scratch.get().second(target);
    Kernel.check(
        Kernel.call(
            SystemCall.MOVE_MOUNT, mount, empty, Opening.AT_FDCWD, to, MOVE_MOUNT_F_EMPTY_PATH),
        SystemCall.MOVE_MOUNT,
        where);
  }
}
