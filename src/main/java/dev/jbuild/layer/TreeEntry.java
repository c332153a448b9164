package dev.jbuild.layer;

import dev.jbuild.linux.FileStat;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.util.SortedMap;

/// Reads what a tree on disk has at a path as the entry of a layer.
final class TreeEntry {

  private static final byte[] NO_LINK = {};

  private TreeEntry() {}

  /// The entry of `path`, its attributes read from the tree.
  static TarEntry read(TreeCursor tree, ArchivePath path, FileStat stat) throws IOException {
    var xattrs =
        path.isRoot() ? tree.at(path).xattrs() : tree.at(path.parent()).xattrs(path.name());
    return of(tree, path, stat, OverlayMarks.portable(xattrs));
  }

  /// The entry of `path`; the target of a link is read from the tree.
  ///
  /// @throws IllegalArgumentException for a socket, which no tar can hold
  static TarEntry of(
      TreeCursor tree, ArchivePath path, FileStat stat, SortedMap<String, byte[]> xattrs)
      throws IOException {
    var type =
        switch (stat.type()) {
          case FILE -> TarEntry.Type.FILE;
          case DIRECTORY -> TarEntry.Type.DIRECTORY;
          case SYMLINK -> TarEntry.Type.SYMLINK;
          case CHARACTER -> TarEntry.Type.CHARACTER;
          case BLOCK -> TarEntry.Type.BLOCK;
          case FIFO -> TarEntry.Type.FIFO;
          case SOCKET, UNKNOWN -> throw new IllegalArgumentException(path.printable());
        };
    boolean device = type == TarEntry.Type.CHARACTER || type == TarEntry.Type.BLOCK;
    boolean link = type == TarEntry.Type.SYMLINK;
    return new TarEntry(
        path,
        type,
        link ? 0777 : stat.permissions(),
        Integer.toUnsignedLong(stat.uid()),
        Integer.toUnsignedLong(stat.gid()),
        type == TarEntry.Type.FILE ? stat.size() : 0,
        stat.mtime(),
        link ? tree.at(path.parent()).readLink(path.name()) : NO_LINK,
        ArchivePath.ROOT,
        device ? stat.rdevMajor() : 0,
        device ? stat.rdevMinor() : 0,
        xattrs);
  }
}
