package dev.jbuild.tar;

import java.util.Arrays;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// One entry of a tar: everything that a layer says of a file but its content.
///
/// @param mode the twelve permission bits (07777)
/// @param size of the content that follows; 0 unless a regular file
/// @param mtime seconds since the epoch; layers have whole seconds
/// @param link target of a symbolic link as bytes; empty otherwise
/// @param hardLink the earlier name of a hard link; the root otherwise
/// @param xattrs extended attributes by name, `user.x` or `security.capability`; not for the eyes
public record TarEntry(
    ArchivePath path,
    Type type,
    int mode,
    long uid,
    long gid,
    long size,
    long mtime,
    byte[] link,
    ArchivePath hardLink,
    int major,
    int minor,
    SortedMap<String, byte[]> xattrs) {

  private static final byte[] NO_LINK = {};

  /// What an entry is.
  public enum Type {
    FILE,
    DIRECTORY,
    SYMLINK,
    HARDLINK,
    CHARACTER,
    BLOCK,
    FIFO
  }

  public TarEntry {
    if ((mode & ~07777) != 0) {
      throw new IllegalArgumentException("not permission bits: " + Integer.toOctalString(mode));
    }
    if (uid < 0 || gid < 0 || uid >= 0xFFFFFFFFL || gid >= 0xFFFFFFFFL) {
      throw new IllegalArgumentException("owner out of range: " + uid + ":" + gid);
    }
    if (size < 0 || (size > 0 && type != Type.FILE)) {
      throw new IllegalArgumentException("size " + size + " of " + type + " " + path.printable());
    }
    xattrs =
        xattrs.isEmpty()
            ? Collections.emptySortedMap()
            : Collections.unmodifiableSortedMap(new TreeMap<>(xattrs));
  }

  public static TarEntry file(
      ArchivePath path, int mode, long uid, long gid, long size, long mtime) {
    return plain(path, Type.FILE, mode, uid, gid, size, mtime);
  }

  public static TarEntry directory(ArchivePath path, int mode, long uid, long gid, long mtime) {
    return plain(path, Type.DIRECTORY, mode, uid, gid, 0, mtime);
  }

  public static TarEntry symlink(ArchivePath path, byte[] target, long uid, long gid, long mtime) {
    return new TarEntry(
        path,
        Type.SYMLINK,
        0777,
        uid,
        gid,
        0,
        mtime,
        target,
        ArchivePath.ROOT,
        0,
        0,
        Collections.emptySortedMap());
  }

  /// A further name of the file that stands earlier in the layer as `target`; `like` says what the
  /// file is.
  public static TarEntry hardLink(ArchivePath path, ArchivePath target, TarEntry like) {
    return new TarEntry(
        path,
        Type.HARDLINK,
        like.mode(),
        like.uid(),
        like.gid(),
        0,
        like.mtime(),
        NO_LINK,
        target,
        0,
        0,
        Collections.emptySortedMap());
  }

  private static TarEntry plain(
      ArchivePath path, Type type, int mode, long uid, long gid, long size, long mtime) {
    return new TarEntry(
        path,
        type,
        mode,
        uid,
        gid,
        size,
        mtime,
        NO_LINK,
        ArchivePath.ROOT,
        0,
        0,
        Collections.emptySortedMap());
  }

  public boolean isDirectory() {
    return type == Type.DIRECTORY;
  }

  public boolean isFile() {
    return type == Type.FILE;
  }

  /// Whether two files have the same extended attributes. A loop: each entry of a large context is
  /// compared, and a stream of a map's entries is code that Java writes at every start.
  public static boolean sameXattrs(SortedMap<String, byte[]> one, SortedMap<String, byte[]> other) {
    if (!one.keySet().equals(other.keySet())) {
      return false;
    }
    for (var each : one.entrySet()) {
      if (!Arrays.equals(each.getValue(), other.get(each.getKey()))) {
        return false;
      }
    }
    return true;
  }

  public TarEntry withPath(ArchivePath other) {
    return new TarEntry(
        other, type, mode, uid, gid, size, mtime, link, hardLink, major, minor, xattrs);
  }

  public TarEntry withOwner(long newUid, long newGid) {
    return new TarEntry(
        path, type, mode, newUid, newGid, size, mtime, link, hardLink, major, minor, xattrs);
  }

  public TarEntry withMode(int newMode) {
    return new TarEntry(
        path, type, newMode, uid, gid, size, mtime, link, hardLink, major, minor, xattrs);
  }

  public TarEntry withMtime(long newMtime) {
    return new TarEntry(
        path, type, mode, uid, gid, size, newMtime, link, hardLink, major, minor, xattrs);
  }
}
