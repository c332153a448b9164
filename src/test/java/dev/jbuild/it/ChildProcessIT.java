package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Programs that are started through the library that packaging writes.
class ChildProcessIT {

  @TempDir Path directory;

  @Test
  void programsAreStartedThroughTheLibrary() {
    var command =
        List.of(
            // Descriptor 9 stays open in what is started, unless it is closed.
            "/bin/sh",
            "-c",
            "exec \"$0\" \"$@\" 9</dev/null",
            System.getProperty("java.home") + "/bin/java",
            "--enable-native-access=ALL-UNNAMED",
            "-Djbuild.lib=" + Path.of("target/jbuild/lib").toAbsolutePath(),
            "-cp",
            System.getProperty("java.class.path"),
            "dev.jbuild.linux.ChildProbe",
            directory.toString());

    var outcome = Tools.run(directory, Map.of("HOME", "/home/of/a/person"), command).succeeds();

    assertEquals(
        """
        streams: in and out, errors 7
        surroundings: /, no home 0
        alive: true
        killed: 137
        alive: false
        signal:  143
        execve: ENOENT
        execve: EACCES
        execve: ENAMETOOLONG
        interrupted: false
        end of input: 1
        descriptors left: 0
        """,
        outcome.out());
  }
}
