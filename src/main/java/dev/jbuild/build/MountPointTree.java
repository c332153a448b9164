package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.layer.MergedView;
import dev.jbuild.linux.Directory;
import dev.jbuild.sandbox.MountPoint;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarFormatException;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A throw-away directory that is stacked on top of an image's trees: it holds what a step's mounts
/// need and the image lacks.
///
/// So nothing is made in the image for a mount, and nothing has to be removed again: the place
/// where CVE-2024-23652 lived does not exist. Directories that the image has are repeated with
/// their own mode, owner and time, since the topmost of a stack decides.
final class MountPointTree {

  private final MergedView view;
  private final Directory root;
  private final Set<ArchivePath> made = new HashSet<>();

  MountPointTree(MergedView view, Directory root) {
    this.view = view;
    this.root = root;
  }

  /// Makes what is missing in the image of `points`.
  void make(List<MountPoint> points) throws IOException {
    for (var point : points) {
      var place = place(point);
      if (place.entry().isEmpty()) {
        makeParents(place.path());
        if (made.add(place.path())) {
          makeMountPoint(place.path(), point.isDirectory());
        }
      }
    }
    settleTimes();
    var top = view.find(ArchivePath.ROOT).orElseThrow().entry();
    root.setOwner(top.uid(), top.gid());
    root.setMode(top.mode());
    root.setTime(top.mtime(), 0);
  }

  private MergedView.Place place(MountPoint point) {
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

  private void makeParents(ArchivePath path) throws IOException {
    var parent = path.parent();
    if (parent.isRoot() || !made.add(parent)) {
      return;
    }
    makeParents(parent);
    try (var above = root.resolveDirectory(parent.parent().bytes())) {
      above.makeDirectory(parent.name(), 0755);
      var known = view.find(parent);
      if (known.isPresent()) {
        describe(above, parent.name(), known.get().entry());
      }
    }
  }

  private static void describe(Directory above, byte[] name, TarEntry entry) throws IOException {
    above.setOwner(name, entry.uid(), entry.gid());
    above.setMode(name, entry.mode());
  }

  private void makeMountPoint(ArchivePath path, boolean directory) throws IOException {
    try (var above = root.resolveDirectory(path.parent().bytes())) {
      if (directory) {
        above.makeDirectory(path.name(), 0755);
      } else {
        above.createFile(path.name(), 0644).close();
      }
    }
  }

  private void settleTimes() throws IOException {
    for (var path : made) {
      var known = view.find(path);
      if (known.isPresent()) {
        try (var directory = root.resolveDirectory(path.bytes())) {
          directory.setTime(known.get().entry().mtime(), 0);
        }
      }
    }
  }
}
