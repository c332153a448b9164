package dev.jbuild.linux;

import static dev.jbuild.linux.DirectoryTest.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Removal of whole trees, whatever a step left in them.
class TreeRemovalTest {

  private static final byte[] TREE = bytes("tree");

  @TempDir Path temp;
  private Directory directory;

  @BeforeEach
  void open() throws IOException {
    directory = Directory.open(temp);
  }

  @AfterEach
  void close() {
    directory.close();
  }

  @Test
  void aMissingNameIsNoError() throws IOException {
    directory.removeTree(TREE);
  }

  @Test
  void filesLinksAndNodesGo() throws IOException {
    directory.makeSymlink(TREE, bytes("x"));
    directory.removeTree(TREE);
    directory.makeNode(TREE, FileType.FIFO, 0, 0, 0);
    directory.removeTree(TREE);
    directory.createFile(TREE, 0).close();
    directory.removeTree(TREE);

    assertTrue(directory.list().isEmpty());
  }

  @Test
  void linksAreRemovedAndWhatTheyPointToStays() throws IOException {
    var outside = Files.createDirectory(temp.resolve("outside"));
    Files.writeString(outside.resolve("canary"), "alive");
    var tree = Files.createDirectories(temp.resolve("tree/a/b"));
    Files.createSymbolicLink(tree.resolve("out"), outside);
    Files.createSymbolicLink(tree.resolve("up"), Path.of("../../.."));
    Files.createLink(tree.resolve("hard"), outside.resolve("canary"));

    directory.removeTree(TREE);

    assertFalse(Files.exists(temp.resolve("tree")));
    assertEquals("alive", Files.readString(outside.resolve("canary")));
  }

  /// Case 30: deeper than a stack, a path or the table of open files.
  @Test
  void aTreeOfTenThousandLevelsGoes() throws IOException {
    makeDeep(10_000);
    long before = openFiles();

    directory.removeTree(TREE);

    assertTrue(directory.list().isEmpty());
    assertTrue(openFiles() <= before + 3, () -> "descriptors left open, before: " + before);
  }

  /// Like a staircase: at each level a file and a second directory are left to do on the way back.
  @Test
  void aDeepTreeWithSiblingsGoes() throws IOException {
    directory.makeDirectory(TREE, 0755);
    var at = directory.openDirectory(TREE);
    for (int i = 0; i < 300; i++) {
      at.makeDirectory(bytes("d"), 0755);
      at.makeDirectory(bytes("e"), 0755);
      at.createFile(bytes("f"), 0644).close();
      for (var name : new String[] {"d", "e"}) {
        try (var inner = at.openDirectory(bytes(name))) {
          inner.createFile(bytes("g"), 0644).close();
        }
      }
      var next = at.openDirectory(bytes(i % 2 == 0 ? "d" : "e"));
      at.close();
      at = next;
    }
    at.close();

    directory.removeTree(TREE);

    assertTrue(directory.list().isEmpty());
  }

  @Test
  void aDirectoryOfManyFilesGoes() throws IOException {
    directory.makeDirectory(TREE, 0755);
    try (var tree = directory.openDirectory(TREE)) {
      for (int i = 0; i < 10_000; i++) {
        tree.createFile(bytes("a-file-with-a-rather-long-name-" + i), 0600).close();
        if (i % 10 == 0) {
          tree.makeDirectory(bytes("directory-" + i), 0700);
        }
      }
    }

    directory.removeTree(TREE);

    assertTrue(directory.list().isEmpty());
  }

  /// Case 31. (Only an ordinary user is kept out by permissions.)
  @Test
  void directoriesWithoutPermissionsGo() throws IOException {
    for (int mode : new int[] {0, 0100, 0200, 0400, 0500, 0555, 0600}) {
      directory.makeDirectory(TREE, 0755);
      try (var tree = directory.openDirectory(TREE)) {
        tree.makeDirectory(bytes("locked"), 0755);
        try (var locked = tree.openDirectory(bytes("locked"))) {
          locked.createFile(bytes("f"), 0).close();
          locked.makeDirectory(bytes("d"), 0);
        }
        tree.setMode(bytes("locked"), mode);
      }
      directory.setMode(TREE, mode);

      directory.removeTree(TREE);

      assertTrue(directory.list().isEmpty());
    }
  }

  private void makeDeep(int levels) throws IOException {
    directory.makeDirectory(TREE, 0755);
    var at = directory.openDirectory(TREE);
    for (int i = 0; i < levels; i++) {
      at.makeDirectory(bytes("d"), 0755);
      var next = at.openDirectory(bytes("d"));
      at.close();
      at = next;
    }
    at.createFile(bytes("bottom"), 0644).close();
    at.close();
  }

  private static long openFiles() throws IOException {
    try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.count();
    }
  }
}
