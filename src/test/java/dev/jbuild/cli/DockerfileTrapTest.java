package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Case 76: what lies where a Dockerfile should be. Each ends at once, with exit code 3, a message
/// that holds nothing of a file's content, and nothing written. `parse` reads it as `build` does.
class DockerfileTrapTest {

  private static final String SECRET = "root:$6$hunter2:19000:0:99999:7:::\n";

  @TempDir Path directory;
  private Path context = Path.of("/");
  private Path dockerfile = Path.of("/");
  private Path secret = Path.of("/");

  @BeforeEach
  void makeContext() throws IOException {
    context = Files.createDirectory(directory.resolve("context"));
    dockerfile = context.resolve("Dockerfile");
    secret = Files.writeString(directory.resolve("secret"), SECRET);
  }

  private void isRefused(String reason) throws IOException {
    for (var command : new String[] {"build", "parse"}) {
      var run = run(command, context.toString());
      assertEquals(3, run.code(), run.err());
      assertEquals("", run.out());
      assertTrue(run.err().contains(reason), run.err());
      assertFalse(run.err().contains("hunter2"), run.err());
      assertEquals(SECRET, Files.readString(secret));
    }
  }

  private Jbuild run(String... words) {
    return assertTimeoutPreemptively(
        Duration.ofSeconds(60), () -> new Jbuild(directory.resolve("store")).run(words));
  }

  @Test
  void aLinkToASecretOutsideIsNotRead() throws IOException {
    Files.createSymbolicLink(dockerfile, secret);
    isRefused("is a link to a file outside of the context");
  }

  @Test
  void aLinkInsideIsRead() throws IOException {
    Files.writeString(context.resolve("real"), "FROM scratch\n");
    Files.createSymbolicLink(dockerfile, Path.of("real"));
    assertEquals(0, run("parse", context.toString()).code());
  }

  @Test
  void aSecretIsNotShown() throws IOException {
    Files.writeString(dockerfile, SECRET);
    isRefused("this is no Dockerfile");
    var named = run("parse", "-f", secret.toString(), context.toString());
    assertEquals(3, named.code());
    assertFalse(named.err().contains("hunter2"), named.err());
  }

  @Test
  void aPipeIsNotOpened() throws Exception {
    var made = new ProcessBuilder("mkfifo", dockerfile.toString()).start().waitFor();
    assertEquals(0, made);
    isRefused("is not a regular file");
  }

  @Test
  void aDirectoryIsNone() throws IOException {
    Files.createDirectory(dockerfile);
    isRefused("is not a regular file");
  }

  @Test
  void anEndlessDeviceIsNotRead() throws IOException {
    Files.createSymbolicLink(dockerfile, Path.of("/dev/zero"));
    isRefused("is not a regular file");
    var named = run("parse", "-f", "/dev/zero", context.toString());
    assertEquals(3, named.code());
  }

  @Test
  void aGibibyteIsRefusedAfterTheFirstPartOfIt() throws IOException {
    try (var file = new RandomAccessFile(dockerfile.toFile(), "rw")) {
      file.setLength(1 << 30);
    }
    isRefused("is larger than 64 MiB");
  }

  /// `-f Dockerfile` finds one in small letters, and no other name does.
  @Test
  void theUsualNameIsFoundInSmallLetters() throws IOException { // section 1.1
    Files.writeString(context.resolve("dockerfile"), "FROM scratch\n");
    assertEquals(0, run("parse", dockerfile.toString()).code());
    assertEquals(0, run("parse", context.toString()).code());
    assertEquals(3, run("parse", context.resolve("DOCKERFILE").toString()).code());
  }
}
