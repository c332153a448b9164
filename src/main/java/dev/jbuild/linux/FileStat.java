package dev.jbuild.linux;

/// What statx(2) says of a file. Ids are unsigned, as the kernel has them.
///
/// @param mode type and permission bits, as st_mode
/// @param mtime seconds since the epoch; `mtimeNanos` the rest of it; ctime likewise
/// @param device major and minor of the file system, in one number
/// @param blocks of 512 bytes that it takes on disk
/// @param rdevMajor for device nodes; `rdevMinor` likewise
public record FileStat(
    int mode,
    int uid,
    int gid,
    long size,
    long mtime,
    int mtimeNanos,
    long ctime,
    int ctimeNanos,
    long inode,
    long device,
    int links,
    int rdevMajor,
    int rdevMinor,
    long blocks) {

  private static final int TYPE = 0170000;

  public FileType type() {
    return FileType.ofMode(mode & TYPE);
  }

  /// The twelve permission bits.
  public int permissions() {
    return mode & 07777;
  }

  public boolean isDirectory() {
    return type() == FileType.DIRECTORY;
  }

  public boolean isFile() {
    return type() == FileType.FILE;
  }

  public boolean isSymlink() {
    return type() == FileType.SYMLINK;
  }
}
