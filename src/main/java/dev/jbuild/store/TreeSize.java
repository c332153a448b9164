package dev.jbuild.store;

import dev.jbuild.failure.Utf8;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;

/// How much of the disk is taken by what lies below a directory, and when anything of it was last
/// changed. Several names of one file count once. What may not be looked at, or lies deeper than
/// [#DEEPEST], is left out.
final class TreeSize {

  private static final int BLOCK = 512;
  private static final int DEEPEST = 400;

  private final Set<Long> linked = new HashSet<>();
  private final Deque<Level> levels = new ArrayDeque<>();
  private long bytes;
  private Instant newest = Instant.EPOCH;

  private record Level(Directory directory, Iterator<Directory.Entry> entries) {}

  private TreeSize() {}

  /// Of `path` with all that is in it; 0 if there is nothing.
  static long of(Path path) throws IOException {
    return walked(path).bytes;
  }

  /// When `path` or anything in it was last changed, by the kernel's word, which no process of a
  /// step can set.
  static Instant lastChange(Path path) throws IOException {
    return walked(path).newest;
  }

  private static TreeSize walked(Path path) throws IOException {
    var size = new TreeSize();
    try (var parent = Directory.open(path.resolveSibling("."))) {
      size.enter(parent, Utf8.encode(String.valueOf(path.getFileName())));
      size.walk();
    } finally {
      size.levels.forEach(level -> level.directory().close());
    }
    return size;
  }

  private void walk() throws IOException {
    while (!levels.isEmpty()) {
      var level = levels.getLast();
      if (level.entries().hasNext()) {
        enter(level.directory(), level.entries().next().name());
      } else {
        levels.removeLast().directory().close();
      }
    }
  }

  private void enter(Directory parent, byte[] name) throws IOException {
    try {
      var stat = parent.stat(name);
      if (stat.isEmpty()) {
        return;
      }
      count(stat.get());
      if (stat.get().isDirectory() && levels.size() < DEEPEST) {
        open(parent.openDirectory(name));
      }
    } catch (LinuxException e) {
      if (!e.is(Errno.EACCES) && !e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  private void open(Directory directory) throws IOException {
    try {
      levels.addLast(new Level(directory, directory.list().iterator()));
    } catch (IOException e) {
      directory.close();
      throw e;
    }
  }

  private void count(FileStat stat) {
    var changed = Instant.ofEpochSecond(stat.ctime(), stat.ctimeNanos());
    newest = changed.isAfter(newest) ? changed : newest;
    if (stat.isDirectory() || stat.links() < 2 || linked.add(stat.inode())) {
      bytes += stat.blocks() * BLOCK;
    }
  }
}
