package dev.jbuild.layer;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.MountedFileSystem;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// By what a name of a tree is known again as untouched: what its file's inode said while nobody
/// else was in the tree.
///
/// The kernel sets the change time (ctime) of a file whenever its content, mode, owner, attributes,
/// times or links change, and no program can set it. So a name whose inode, change time, size, time
/// of content, mode, owner and number of links are all the same is the same file, untouched, unless
/// its change time is so young that a later change could have got the same one. The clock that
/// decides that is the file system's own: after all stamps were taken a file is made beside the
/// tree, and what was not changed strictly before that is never taken for untouched (git's rule for
/// racy entries). It has to be compared. Size and time of content alone prove nothing.
///
/// A file system in memory (tmpfs) does not set the change time when a file is written through a
/// mapping whose page was there already. No file with content is taken for untouched there.
public final class TreeStamps {

  private static final byte[] CLOCK = "clock".getBytes(StandardCharsets.US_ASCII);

  private record Stamp(FileStat stat) {

    boolean isOf(FileStat now) {
      return stat.inode() == now.inode()
          && stat.device() == now.device()
          && stat.ctime() == now.ctime()
          && stat.ctimeNanos() == now.ctimeNanos()
          && stat.mtime() == now.mtime()
          && stat.mtimeNanos() == now.mtimeNanos()
          && stat.size() == now.size()
          && stat.mode() == now.mode()
          && stat.uid() == now.uid()
          && stat.gid() == now.gid()
          && stat.links() == now.links();
    }

    boolean isBefore(FileStat clock) {
      return stat.ctime() < clock.ctime()
          || (stat.ctime() == clock.ctime() && stat.ctimeNanos() < clock.ctimeNanos());
    }
  }

  private final Map<ArchivePath, Stamp> stamps;
  private final FileStat clock;
  private final boolean isInMemory;

  private TreeStamps(Map<ArchivePath, Stamp> stamps, FileStat clock, boolean isInMemory) {
    this.stamps = stamps;
    this.clock = clock;
    this.isInMemory = isInMemory;
  }

  /// Stamps of all that is in the tree, in which no process is.
  ///
  /// @param tree is closed
  /// @param beside a directory on the same file system, not in the tree
  public static TreeStamps take(Directory tree, Directory beside) throws IOException {
    var draft = new Draft();
    try (var cursor = new TreeCursor(tree)) {
      var ahead = new ArrayDeque<ArchivePath>();
      for (@Nullable ArchivePath at = ArchivePath.ROOT; at != null; at = ahead.poll()) {
        var here = cursor.at(at);
        for (var each : here.list()) {
          var path = at.child(each.name());
          var stat = here.stat(each.name()).orElseThrow();
          draft.put(path, stat);
          if (stat.isDirectory()) {
            ahead.push(path);
          }
        }
      }
    }
    return draft.finish(beside);
  }

  /// Whether the name is certainly what it was when the stamps were taken. A directory tells of the
  /// names in it, not of their files.
  boolean isUntouched(ArchivePath path, FileStat now) {
    if (isInMemory && now.isFile() && now.size() > 0) {
      return false;
    }
    var stamp = stamps.get(path);
    return stamp != null && stamp.isOf(now) && stamp.isBefore(clock);
  }

  /// Stamps being taken.
  static final class Draft {
    private final Map<ArchivePath, Stamp> stamps = new HashMap<>();

    void put(ArchivePath path, FileStat stat) {
      stamps.put(path, new Stamp(stat));
    }

    /// @param beside as for [TreeStamps#take]
    TreeStamps finish(Directory beside) throws IOException {
      beside.removeTree(CLOCK);
      try (var file = beside.createFile(CLOCK, 0600)) {
        return new TreeStamps(stamps, file.stat(), MountedFileSystem.of(beside).isInMemory());
      }
    }
  }
}
