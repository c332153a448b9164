package dev.jbuild.linux;

import static dev.jbuild.linux.DirectoryTest.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Cases 4 to 7 and 9: links lead nowhere but below the root (CVE-2018-15664, CVE-2021-29136,
/// CVE-2024-45310).
class ConfinementTest {

  private static final int RENAME_EXCHANGE = 2;

  @TempDir Path temp;
  private Path outside;
  private Directory root;

  @BeforeEach
  void arrange() throws IOException {
    outside = Files.createDirectories(temp.resolve("outside"));
    Files.writeString(outside.resolve("canary"), "outside");
    root = Directory.open(Files.createDirectories(temp.resolve("root")));
    root.makeDirectory(bytes("sub"), 0755);
    root.makeSymlink(bytes("absolute"), bytes(outside.toString()));
    root.makeSymlink(bytes("relative"), bytes("../outside"));
    root.makeSymlink(bytes("canary"), bytes(outside.resolve("canary").toString()));
    root.makeSymlink(bytes("up"), bytes("../../../outside/canary"));
  }

  @AfterEach
  void close() throws IOException {
    root.close();
    assertEquals("outside", Files.readString(outside.resolve("canary")));
    assertEquals(1, Files.getAttribute(outside.resolve("canary"), "unix:nlink"));
    try (var names = Files.list(outside)) {
      assertEquals(1, names.count());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "absolute/canary",
        "relative/canary",
        "canary",
        "up",
        "../outside/canary",
        "/../../outside/canary",
        "sub/../../outside/canary"
      })
  void pathsThatLeadOutAreNotFound(String path) throws IOException {
    assertTrue(root.resolveStat(bytes(path)).isEmpty());
    var failure = assertThrows(LinuxException.class, () -> root.resolveFile(bytes(path)));
    assertEquals(Errno.ENOENT, failure.errno());
  }

  /// Case 33: what lies inside is reached through the very same links.
  @ParameterizedTest
  @ValueSource(strings = {"absolute/canary", "canary", "/absolute/../x/canary", "sub/../canary"})
  void absoluteLinksStartAtTheRoot(String path) throws IOException {
    var inside = Files.createDirectories(Path.of(temp + "/root" + outside));
    Files.writeString(inside.resolve("canary"), "inside");
    Files.createSymbolicLink(inside.resolveSibling("x"), Path.of("/absolute"));

    try (var file = root.resolveFile(bytes(path))) {
      assertEquals("inside", new String(file.inputStream().readAllBytes(), UTF_8));
    }
  }

  @Test
  void theEmptyPathAndTheSlashAreTheRootItself() throws IOException {
    long inode = root.stat().inode();

    for (var path : new String[] {"", "/", "..", "sub/..", "/../../.."}) {
      assertEquals(inode, root.resolveStat(bytes(path)).orElseThrow().inode(), path);
      try (var directory = root.resolveDirectory(bytes(path))) {
        assertEquals(inode, directory.stat().inode(), path);
      }
    }
  }

  @Test
  void magicLinksOfProcAreNotFollowed() throws IOException {
    try (var proc = Directory.open(Path.of("/proc"))) {
      var path = bytes("self/fd/" + root.number() + "/sub");

      var failure = assertThrows(LinuxException.class, () -> proc.resolveDirectory(path));

      assertEquals(Errno.ELOOP, failure.errno());
    }
  }

  /// Case 6.
  @Test
  void loopsAndLongChainsEnd() throws IOException {
    root.makeSymlink(bytes("a"), bytes("b"));
    root.makeSymlink(bytes("b"), bytes("a"));
    root.makeSymlink(bytes("link0"), bytes("sub"));
    for (int i = 1; i <= 41; i++) {
      root.makeSymlink(bytes("link" + i), bytes("link" + (i - 1)));
    }

    for (var path : new String[] {"a/x", "link41"}) {
      var failure = assertThrows(LinuxException.class, () -> root.resolveStat(bytes(path)));
      assertEquals(Errno.ELOOP, failure.errno());
    }
    assertTrue(root.resolveStat(bytes("link39")).orElseThrow().isDirectory());
  }

  @Test
  void namesThatAreLinksAreNeverFollowed() throws IOException {
    var name = bytes("absolute");

    assertEquals(
        Errno.ENOTDIR, assertThrows(LinuxException.class, () -> root.openDirectory(name)).errno());
    var file = bytes("canary");
    assertEquals(
        Errno.ELOOP, assertThrows(LinuxException.class, () -> root.openFile(file)).errno());
    assertEquals(
        Errno.ELOOP, assertThrows(LinuxException.class, () -> root.openForWriting(file)).errno());
    assertEquals(
        Errno.EEXIST,
        assertThrows(LinuxException.class, () -> root.createFile(file, 0600)).errno());
    assertEquals(
        Errno.EOPNOTSUPP,
        assertThrows(LinuxException.class, () -> root.setMode(file, 0777)).errno());
    root.setTime(file, 1, 0);
    root.setOwner(file, Machine.uid(), Machine.gid());
    assertEquals(1, root.stat(file).orElseThrow().mtime());
    assertTrue(root.stat(file).orElseThrow().isSymlink());
    assertTrue(Files.getLastModifiedTime(outside.resolve("canary")).toMillis() > 1000);
  }

  /// Case 7.
  @Test
  void aHardLinkToALinkIsTheLinkItself() throws IOException {
    root.makeHardLink(bytes("second"), root, bytes("canary"));

    assertArrayEquals(root.readLink(bytes("canary")), root.readLink(bytes("second")));
    assertEquals(2, root.stat(bytes("second")).orElseThrow().links());
    assertThrows(LinuxException.class, () -> root.makeHardLink(bytes("d"), root, bytes("sub")));
    assertThrows(LinuxException.class, () -> root.makeHardLink(bytes("e"), root, bytes("missing")));
  }

  /// Case 9: the directory is exchanged with a link that leads out, all the time.
  @Test
  void aRaceWithALinkNeverWritesOutside() throws Exception {
    root.makeDirectory(bytes("d"), 0755);
    root.makeSymlink(bytes("e"), bytes(outside.toString()));
    var done = new AtomicBoolean();
    var swapper =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!done.get()) {
                    exchange("d", "e");
                  }
                });
    int written = 0;
    for (int i = 0; i < 20_000 && written < 500; i++) {
      try (var directory = root.openDirectory(bytes("d"));
          var file = directory.createFile(bytes("f" + i), 0600)) {
        written += file.number() >= 0 ? 1 : 0;
      } catch (LinuxException refused) {
        assertEquals(Errno.ENOTDIR, refused.errno());
      }
      var found = root.resolveStat(bytes("d/../d/canary"));
      assertTrue(found.isEmpty());
    }
    done.set(true);
    swapper.join();

    assertTrue(written > 0);
  }

  private void exchange(String one, String other) {
    try {
      var scratch = Scratch.get();
      long first = scratch.first(bytes(one));
      long second = scratch.second(bytes(other));
      Kernel.call(
          SystemCall.RENAMEAT2, root.number(), first, root.number(), second, RENAME_EXCHANGE);
    } catch (LinuxException e) {
      throw new AssertionError(e);
    }
  }
}
