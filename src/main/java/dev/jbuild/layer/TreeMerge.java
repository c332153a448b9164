package dev.jbuild.layer;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.FileType;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;

/// Moves a finished tree to where other files lie already, on the same file system. Files of one
/// name are replaced one by one, the others stay; links there are replaced, never followed.
final class TreeMerge {

  private static final int MINE = 0700;

  private TreeMerge() {}

  /// @throws BuildFailure if a directory and something else have one name; nothing is moved then
  static void move(Directory from, Directory to) throws IOException {
    check(from, to, ArchivePath.ROOT);
    moveAll(from, to);
  }

  private static void check(Directory from, Directory to, ArchivePath place) throws IOException {
    for (var entry : from.list()) {
      var there = to.stat(entry.name());
      if (there.isEmpty()) {
        continue;
      }
      var path = place.child(entry.name());
      boolean directory = entry.type() == FileType.DIRECTORY;
      if (directory != there.get().isDirectory()) {
        throw inTheWay(path, directory);
      }
      if (directory) {
        try (var below = from.openDirectory(entry.name());
            var belowThere = to.openDirectory(entry.name())) {
          check(below, belowThere, path);
        }
      }
    }
  }

  private static BuildFailure inTheWay(ArchivePath path, boolean directory) {
    return BuildFailure.of(
            BuildFailure.Kind.STORE,
            path.printable()
                + (directory
                    ? " is a directory in the image and something else where it is written to"
                    : " is a directory where it is written to and something else in the image"))
        .hint("remove it, or name another directory");
  }

  private static void moveAll(Directory from, Directory to) throws IOException {
    for (var entry : from.list()) {
      var name = entry.name();
      if (entry.type() != FileType.DIRECTORY) {
        from.rename(name, to, name);
        continue;
      }
      var stat = from.stat(name).orElseThrow();
      from.setMode(name, MINE); // else an ordinary user cannot move it, or what is in it
      if (to.stat(name).isPresent()) {
        try (var below = from.openDirectory(name);
            var belowThere = to.openDirectory(name)) {
          moveAll(below, belowThere);
        }
        to.setOwner(name, stat.uid(), stat.gid());
      } else {
        from.rename(name, to, name);
      }
      finish(to, name, stat);
    }
  }

  private static void finish(Directory to, byte[] name, FileStat stat) throws IOException {
    to.setMode(name, stat.permissions());
    to.setTime(name, stat.mtime(), stat.mtimeNanos());
  }
}
