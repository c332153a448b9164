package dev.jbuild.context;

import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// One file of a [SourceTree]: all that is known of it without reading it.
///
/// @param type never HARDLINK: every name of a file is a FILE, see `hardLinkKey`
/// @param mode the twelve permission bits
/// @param size in bytes; 0 unless a file
/// @param mtime seconds since the epoch
/// @param link target of a symbolic link as bytes, empty otherwise; not to be changed
/// @param xattrs extended attributes that an image keeps: `user.*` and `security.capability`
/// @param hardLinkKey present if the file has other names, which the tree need not show
/// @param origin what the tree that made the entry needs to find the content again; its own affair
public record SourceEntry(
    ArchivePath path,
    TarEntry.Type type,
    int mode,
    long uid,
    long gid,
    long size,
    long mtime,
    byte[] link,
    int major,
    int minor,
    SortedMap<String, byte[]> xattrs,
    Optional<HardLinkKey> hardLinkKey,
    Object origin) {

  private static final byte[] NO_LINK = {};
  private static final Object NO_ORIGIN = new Object();

  public SourceEntry {
    if ((mode & ~07777) != 0 || type == TarEntry.Type.HARDLINK) {
      throw new IllegalArgumentException(type + " " + Integer.toOctalString(mode));
    }
    xattrs =
        xattrs.isEmpty()
            ? Collections.emptySortedMap()
            : Collections.unmodifiableSortedMap(new TreeMap<>(xattrs));
  }

  /// A directory of root without anything special.
  public static SourceEntry directory(ArchivePath path, int mode, long mtime) {
    return plain(path, TarEntry.Type.DIRECTORY, mode, 0, mtime, NO_ORIGIN);
  }

  /// A file of root without anything special.
  ///
  /// @param origin see [SourceEntry#origin]
  public static SourceEntry file(ArchivePath path, int mode, long size, long mtime, Object origin) {
    return plain(path, TarEntry.Type.FILE, mode, size, mtime, origin);
  }

  private static SourceEntry plain(
      ArchivePath path, TarEntry.Type type, int mode, long size, long mtime, Object origin) {
    return new SourceEntry(
        path,
        type,
        mode,
        0,
        0,
        size,
        mtime,
        NO_LINK,
        0,
        0,
        Collections.emptySortedMap(),
        Optional.empty(),
        origin);
  }

  public boolean isDirectory() {
    return type == TarEntry.Type.DIRECTORY;
  }

  public boolean isFile() {
    return type == TarEntry.Type.FILE;
  }

  public boolean isSymlink() {
    return type == TarEntry.Type.SYMLINK;
  }

  /// The entry with another owner and other permission bits, as `--chown` and `--chmod` make it.
  public SourceEntry with(int newMode, long newUid, long newGid) {
    return new SourceEntry(
        path,
        type,
        newMode,
        newUid,
        newGid,
        size,
        mtime,
        link,
        major,
        minor,
        xattrs,
        hardLinkKey,
        origin);
  }
}
