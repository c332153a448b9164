package dev.jbuild.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Utf8;
import dev.jbuild.linux.FileType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The directory that a build was given.
class LocalContextTest {

  @TempDir Path temp;
  private Workspace work;

  @BeforeEach
  void open() throws IOException {
    work = new Workspace(temp.resolve("context"));
    work.file("a", "").file("b", "").file("c", "").file("docker/app.Dockerfile", "FROM scratch");
  }

  @AfterEach
  void close() throws IOException {
    work.close();
  }

  private LocalContext context() throws IOException {
    var dockerfile = Optional.of(work.path.resolve("docker/app.Dockerfile"));
    return LocalContext.open(work.path, dockerfile, temp.resolve("stat"), Optional.empty());
  }

  private boolean sees(String name) throws IOException {
    try (var context = context()) {
      return context.tree().lookup(dev.jbuild.tar.ArchivePath.of(name)).isPresent();
    }
  }

  @Test
  void ownIgnoreFileOfTheDockerfileWinsAlone() throws IOException { // section 4.1
    work.file(".containerignore", "c").file(".dockerignore", "b");
    work.file("docker/app.Dockerfile.dockerignore", "a");
    assertFalse(sees("a"));
    assertTrue(sees("b") && sees("c"));
    Files.delete(work.path.resolve("docker/app.Dockerfile.dockerignore"));
    assertFalse(sees("b"));
    assertTrue(sees("a") && sees("c"));
    Files.delete(work.path.resolve(".dockerignore"));
    assertFalse(sees("c"));
    Files.delete(work.path.resolve(".containerignore"));
    assertTrue(sees("a") && sees("b") && sees("c"));
  }

  @Test
  void linkToAnIgnoreFileInsideIsFollowed() throws IOException { // case 77
    work.file("rules", "a").link(".dockerignore", "rules");
    assertFalse(sees("a"));
  }

  @Test
  void ignoreFileThatIsNoFileIsAnErrorAndNeverRead() throws IOException { // cases 76, 77
    Files.writeString(temp.resolve("canary"), "[secret");
    work.link(".dockerignore", "../canary");
    var failure = assertThrows(BuildFailure.class, this::context);
    assertEquals(BuildFailure.Kind.CONTEXT, failure.kind());
    assertFalse(failure.message().contains("secret"));
    Files.delete(work.path.resolve(".dockerignore"));
    work.root.makeNode(Utf8.encode(".dockerignore"), FileType.FIFO, 0600, 0, 0);
    assertThrows(BuildFailure.class, this::context);
    Files.delete(work.path.resolve(".dockerignore"));
    work.directory(".dockerignore");
    assertThrows(BuildFailure.class, this::context);
  }

  @Test
  void malformedLineIsNamed() throws IOException {
    work.file(".dockerignore", "ok\n  [a\n");
    var failure = assertThrows(BuildFailure.class, this::context);
    assertEquals(".dockerignore:2:3", failure.where().orElseThrow().toString());
  }

  @Test
  void missingDirectoryIsAnError() {
    var failure =
        assertThrows(
            BuildFailure.class,
            () ->
                LocalContext.open(temp.resolve("none"), Optional.empty(), temp, Optional.empty()));
    assertTrue(failure.message().contains("no such file"), failure.message());
  }

  @Test
  void statCacheIsKeptInItsDirectory() throws IOException {
    try (var context = context()) {
      Workspace.names(context.tree());
      context.tree().save();
    }
    try (var files = Files.list(temp.resolve("stat"))) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void emptyContextIsFine() throws IOException { // case 143
    var empty = Files.createDirectory(temp.resolve("empty"));
    try (var context = LocalContext.open(empty, Optional.empty(), temp, Optional.empty())) {
      assertEquals(List.of(), Workspace.names(context.tree()));
    }
  }
}
