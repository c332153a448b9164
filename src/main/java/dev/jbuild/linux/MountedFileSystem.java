package dev.jbuild.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;

/// What statfs(2) says of the file system that a path is on.
///
/// @param type its magic number (linux/magic.h)
/// @param freeBytes what an ordinary user can still write
/// @param freeInodes how many files can still be made; 0 also where the file system does not count
/// @param readOnly as mounted there
/// @param noExec nothing on it can be executed
/// @param noDev device nodes on it cannot be opened
public record MountedFileSystem(
    long type, long freeBytes, long freeInodes, boolean readOnly, boolean noExec, boolean noDev) {

  /// Local ones: ext2 to ext4, XFS, Btrfs, F2FS, ZFS, bcachefs; more below.
  private static final Set<Long> LOCAL =
      Set.of(0xEF53L, 0x58465342L, 0x9123683EL, 0xF2F52010L, 0x2FC12FC1L, 0xCA451A4EL);

  private static final long OVERLAYFS = 0x794C7630L;
  private static final long TMPFS = 0x01021994L;
  private static final long RAMFS = 0x858458F6L;
  private static final int ST_RDONLY = 1;
  private static final int ST_NODEV = 4;
  private static final int ST_NOEXEC = 8;

  /// Of an existing path; links are followed.
  public static MountedFileSystem of(Path path) throws IOException {
    return of(Where.bytes(path));
  }

  /// Of the one that the directory is on.
  public static MountedFileSystem of(Directory directory) throws IOException {
    return of(("/proc/self/fd/" + directory.number()).getBytes(StandardCharsets.US_ASCII));
  }

  private static MountedFileSystem of(byte[] path) throws IOException {
    var s = Scratch.get();
    long result = Kernel.call(SystemCall.STATFS, s.first(path), s.struct());
    Kernel.check(result, SystemCall.STATFS, Where.of(path));
    long flags = s.getLong(80);
    return new MountedFileSystem(
        s.getLong(0),
        s.getLong(32) * s.getLong(72),
        s.getLong(48),
        (flags & ST_RDONLY) != 0,
        (flags & ST_NOEXEC) != 0,
        (flags & ST_NODEV) != 0);
  }

  /// Whether its files are in memory only (tmpfs, ramfs). It may then set no times when a file is
  /// written through a mapping: it has nothing to write back, and so does not look.
  public boolean isInMemory() {
    return type == TMPFS || type == RAMFS;
  }

  /// Whether a name that comes or goes shows in the times of its directory at once, whoever made
  /// it. A network's may hold back for a while what it knows of a directory.
  public boolean tellsOfNames() {
    return LOCAL.contains(type & 0xFFFFFFFFL) || isInMemory() || isOverlay();
  }

  /// Whether it is an overlay itself, on which no overlay's upper directory can lie.
  public boolean isOverlay() {
    return type == OVERLAYFS;
  }
}
