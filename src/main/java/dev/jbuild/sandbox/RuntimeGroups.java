package dev.jbuild.sandbox;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// The control groups that a container runtime makes for itself, in each hierarchy one. It removes
/// them, unless it is killed.
final class RuntimeGroups {

  private static final Pattern NAME = Pattern.compile("jbuild-([0-9]+)-r[0-9]+");

  private final ControlGroups groups;

  RuntimeGroups(ControlGroups groups) {
    this.groups = groups;
  }

  /// Removes those of runtimes whose jbuild is no more.
  void reap() throws IOException {
    for (var parent : groups.places()) {
      if (!Files.isDirectory(parent)) {
        continue;
      }
      try (var all = Files.newDirectoryStream(parent, "jbuild-*")) {
        for (var each : all) {
          var name = NAME.matcher(String.valueOf(each.getFileName()));
          if (name.matches() && !Files.exists(Path.of("/proc", name.group(1)))) {
            remove(each);
          }
        }
      }
    }
  }

  /// Removes the groups of this name, whose processes are gone.
  void remove(String name) throws IOException {
    for (var parent : groups.places()) {
      remove(parent.resolve(name));
    }
  }

  private static void remove(Path group) throws IOException {
    try {
      Files.deleteIfExists(group);
    } catch (FileSystemException e) {
      return; // the kernel keeps what is in use, and what is another's; the next one removes it
    }
  }
}
