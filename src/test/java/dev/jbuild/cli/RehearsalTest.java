package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is rehearsed when jbuild is packaged.
class RehearsalTest {

  private static final String LOGINS = "{\"auths\":{\"example.com\":{\"auth\":\"bWU6c2VjcmV0\"}}}";

  @TempDir Path directory;

  @Test
  void theLoginsOfWhoPackagesAreLeftAlone() throws Exception {
    var file = Files.writeString(directory.resolve("auth.json"), LOGINS);
    var before = Files.readAttributes(file, "unix:ino");
    var place = Files.createDirectory(directory.resolve("place"));

    var run =
        new Jbuild(directory.resolve("store"))
            .with("REGISTRY_AUTH_FILE", file.toString())
            .with("DOCKER_AUTH_CONFIG", "no JSON")
            .run("registry", Rehearsal.OPTION, place.toString());

    assertEquals(0, run.code(), run.err());
    assertFalse(run.err().contains("not rehearsed"), run.err());
    assertEquals(LOGINS, Files.readString(file));
    assertEquals(before, Files.readAttributes(file, "unix:ino"), "nor is it written anew");
  }
}
