package dev.jbuild.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Unpacked layers.
class TreesTest {

  private static final Path LSATTR = Path.of("/usr/bin/lsattr");

  @TempDir Path temp;
  private Path root;
  private Store store;
  private final Digest chain = Digest.of(new byte[] {1});

  @BeforeEach
  void open() throws IOException {
    root = temp.resolve("store");
    store = Store.open(root);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private Path commit(Store in, String content) throws IOException {
    try (var draft = in.trees().draft()) {
      Files.writeString(draft.fs().resolve("file"), content);
      Files.createDirectories(draft.freshWork().resolve("work/incompat"));
      return in.trees().commit(draft, chain);
    }
  }

  /// An ext4 without a journal is asked for that, and led by their names.
  @Test
  void treesOfTwoBuildsLieApart() throws IOException, InterruptedException {
    try (var other = Store.open(root);
        var first = store.trees().draft();
        var second = other.trees().draft()) {
      assertNotEquals(first.directory().getFileName(), second.directory().getFileName());
      var parent = first.directory().resolveSibling(".");
      assertEquals(hasNoJournal(parent), flags(parent).contains("T"));
    }
  }

  private static boolean hasNoJournal(Path directory) throws IOException {
    var disk = Path.of(Files.getFileStore(directory).name()).getFileName();
    var task = Path.of("/sys/fs/ext4", String.valueOf(disk), "journal_task");
    return Files.isExecutable(LSATTR)
        && Files.exists(task)
        && Files.readString(task).equals("<none>\n");
  }

  /// As `lsattr` shows them; empty where the file system has none, or there is no such program.
  private static String flags(Path directory) throws IOException, InterruptedException {
    if (!Files.isExecutable(LSATTR)) {
      return "";
    }
    var lsattr = new ProcessBuilder(LSATTR.toString(), "-d", directory.toString());
    var process = lsattr.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? said.substring(0, said.indexOf(' ')) : "";
  }

  @Test
  void aCommittedTreeIsFound() throws IOException {
    assertEquals(Optional.empty(), store.trees().find(chain));

    var tree = commit(store, "x");

    assertEquals("x", Files.readString(tree.resolve("file")));
    assertEquals(Optional.of(tree), store.trees().find(chain));
    assertFalse(Files.exists(tree.resolveSibling("work")));
    try (var other = Store.open(root)) {
      assertEquals(Optional.of(tree), other.trees().find(chain), "not sealed, but whole");
    }
  }

  @Test
  void aDraftThatIsNotCommittedLeavesNothing() throws IOException {
    Path directory;
    try (var draft = store.trees().draft()) {
      directory = draft.directory();
      Files.writeString(draft.fs().resolve("x"), "x");
      Files.setPosixFilePermissions(draft.fs(), PosixFilePermissions.fromString("---------"));
    }
    assertFalse(Files.exists(directory));
  }

  @Test
  void theRootOfATreeDoesNotDependOnTheUmask() throws IOException {
    try (var draft = store.trees().draft()) {
      assertEquals(
          "rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(draft.fs())));
    }
  }

  @Test
  void theFirstOfTwoTreesForOnePlaceStays() throws IOException {
    var first = commit(store, "first");
    try (var other = Store.open(root)) {
      assertEquals(first, commit(other, "second"));
    }
    assertEquals("first", Files.readString(first.resolve("file")));
  }

  /// A tree that was not durable when the machine stopped.
  @Test
  void aTreeOfAnEarlierBootIsNotTrustedUnlessSealed() throws IOException {
    var tree = commit(store, "old");
    var state = tree.resolveSibling("state");
    for (var torn : List.of("boot 00000000-0000-0000-0000-000000000000\n", "", "\0\0", "seal")) {
      Files.writeString(state, torn);
      try (var other = Store.open(root)) {
        assertEquals(Optional.empty(), other.trees().find(chain), torn);
      }
    }
    try (var other = Store.open(root)) {
      commit(other, "new");
      assertEquals("new", Files.readString(tree.resolve("file")));
    }
    Files.writeString(state, "sealed\n");
    try (var other = Store.open(root)) {
      assertTrue(other.trees().find(chain).isPresent());
    }
  }

  @Test
  void nobodyWaitsForATreeToBeDurable() throws IOException {
    var state = commit(store, "x").resolveSibling("state");
    store.trees().awaitSealing();
    store.close();
    try (var other = Store.open(root)) {
      assertTrue(other.trees().find(chain).isPresent());
    }
    assertTrue(Files.readString(state).startsWith("boot "), "found a moment later");
  }

  private static void age(Path state) throws IOException {
    Files.setLastModifiedTime(state, FileTime.from(Instant.now().minusSeconds(90)));
  }

  @Test
  void whoFindsATreeLaterMakesItDurable() throws IOException {
    var state = commit(store, "x").resolveSibling("state");
    age(state);
    try (var other = Store.open(root)) {
      assertTrue(other.trees().find(chain).isPresent());
      other.trees().awaitSealing();
      assertEquals("sealed\n", Files.readString(state));
    }
    Files.writeString(state, "boot 00000000-0000-0000-0000-000000000000\n");
    age(state);
    try (var other = Store.open(root)) {
      assertEquals(Optional.empty(), other.trees().find(chain), "of an earlier boot");
      other.trees().awaitSealing();
    }
    assertTrue(Files.readString(state).startsWith("boot "));
  }

  @Test
  void aStoreIsNotClosedBeforeItsTreesAreSealed() throws IOException {
    var state = commit(store, "x").resolveSibling("state");
    age(state);
    try (var other = Store.open(root)) {
      assertTrue(other.trees().find(chain).isPresent());
    }
    assertEquals("sealed\n", Files.readString(state));
  }

  @Test
  void manyMayCommitOnePlaceAtOnce() throws Exception {
    int many = 8;
    var start = new CyclicBarrier(many);
    try (var threads = Executors.newFixedThreadPool(many)) {
      var tasks = new ArrayList<Callable<Path>>();
      for (int i = 0; i < many; i++) {
        var content = "tree " + i;
        tasks.add(
            () -> {
              try (var other = Store.open(root)) {
                start.await();
                return commit(other, content);
              }
            });
      }
      var trees = threads.invokeAll(tasks);
      for (var tree : trees) {
        assertTrue(Files.readString(tree.get().resolve("file")).startsWith("tree "));
      }
    }
  }

  @Test
  void anotherIdMapEmptiesTheTrees() throws IOException {
    var tree = commit(store, "x");
    Files.writeString(root.resolve("trees/idmap"), "0 100000 65536\n");
    try (var other = Store.open(root)) {
      var inUse = assertThrows(BuildFailure.class, () -> other.trees().find(chain));
      assertTrue(inUse.message().contains("other user ids"), inUse.message());
    }
    assertTrue(Files.exists(tree));
    store.close();
    try (var other = Store.open(root)) {
      assertEquals(Optional.empty(), other.trees().find(chain));
      assertFalse(Files.exists(tree));
      commit(other, "y");
    }
    try (var other = Store.open(root)) {
      assertTrue(other.trees().find(chain).isPresent());
    }
  }
}
