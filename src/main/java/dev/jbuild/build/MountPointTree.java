package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.ViewEntry;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.sandbox.MountPoint;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarFormatException;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A throw-away directory that is stacked on top of an image's trees: it holds what a step's mounts
/// need and the image lacks.
///
/// So nothing is made in the image for a mount, and nothing has to be removed again: the place
/// where CVE-2024-23652 lived does not exist. Directories that the image has are repeated with
/// their own mode, owner and time, since the topmost of a stack decides. Steps that need the same
/// can share one: what is equal makes the same directory.
record MountPointTree(TarEntry top, List<Made> made) {

  MountPointTree {
    made = List.copyOf(made);
  }

  /// One name, its parents before it.
  ///
  /// @param like the directory that it repeats; null for a new directory, 0755, or a new file, 0644
  record Made(ArchivePath path, boolean isDirectory, @Nullable TarEntry like) {}

  /// What is missing of `points` in the image that `view` shows.
  static MountPointTree of(MergedView view, List<MountPoint> points) {
    var made = new LinkedHashMap<ArchivePath, Made>();
    for (var point : points) {
      var place = place(view, point);
      if (place.entry().isEmpty()) {
        addParents(view, place.path(), made);
        made.putIfAbsent(place.path(), new Made(place.path(), point.isDirectory(), null));
      }
    }
    var top = view.find(ArchivePath.ROOT).orElseThrow().entry();
    return new MountPointTree(top, List.copyOf(made.values()));
  }

  private static MergedView.Place place(MergedView view, MountPoint point) {
    try {
      var path = ArchivePath.clamped(point.path());
      var place = view.resolve(path, true);
      if (place.entry().isPresent() && place.isDirectory() != point.isDirectory()) {
        throw BuildFailure.of(
            BuildFailure.Kind.SANDBOX,
            point.isDirectory()
                ? "the image's /"
                    + path.printable()
                    + " is no directory, so nothing can be mounted there"
                : "the image's /" + path.printable() + " is a directory, where a file is mounted");
      }
      return place;
    } catch (TarFormatException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.SANDBOX,
          "nothing can be mounted at " + point.path() + ": " + e.getMessage());
    }
  }

  private static void addParents(MergedView view, ArchivePath path, Map<ArchivePath, Made> made) {
    var parent = path.parent();
    if (parent.isRoot() || made.containsKey(parent)) {
      return;
    }
    addParents(view, parent, made);
    var like = view.find(parent).map(ViewEntry::entry).orElse(null);
    made.put(parent, new Made(parent, true, like));
  }

  /// Makes it in an empty directory.
  void make(Directory root) throws IOException {
    for (var each : made) {
      try (var above = root.resolveDirectory(each.path.parent().bytes())) {
        make(above, each);
      }
    }
    for (var each : made.reversed()) {
      if (each.like != null) {
        try (var above = root.resolveDirectory(each.path.parent().bytes())) {
          above.setTime(each.path.name(), each.like.mtime(), 0);
        }
      }
    }
    root.setOwner(top.uid(), top.gid());
    root.setMode(top.mode());
    root.setTime(top.mtime(), 0);
  }

  /// Removes from what a step changed the directories that are there for its mounts alone: it gave
  /// them another owner or mode, and put nothing into them. BuildKit does so, too.
  ///
  /// @param upper the change; no link in it is followed
  void removeEmpty(Directory upper) throws IOException {
    for (var each : made.reversed()) {
      if (each.isDirectory && each.like == null) {
        removeEmpty(upper, each.path, 0);
      }
    }
  }

  /// @param from where in `path` the name begins that `here` has
  private static void removeEmpty(Directory here, ArchivePath path, int from) throws IOException {
    var text = path.bytes();
    int end = from;
    while (end < text.length && text[end] != '/') {
      end++;
    }
    var name = Arrays.copyOfRange(text, from, end);
    if (here.stat(name).filter(FileStat::isDirectory).isEmpty()) {
      return;
    }
    try (var directory = here.openDirectory(name)) {
      if (end < text.length) {
        removeEmpty(directory, path, end + 1);
        return;
      }
      if (!directory.list().isEmpty()) {
        return;
      }
    }
    var before = here.stat();
    here.removeDirectory(name);
    here.setTime(before.mtime(), before.mtimeNanos());
  }

  private static void make(Directory above, Made each) throws IOException {
    var name = each.path.name();
    if (!each.isDirectory) {
      above.createFile(name, 0644).close();
      return;
    }
    above.makeDirectory(name, 0755);
    if (each.like != null) {
      above.setOwner(name, each.like.uid(), each.like.gid());
      above.setMode(name, each.like.mode());
    }
  }
}
