package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    var before = Files.createLink(directory.resolve("before.json"), file);
    var place = Files.createDirectory(directory.resolve("place"));

    var jbuild = new Jbuild(directory.resolve("store")).with("REGISTRY_AUTH_FILE", file.toString());

    var input = jbuild.run("import", Rehearsal.OPTION, place.toString());
    assertEquals(0, input.code(), input.err());
    var run = jbuild.run("pull", Rehearsal.OPTION, place.toString());

    assertEquals(0, run.code(), run.err());
    assertFalse(run.err().contains("not rehearsed"), run.err());
    assertEquals(LOGINS, Files.readString(file));
    assertTrue(Files.isSameFile(before, file), "nor is it replaced by the same");
  }
}
