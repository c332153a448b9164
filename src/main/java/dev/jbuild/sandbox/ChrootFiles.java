package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// What a step of a [Chroot] finds in its root beside the image's files, where other sandboxes
/// mount: put there before the step, taken away after it.
///
/// What the image has at such a place is moved aside and comes back. Every place is held by the
/// handle of its directory, so that it is found again wherever the step has moved that, and no link
/// that the step left can lead anywhere. The times of these directories are what they were, or what
/// the step made of them.
final class ChrootFiles implements AutoCloseable {

  /// How something is taken away.
  private interface Removal {
    void remove() throws IOException;
  }

  private final Directory root;
  private final Directory aside;
  private final Path own;
  private final Deque<Removal> removals = new ArrayDeque<>();
  private final Deque<Directory> handles = new ArrayDeque<>();
  private int count;

  /// @param root of the step
  /// @param aside an empty directory on the same file system
  /// @param own all below it is jbuild's own and may be moved
  ChrootFiles(Path root, Path aside, Path own) throws IOException {
    this.root = Directory.open(root);
    try {
      this.aside = Directory.open(aside);
    } catch (IOException e) {
      this.root.close();
      throw e;
    }
    this.own = own;
  }

  /// An empty directory at `path`, to be filled and to be thrown away.
  Directory coverDirectory(String path, int mode) throws IOException {
    var place = cover(path, true);
    place.parent.makeDirectory(place.name, 0700);
    place.parent.setMode(place.name, mode);
    removals.push(() -> uncover(place, () -> place.parent.removeTree(place.name)));
    place.settle();
    return opened(place.parent.openDirectory(place.name));
  }

  /// Puts what a step brings along to its place.
  void place(StepMount mount) throws IOException {
    switch (mount) {
      case StepMount.Tmpfs(var target, var _, var _) -> coverDirectory(target, 01777);
      case StepMount.Content content -> place(content);
      case StepMount.Bind bind -> place(bind);
    }
  }

  private void place(StepMount.Content content) throws IOException {
    var place = cover(content.target(), false);
    removals.push(() -> uncover(place, () -> place.parent.removeTree(place.name)));
    try (var file = place.parent.createFile(place.name, 0600)) {
      file.write(content.bytes(), 0, content.bytes().length);
      file.setOwner(content.uid(), content.gid());
      file.setMode(content.mode());
    }
    place.settle();
  }

  /// Moves the source itself, which comes back with whatever the step did to it.
  private void place(StepMount.Bind bind) throws IOException {
    var source = source(bind);
    var place = cover(bind.target(), bind.isDirectory());
    try {
      source.parent.rename(source.name, place.parent, place.name);
    } finally {
      removals.push(() -> uncover(place, () -> giveBack(source, place, bind.isDirectory())));
    }
    place.settle();
  }

  private Place source(StepMount.Bind bind) throws IOException {
    var root = bind.root().toAbsolutePath();
    var about = "mounting " + Printable.of(bind.target());
    if (!root.startsWith(own)) {
      throw failure(about + ": a chroot shows a step no directory of the machine");
    }
    var path = bind.source().replaceAll("/+$", "");
    var parent =
        path.isEmpty()
            ? opened(Directory.open(root.resolveSibling(".")))
            : resolved(opened(Directory.open(root)), parent(path));
    var name = Utf8.encode(path.isEmpty() ? String.valueOf(root.getFileName()) : name(path));
    var stat = parent.stat(name);
    if (stat.isEmpty() || stat.get().isDirectory() != bind.isDirectory()) {
      throw failure(about + ": its source is mounted elsewhere in this step already, or is a link");
    }
    return new Place(parent, name, null);
  }

  /// A directory comes back without a file that the image has too: a link, which a step can make
  /// since nothing is mounted, must not join the two for good.
  private void giveBack(Place source, Place place, boolean isDirectory) throws IOException {
    var left = place.parent.stat(place.name);
    if (left.isPresent() && left.get().isDirectory() == isDirectory && !left.get().isSymlink()) {
      place.parent.rename(place.name, source.parent, source.name);
      if (isDirectory) {
        new FileParting(source.parent, source.name, aside).part();
      }
    } else {
      place.parent.removeTree(place.name);
    }
  }

  /// The directory `path`, and those above it, if they are missing.
  void makeDirectory(String path) throws IOException {
    if (path.equals("/") || root.resolveStat(Utf8.encode(path)).isPresent()) {
      return;
    }
    makeDirectory(parent(path));
    var parent = resolved(root, parent(path));
    var name = Utf8.encode(name(path));
    var before = parent.stat();
    parent.makeDirectory(name, 0755);
    parent.setMode(name, 0755);
    setTime(parent, before);
    removals.push(
        () -> {
          var after = parent.stat();
          try {
            parent.removeDirectory(name);
            setTime(parent, after);
          } catch (LinuxException e) {
            // The step has put something into it, or it is gone.
          }
        });
  }

  /// A name in a directory, and what was there, moved aside.
  private record Place(Directory parent, byte[] name, @Nullable Aside original) {

    /// Gives the directory the time back that it had before.
    void settle() throws IOException {
      if (original != null) {
        setTime(parent, original.parentBefore);
      }
    }
  }

  /// @param name in the directory of what is aside; null if there was nothing
  private record Aside(byte @Nullable [] name, FileStat parentBefore) {}

  private Place cover(String path, boolean isDirectory) throws IOException {
    makeDirectory(parent(path));
    var parent = resolved(root, parent(path));
    var name = Utf8.encode(name(path));
    var before = parent.stat();
    var existing = parent.stat(name);
    if (existing.isEmpty()) {
      return new Place(parent, name, new Aside(null, before));
    }
    if (existing.get().isSymlink()) {
      throw failure("mounting " + Printable.of(path) + ": it is a link in the image")
          .hint("it could lead anywhere");
    }
    if (existing.get().isDirectory() != isDirectory) {
      throw failure(
          "the image's "
              + Printable.of(path)
              + (isDirectory
                  ? " is no directory, so nothing can be mounted there"
                  : " is a directory, where a file is mounted"));
    }
    var asideName = Utf8.encode("" + count++);
    parent.rename(name, aside, asideName);
    return new Place(parent, name, new Aside(asideName, before));
  }

  private void uncover(Place place, Removal removal) throws IOException {
    var after = place.parent.stat();
    removal.remove();
    var original = place.original;
    if (original != null && original.name != null) {
      try {
        aside.rename(original.name, place.parent, place.name);
      } catch (LinuxException e) {
        if (!e.is(Errno.ENOENT)) {
          throw e;
        } // the step removed the directory with all that was in it
      }
    }
    setTime(place.parent, after);
  }

  private static void setTime(Directory directory, FileStat stat) throws IOException {
    directory.setTime(stat.mtime(), stat.mtimeNanos());
  }

  private Directory resolved(Directory from, String path) throws IOException {
    return opened(from.resolveDirectory(Utf8.encode(path)));
  }

  private Directory opened(Directory directory) {
    handles.push(directory);
    return directory;
  }

  private static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static BuildFailure failure(String message) {
    return BuildFailure.of(BuildFailure.Kind.SANDBOX, message);
  }

  /// Takes everything away, the last first.
  @Override
  public void close() throws IOException {
    @Nullable IOException failure = null;
    while (!removals.isEmpty()) {
      try {
        removals.pop().remove();
      } catch (IOException e) {
        failure = e;
      }
    }
    handles.forEach(Directory::close);
    aside.close();
    root.close();
    if (failure != null) {
      throw failure;
    }
  }
}
