package dev.jbuild.cli;

import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.MountedFileSystem;
import dev.jbuild.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What `jbuild doctor` says of the store and of the file system that it is on.
final class StoreChecks {

  private static final String ELSEWHERE = "move the store with --root DIR or JBUILD_ROOT";
  private static final long LITTLE = 2L << 30;
  private static final long FEW = 10_000;

  private final Path store;

  StoreChecks(Path store) {
    this.store = store;
  }

  /// What is known without writing.
  List<Check> checks(Session session) {
    var checks = new ArrayList<Check>();
    try (var open = session.openExistingStore().orElse(null)) {
      checks.add(
          open == null
              ? Check.note("store", shown() + " does not exist yet: the first build makes it")
              : Check.good("store", shown() + ", yours, of a format that this jbuild knows"));
    } catch (BuildFailure e) {
      checks.add(Check.failed("store", e.message(), e.hint().stream().toArray(String[]::new)));
    } catch (IOException e) {
      checks.add(Check.failed("store", Printable.of(String.valueOf(e.getMessage())), ELSEWHERE));
    }
    space(checks);
    return checks;
  }

  private String shown() {
    return Printable.of(store.toString());
  }

  /// The store's directory, or the nearest one above it that exists.
  Path place() {
    var place = store;
    while (!Files.isDirectory(place) && place.getParent() != null) {
      place = place.getParent();
    }
    return place;
  }

  private void space(List<Check> checks) {
    try {
      var fs = MountedFileSystem.of(place());
      var text = Console.size(fs.freeBytes()) + " free";
      boolean counted = fs.freeInodes() > 0;
      if (fs.readOnly()) {
        checks.add(Check.failed("disk", "the store's file system is read-only", ELSEWHERE));
      } else if (fs.freeBytes() < LITTLE || (counted && fs.freeInodes() < FEW)) {
        checks.add(
            Check.warning(
                "disk",
                text + (counted ? ", room for " + fs.freeInodes() + " files" : ""),
                "make room: jbuild prune, jbuild store du; or " + ELSEWHERE));
      } else {
        checks.add(Check.good("disk", text));
      }
      if (fs.noExec()) {
        checks.add(
            Check.failed(
                "disk",
                "the store's file system is mounted noexec: no step can execute a file there",
                ELSEWHERE));
      }
    } catch (IOException e) {
      checks.add(Check.failed("disk", Printable.of(String.valueOf(e.getMessage())), ELSEWHERE));
    }
  }

  /// Mounts an overlay in `directory`, of the store's file system, and unmounts it.
  Check overlay(Path directory) throws IOException {
    var names = List.of("lower", "other", "upper", "work", "merged");
    for (var name : names) {
      Files.createDirectory(directory.resolve(name));
    }
    var merged = directory.resolve("merged");
    boolean nested = Machine.inUserNamespace();
    try {
      Mounts.overlay(
          List.of(directory.resolve("lower"), directory.resolve("other")),
          directory.resolve("upper"),
          directory.resolve("work"),
          merged,
          nested,
          true);
      try (var root = Directory.open(merged)) {
        root.makeDirectory(new byte[] {'d'}, 0755);
      } finally {
        Mounts.unmount(merged);
      }
      var how = nested ? "with userxattr, inside the user namespace" : "as root";
      return Check.good("overlay", "works on the store's file system, " + how);
    } catch (LinuxException e) {
      var said = String.valueOf(e.getMessage()).replace(directory + "/", "");
      return Check.failed("overlay", Printable.of(said), advice(nested));
    }
  }

  private String[] advice(boolean nested) {
    try {
      if (MountedFileSystem.of(place()).isOverlay()) {
        return new String[] {
          "the store lies on an overlay (a container's own root): have a volume mounted, and "
              + ELSEWHERE
        };
      }
    } catch (IOException e) {
      // what follows is good for any file system
    }
    return nested
        ? new String[] {
          "overlay in user namespaces needs Linux 5.11; the file system must know user xattrs"
              + " (ext4, xfs, btrfs, tmpfs do, NFS does not): "
              + ELSEWHERE
        }
        : new String[] {
          "the file system must be able to hold an overlay's upper directory (ext4, xfs, btrfs,"
              + " tmpfs can; NFS and FAT cannot): "
              + ELSEWHERE
        };
  }
}
