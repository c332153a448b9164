package dev.jbuild.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.context.GitReference;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which keys ssh may use for a git repository (case 83): all of the person's for what the person
/// names, those of `--ssh default` for what a Dockerfile names.
class GitSshTest {

  @TempDir Path directory;

  /// A repository, and an ssh that notes how it was called and runs the command here.
  @BeforeEach
  void makeRepository() throws IOException, InterruptedException {
    boolean there = Files.isExecutable(Path.of("/usr/bin/git"));
    assertTrue(there || System.getenv("JBUILD_REQUIRE_TOOLS") == null, "git is missing");
    assumeTrue(there, "git is not installed");
    var ssh = Files.createDirectory(directory.resolve("bin")).resolve("ssh");
    Files.writeString(
        ssh,
        """
        #!/bin/sh
        [ "$1" != -G ] || exit 0
        echo "$* agent=$SSH_AUTH_SOCK" > %s
        for last; do :; done
        exec sh -c "$last"
        """
            .formatted(directory.resolve("called")));
    assertTrue(ssh.toFile().setExecutable(true));
    var script =
        "git init -q r && cd r && echo x > f && git add f"
            + " && git -c user.name=n -c user.email=n@h commit -q -m x";
    var process =
        new ProcessBuilder("sh", "-c", script).directory(directory.toFile()).inheritIO().start();
    assertEquals(0, process.waitFor());
  }

  private String called(Optional<Path> agent, boolean person)
      throws IOException, InterruptedException {
    var environment =
        Map.of(
            "PATH", directory.resolve("bin") + ":/usr/bin:/bin", "SSH_AUTH_SOCK", "/the/person's");
    var reference = GitReference.parse("ssh://git@host" + directory.resolve("r"));
    try (var store = Store.open(directory.resolve("store"))) {
      var sources = new GitSources(store, environment, ServerSecrets.NONE).with(() -> agent);
      var fetched = person ? sources.fetch(reference) : sources.fetchForDockerfile(reference);
      assertTrue(fetched.tree().lookup(ArchivePath.of("f")).isPresent());
    }
    return Files.readString(directory.resolve("called")).strip();
  }

  @Test
  void aPersonsRepositoryIsOpenedWithThePersonsKeys() throws Exception {
    var called = called(Optional.empty(), true);
    assertTrue(called.contains("-o BatchMode=yes"), called);
    assertFalse(called.contains("-F "), called);
    assertTrue(called.endsWith("agent=/the/person's"), called);
  }

  @Test
  void aDockerfileHasNoKeysUnlessAnAgentIsGiven() throws Exception {
    var called = called(Optional.empty(), false);
    assertTrue(called.contains("-F /dev/null -o IdentityFile=none -o IdentityAgent=none"), called);
    assertTrue(called.endsWith("agent="), called);
  }

  @Test
  void aDockerfileMayUseTheAgentThatWasGiven() throws Exception {
    var called = called(Optional.of(Path.of("/given")), false);
    assertTrue(called.contains("-F /dev/null -o IdentityFile=none"), called);
    assertFalse(called.contains("IdentityAgent"), called);
    assertTrue(called.endsWith("agent=/given"), called);
  }
}
