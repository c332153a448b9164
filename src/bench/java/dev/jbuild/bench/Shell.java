package dev.jbuild.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Commands that are not timed.
final class Shell {

  private Shell() {}

  /// Runs a command and says what it printed.
  ///
  /// @throws IllegalStateException if it fails
  static String run(List<String> command) throws IOException, InterruptedException {
    var out = Files.createTempFile("bench", ".out");
    try {
      int code =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start()
              .waitFor();
      var text = Files.readString(out, StandardCharsets.ISO_8859_1);
      if (code != 0) {
        throw new IllegalStateException(String.join(" ", command) + "\n" + text);
      }
      return text.strip();
    } finally {
      Files.delete(out);
    }
  }

  /// Whether a command succeeds.
  static boolean succeeds(String... command) throws InterruptedException {
    try {
      run(List.of(command));
      return true;
    } catch (IOException | IllegalStateException e) {
      return false;
    }
  }

  static long diskBytes(Path directory) throws IOException, InterruptedException {
    var line = run(List.of("du", "-s", "--block-size=1", directory.toString()));
    return Long.parseLong(line.split("\\s", 2)[0]);
  }
}
