package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.MountedFileSystem;
import dev.jbuild.linux.Mounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Tries what namespaces need and a machine may not have, before anything depends on it: an overlay
/// where the store is, and a step in it.
final class OverlayProbe {

  private OverlayProbe() {}

  /// As [#run], if there is reason to doubt: jbuild itself is in a container, or the store is.
  static void runWhereDoubtful(Sandbox sandbox, Path directory)
      throws IOException, InterruptedException {
    if (MountedFileSystem.of(Path.of("/")).isOverlay()
        || MountedFileSystem.of(directory).isOverlay()) {
      run(sandbox, directory);
    }
  }

  /// @param directory as for [Sandbox#open]
  /// @throws BuildFailure that says what cannot be done
  static void run(Sandbox sandbox, Path directory) throws IOException, InterruptedException {
    var place = Files.createTempDirectory(directory.toAbsolutePath(), "probe");
    try {
      var lower = Files.createDirectory(place.resolve("lower"));
      var upper = Files.createDirectory(place.resolve("upper"));
      var work = Files.createDirectory(place.resolve("work"));
      var root = Files.createDirectory(place.resolve("root"));
      mount(List.of(lower), upper, work, root);
      try {
        sandbox.tries(Processor.current().architecture(), root);
      } finally {
        Mounts.unmount(root);
      }
    } finally {
      try (var parent = Directory.open(directory)) {
        parent.removeTree(String.valueOf(place.getFileName()).getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  private static void mount(List<Path> lowers, Path upper, Path work, Path root)
      throws IOException {
    try {
      Mounts.overlay(lowers, upper, work, root, Machine.inUserNamespace(), true);
    } catch (LinuxException e) {
      throw BuildFailure.of(
              BuildFailure.Kind.SANDBOX,
              "no process can be run here: no overlay can be mounted where the store is: "
                  + Printable.of(String.valueOf(e.getMessage())),
              e)
          .hint("--root moves the store to another file system; an overlay cannot lie on another");
    }
  }
}
