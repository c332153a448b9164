package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.layer.MergedView;
import dev.jbuild.sandbox.StepMount;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarFormatException;
import java.util.ArrayList;
import java.util.List;

/// Where mounts end up in an image: links of the image are followed (`/var/run` may be `/run`), so
/// that whoever makes mount points sees which mount lies in which.
final class MountTargets {

  private final MergedView view;

  MountTargets(MergedView view) {
    this.view = view;
  }

  /// The same mounts on targets without links. What lies in an earlier mount is told by its target,
  /// since the image's own files are covered there.
  List<StepMount> place(List<StepMount> mounts) {
    var placed = new ArrayList<StepMount>();
    for (var mount : mounts) {
      placed.add(mount.on(place(mount.target(), mounts, placed)));
    }
    return placed;
  }

  private String place(String target, List<StepMount> mounts, List<StepMount> placed) {
    for (int i = placed.size() - 1; i >= 0; i--) {
      var above = mounts.get(i).target();
      if (target.equals(above) || target.startsWith(above + "/")) {
        return placed.get(i).target() + target.substring(above.length());
      }
    }
    try {
      var path = view.resolve(ArchivePath.clamped(Utf8.encode(target)), true).path();
      return "/" + Utf8.decode(path.bytes());
    } catch (TarFormatException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.SANDBOX,
          "nothing can be mounted at " + Printable.of(target) + ": " + e.getMessage());
    }
  }
}
