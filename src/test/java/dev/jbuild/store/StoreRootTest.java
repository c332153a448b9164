package dev.jbuild.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.linux.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Opening stores, and what is refused to be one.
class StoreRootTest {

  @TempDir Path temp;
  private Path root;

  @BeforeEach
  void name() {
    root = temp.resolve("store");
  }

  @Test
  void makesAnOciLayoutThatOnlyItsOwnerCanEnter() throws IOException {
    try (var store = Store.open(root)) {
      assertEquals(
          "{\"imageLayoutVersion\":\"1.0.0\"}", Files.readString(root.resolve("oci-layout")));
      assertTrue(Files.readString(root.resolve("index.json")).contains("\"manifests\":[]"));
      assertEquals("1\n", Files.readString(root.resolve("version")));
      for (var directory : new Layout(store.root()).directories()) {
        assertEquals("rwx------", mode(directory), directory.toString());
      }
      assertEquals("rwx------", mode(root));
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void openingAnExistingStoreWritesNothing() throws IOException {
    Store.open(root).close();
    var before = names(root);
    try (var store = Store.open(root)) {
      assertEquals(List.of(), store.references().all());
      assertEquals(before, names(root));
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      return files.map(Path::toString).sorted().toList();
    }
  }

  @Test
  void manyMayMakeOneStoreAtOnce() throws Exception {
    int many = 8;
    var start = new CyclicBarrier(many);
    try (var threads = Executors.newFixedThreadPool(many)) {
      var tasks = new ArrayList<Callable<Path>>();
      for (int i = 0; i < many; i++) {
        tasks.add(
            () -> {
              start.await();
              try (var store = Store.open(root)) {
                store.blobs().put("the same".getBytes(StandardCharsets.UTF_8));
                return store.root();
              }
            });
      }
      for (var opened : threads.invokeAll(tasks)) {
        assertEquals(root.toRealPath(), opened.get());
      }
    }
    try (var store = Store.open(root)) {
      assertEquals(List.of(), store.check());
    }
    assertEquals(List.of(root.resolve("tmp").toString()), names(root.resolve("tmp")));
  }

  @Test
  void completesAStoreWhoseMakingWasInterrupted() throws IOException {
    Store.open(root).close();
    Files.delete(root.resolve("version"));
    Files.delete(root.resolve("kept"));
    try (var store = Store.open(root)) {
      var image = SampleImage.put(store, "a");
      store.references().tag("a", image.manifest());
    }
    Files.delete(root.resolve("version"));
    try (var store = Store.open(root)) {
      assertEquals(1, store.references().all().size(), "index.json was overwritten");
      assertTrue(Files.isDirectory(root.resolve("kept")));
    }
  }

  @Test
  void directoriesThatSomebodyRemovedComeBack() throws IOException {
    Store.open(root).close();
    for (var name : List.of("cache", "tmp", "trees")) {
      try (var below = Files.walk(root.resolve(name))) {
        for (var each : below.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
    try (var store = Store.open(root)) {
      SampleImage.put(store, "a");
      store.trees().draft().close();
      assertEquals(List.of(), store.check());
    }
  }

  @Test
  void refusesADirectoryWithSomethingElseInIt() throws IOException {
    Files.createDirectory(root);
    Files.writeString(root.resolve("letters\n.txt"), "mine");

    var failure = assertThrows(BuildFailure.class, () -> Store.open(root));

    assertEquals(BuildFailure.Kind.STORE, failure.kind());
    assertTrue(failure.message().contains("letters\\n.txt"), failure.message());
    assertEquals(List.of(root.toString(), root.resolve("letters\n.txt").toString()), names(root));
  }

  @Test
  void refusesAnOciLayoutThatIsNotOurs() throws IOException {
    Files.createDirectories(root.resolve("blobs/sha256"));
    Files.writeString(root.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Files.writeString(root.resolve("index.json"), "{\"schemaVersion\":2,\"manifests\":[]}");

    assertThrows(BuildFailure.class, () -> Store.open(root));
    assertFalse(Files.exists(root.resolve("version")));
  }

  @Test
  void takesAnEmptyDirectoryAndAFreshFileSystem() throws IOException {
    Files.createDirectories(root.resolve("lost+found"));
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxrwxr-x"));

    Store.open(root).close();

    assertEquals("rwx------", mode(root));
  }

  @Test
  void refusesADirectoryThatIsSharedWithOthers() throws Exception {
    Files.createDirectory(root);
    Files.setAttribute(root, "unix:mode", 01777);

    assertThrows(BuildFailure.class, () -> Store.open(root));
    assertEquals("rwxrwxrwx", mode(root));
  }

  /// Case 109, CVE-2024-25621.
  @Test
  void refusesAStoreThatOthersCanWriteTo() throws IOException {
    Store.open(root).close();
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxrwxrwx"));

    var failure = assertThrows(BuildFailure.class, () -> Store.open(root));

    assertTrue(failure.message().contains("777"), failure.message());
  }

  @Test
  void refusesAStoreOfAnotherUserAndSaysHowToHaveOne() throws IOException {
    assumeTrue(Machine.uid() == 0, "only root can give a directory away");
    Store.open(root).close();
    Files.setAttribute(root, "unix:uid", 12345);

    var failure = assertThrows(BuildFailure.class, () -> Store.open(root));

    assertTrue(failure.message().contains("12345"), failure.message());
    assertTrue(failure.hint().orElse("").contains("--root"));
    assertEquals(7, failure.kind().exitCode());
  }

  @Test
  void refusesAFile() throws IOException {
    Files.writeString(root, "x");
    assertThrows(BuildFailure.class, () -> Store.open(root));
  }

  /// Case 122.
  @Test
  void refusesANewerFormatNamingBothNumbers() throws IOException {
    Store.open(root).close();
    Files.writeString(root.resolve("version"), "17\n");

    var failure = assertThrows(BuildFailure.class, () -> Store.open(root));

    assertTrue(failure.message().contains("format 17"), failure.message());
    assertTrue(failure.message().contains("up to 1"), failure.message());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "one", "-1", "0", "99999999999999999999"})
  void refusesAVersionThatIsNoNumber(String version) throws IOException {
    Store.open(root).close();
    Files.writeString(root.resolve("version"), version);

    var failure = assertThrows(BuildFailure.class, () -> Store.open(root));

    assertTrue(failure.message().contains("version"), failure.message());
    assertEquals(version, Files.readString(root.resolve("version")));
  }

  /// Case 114.
  @ParameterizedTest
  @ValueSource(strings = {"", "{\"imageLayoutVersion\":\"2.0.0\"}", "[]", "{}", "null"})
  void refusesABrokenOciLayoutNamingTheFile(String text) throws IOException {
    Store.open(root).close();
    Files.writeString(root.resolve("oci-layout"), text);

    var failure = assertThrows(BuildFailure.class, () -> Store.open(root));

    assertTrue(failure.message().contains("oci-layout"), failure.message());
    assertEquals(text, Files.readString(root.resolve("oci-layout")));
  }

  /// Case 114.
  @Test
  void refusesAMissingOciLayoutButNotAnotherSpelling() throws IOException {
    Store.open(root).close();
    Files.writeString(
        root.resolve("oci-layout"), "{ \"imageLayoutVersion\": \"1.0.0\", \"x\": 1 }");
    Store.open(root).close();
    Files.delete(root.resolve("oci-layout"));
    assertThrows(BuildFailure.class, () -> Store.open(root));
  }

  /// Case 118.
  @ParameterizedTest
  @ValueSource(strings = {"a b", "a:b", "a,b", "a\\b", "a\nb", "ä–日本", "-x", "'\"$`*?[", "long"})
  void worksUnderAnyPath(String name) throws IOException {
    var odd = temp.resolve(name.equals("long") ? "l".repeat(200) : name).resolve(name);
    try (var store = Store.open(odd)) {
      var image = SampleImage.put(store, "a");
      store.references().tag("docker.io/library/a:1", image.manifest());
      try (var draft = store.trees().draft()) {
        store.trees().commit(draft, image.layer());
      }
      store.lock(image.layer()).close();
      assertEquals(List.of(), store.check());
    }
    try (var store = Store.open(odd)) {
      assertTrue(store.references().find("docker.io/library/a:1").isPresent());
      assertEquals(0, store.prune(PruneOptions.DEFAULT).blobs().size());
    }
  }

  /// Case 118.
  @Test
  void followsALinkToTheStoreOnce() throws IOException {
    Store.open(root).close();
    var link = temp.resolve("link");
    Files.createSymbolicLink(link, root);
    try (var store = Store.open(link)) {
      Files.delete(link);
      var digest = store.blobs().put(new byte[] {1});
      assertArrayEquals(
          new byte[] {1}, Files.readAllBytes(root.resolve("blobs/sha256/" + digest.hex())));
    }
  }

  @Test
  void theDefaultPlaceFollowsTheEnvironment() {
    assertEquals(
        Path.of("/r"), Store.defaultRoot(Map.of("JBUILD_ROOT", "/r", "XDG_DATA_HOME", "/d")));
    assertEquals(
        Path.of("/d/jbuild"), Store.defaultRoot(Map.of("XDG_DATA_HOME", "/d", "HOME", "/h")));
    assertEquals(
        Path.of("/h/.local/share/jbuild"),
        Store.defaultRoot(Map.of("XDG_DATA_HOME", "relative", "HOME", "/h", "JBUILD_ROOT", "")));
    assertThrows(BuildFailure.class, () -> Store.defaultRoot(Map.of()));
    assertThrows(BuildFailure.class, () -> Store.defaultRoot(Map.of("HOME", "not absolute")));
  }
}
