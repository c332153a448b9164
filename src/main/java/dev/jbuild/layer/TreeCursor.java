package dev.jbuild.layer;

import dev.jbuild.linux.Directory;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Walks the directories of a tree on disk by handles, keeping those open that lead to where it is.
///
/// Every step goes down one name that is not followed if it is a link: whoever swaps a directory
/// for a link meanwhile makes the step fail and nothing else (CVE-2018-15664). In a tree of any
/// depth only a few hundred handles are open at once. Not safe for use by several threads.
public final class TreeCursor implements AutoCloseable {

  /// So many of the deepest levels stay open …
  private static final int NEAREST = 32;

  /// … and above them each level of a depth that this divides.
  private static final int LANDMARK = 128;

  private static final class Level {
    final ArchivePath path;
    @Nullable Directory directory;

    Level(ArchivePath path, @Nullable Directory directory) {
      this.path = path;
      this.directory = directory;
    }
  }

  private final List<Level> levels = new ArrayList<>();

  /// @param root is closed with the cursor
  public TreeCursor(Directory root) {
    levels.add(new Level(ArchivePath.ROOT, root));
  }

  /// The handle of the directory at `path`, valid until the next call; the cursor closes it.
  public Directory at(ArchivePath path) throws IOException {
    while (!path.startsWith(levels.getLast().path)) {
      close(levels.removeLast());
    }
    while (!levels.getLast().path.equals(path)) {
      var here = levels.getLast().path;
      var rest = path.relativeTo(here).bytes();
      int length = 0;
      while (length < rest.length && rest[length] != '/') {
        length++;
      }
      levels.add(new Level(here.child(Arrays.copyOf(rest, length)), null));
      var directory = open(levels.size() - 1);
      forget(levels.size() - 1 - NEAREST);
      if (levels.getLast().path.equals(path)) {
        return directory;
      }
    }
    return open(levels.size() - 1);
  }

  private Directory open(int depth) throws IOException {
    int from = depth;
    while (levels.get(from).directory == null) {
      from--;
    }
    var directory = levels.get(from).directory;
    for (int i = from + 1; i <= depth; i++) {
      var level = levels.get(i);
      if (directory == null) {
        throw new IllegalStateException("the root is closed");
      }
      directory = directory.openDirectory(level.path.name());
      level.directory = directory;
    }
    if (directory == null) {
      throw new IllegalStateException("the root is closed");
    }
    return directory;
  }

  private void forget(int depth) {
    if (depth > 0 && depth % LANDMARK != 0) {
      close(levels.get(depth));
    }
  }

  private static void close(Level level) {
    var directory = level.directory;
    if (directory != null) {
      directory.close();
      level.directory = null;
    }
  }

  @Override
  public void close() {
    levels.forEach(TreeCursor::close);
    levels.clear();
  }
}
