package dev.jbuild.layer;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.FileType;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A copy of a tree whose files share their blocks with the original's until one of them is written
/// to (reflinks: btrfs, xfs and others). All that can be said of a file is copied: mode, owner,
/// attributes, times, which names are one file. Nobody may change the original meanwhile.
public final class TreeCopy implements AutoCloseable {

  private static final int MINE = 0700;

  private final TreeCursor from;
  private final TreeCursor to;

  /// By inode: the first name that was copied.
  private final Map<Long, ArchivePath> names = new HashMap<>();

  /// @param from and `to`, which is empty, are closed with this
  public TreeCopy(Directory from, Directory to) {
    this.from = new TreeCursor(from);
    this.to = new TreeCursor(to);
  }

  /// Copies all.
  ///
  /// @return false if the file system shares no blocks; what is in the copy is of no use then
  public boolean share() throws IOException {
    var directories = new ArrayList<ArchivePath>();
    var ahead = new ArrayDeque<ArchivePath>();
    for (@Nullable ArchivePath at = ArchivePath.ROOT; at != null; at = ahead.poll()) {
      directories.add(at);
      for (var each : from.at(at).list()) {
        var path = at.child(each.name());
        var stat = from.at(at).stat(each.name()).orElseThrow();
        if (stat.isDirectory()) {
          to.at(at).makeDirectory(each.name(), MINE);
          ahead.push(path);
        } else if (!copy(path, stat)) {
          return false;
        }
      }
    }
    finish(directories);
    return true;
  }

  private boolean copy(ArchivePath path, FileStat stat) throws IOException {
    var first = stat.links() > 1 ? names.putIfAbsent(stat.inode(), path) : null;
    if (first != null) {
      try (var there = to.at(first.parent()).reopen()) {
        to.at(path.parent()).makeHardLink(path.name(), there, first.name());
      }
      return true;
    }
    var source = from.at(path.parent());
    var target = to.at(path.parent());
    var name = path.name();
    switch (stat.type()) {
      case FILE -> {
        try (var content = source.openFile(name);
            var copy = target.createFile(name, 0600)) {
          if (stat.size() > 0 && !content.shareWith(copy)) {
            return false;
          }
        }
      }
      case SYMLINK -> target.makeSymlink(name, source.readLink(name));
      case FIFO -> target.makeNode(name, FileType.FIFO, MINE, 0, 0);
      case CHARACTER, BLOCK ->
          target.makeNode(name, stat.type(), MINE, stat.rdevMajor(), stat.rdevMinor());
      case DIRECTORY, SOCKET, UNKNOWN -> throw new IllegalStateException(path.printable());
    }
    describe(source, target, name, stat);
    return true;
  }

  private static void describe(Directory source, Directory target, byte[] name, FileStat stat)
      throws IOException {
    target.setOwner(name, Integer.toUnsignedLong(stat.uid()), Integer.toUnsignedLong(stat.gid()));
    if (!stat.isSymlink()) {
      target.setMode(name, stat.permissions());
    }
    for (var xattr : source.xattrs(name).entrySet()) {
      target.setXattr(name, xattr.getKey(), xattr.getValue());
    }
    target.setTime(name, stat.mtime(), stat.mtimeNanos());
  }

  /// Directories are described when nothing more is put into them.
  private void finish(List<ArchivePath> directories) throws IOException {
    for (var path : directories.reversed()) {
      var source = from.at(path);
      var target = to.at(path);
      var stat = source.stat();
      target.setOwner(Integer.toUnsignedLong(stat.uid()), Integer.toUnsignedLong(stat.gid()));
      target.setMode(stat.permissions());
      for (var xattr : source.xattrs().entrySet()) {
        target.setXattr(xattr.getKey(), xattr.getValue());
      }
      target.setTime(stat.mtime(), stat.mtimeNanos());
    }
  }

  @Override
  public void close() {
    from.close();
    to.close();
  }
}
