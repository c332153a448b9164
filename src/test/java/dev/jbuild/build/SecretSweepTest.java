package dev.jbuild.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
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
        new TreeSet<>(
            List.of(
                without("/home/app/.netrc"),
                without("/large"),
                without("/link"),
                without("a file named so"))),
        new TreeSet<>(removed));
    assertTrue(Files.exists(deep.resolve("fine")));
    try (var left = Files.list(root)) {
      assertEquals(
          List.of("home", "other"),
          left.map(path -> path.getFileName().toString()).sorted().toList());
    }
  }

  private static String without(String path) {
    return "the step is kept without " + path + ": a secret was written into it";
  }

  @Test
  void aShortSecretRemovesNothingThatMerelyHasTheWord() throws Exception {
    Files.createDirectory(root.resolve("root"));
    Files.writeString(root.resolve("passwd"), "root:x:0:0:root:/root:/bin/sh");
    assertEquals(List.of(), SecretSweep.sweep(root, List.of("root\n".getBytes(UTF_8))));
    assertTrue(Files.exists(root.resolve("passwd")));
  }

  @Test
  void aDirectoryGoesOnlyIfItsWholeNameIsASecret() throws Exception {
    Files.createDirectories(root.resolve("hunter22/x"));
    var other = Files.createDirectories(root.resolve("of-hunter22"));
    Files.writeString(other.resolve("netrc"), "hunter22");
    Files.writeString(other.resolve("fine"), "");
    assertEquals(
        List.of(without("a file named so"), without("a file named so")),
        SecretSweep.sweep(root, List.of(SECRET)));
    assertTrue(Files.exists(other.resolve("fine")));
    assertTrue(Files.notExists(root.resolve("hunter22")));
  }

  @Test
  void aLargeFileWithHolesIsToldAsSuch() throws Exception {
    try (var file = new RandomAccessFile(root.resolve("disk").toFile(), "rw")) {
      file.setLength((1L << 30) + 1);
    }
    assertEquals(
        List.of(
            "the step is kept without /disk: it has holes and more than 1 GiB, and was not searched"
                + " for secrets"),
        SecretSweep.sweep(root, List.of(SECRET)));
  }

  @Test
  void withoutSecretsNothingIsLookedAt() throws Exception {
    assertEquals(List.of(), SecretSweep.sweep(root.resolve("missing"), List.of()));
  }
}
