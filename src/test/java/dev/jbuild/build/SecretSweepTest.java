package dev.jbuild.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of a failed step that a secret was written into (cases 79 and 105).
class SecretSweepTest {

  private static final byte[] SECRET = "hunter22\n".getBytes(UTF_8);

  @TempDir Path root;

  @Test
  void whatHoldsASecretGoesAndTheRestStays() throws Exception {
    var deep = Files.createDirectories(root.resolve("home/app"));
    Files.writeString(deep.resolve(".netrc"), "password hunter22");
    Files.write(root.resolve("large"), ("x".repeat(65_533) + "hunter22").getBytes(UTF_8));
    Files.createSymbolicLink(root.resolve("link"), Path.of("to-hunter22"));
    Files.createSymbolicLink(root.resolve("other"), Path.of("/etc/passwd"));
    Files.writeString(root.resolve("hunter22"), "");
    Files.writeString(deep.resolve("fine"), "hunter2");

    var removed = SecretSweep.sweep(root, List.of(SECRET));

    assertEquals(
        new TreeSet<>(List.of("/home/app/.netrc", "/large", "/link", "a file named so")),
        new TreeSet<>(removed));
    assertTrue(Files.exists(deep.resolve("fine")));
    try (var left = Files.list(root)) {
      assertEquals(
          List.of("home", "other"),
          left.map(path -> path.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void withoutSecretsNothingIsLookedAt() throws Exception {
    assertEquals(List.of(), SecretSweep.sweep(root.resolve("missing"), List.of()));
  }
}
