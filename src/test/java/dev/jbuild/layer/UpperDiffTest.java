package dev.jbuild.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileType;
import dev.jbuild.linux.Machine;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An upper directory, as the kernel would leave it, becomes a layer.
class UpperDiffTest {

  @TempDir Path temp;
  private Store store;
  private Path upper = Path.of("");
  private OptionalLong clamp = OptionalLong.empty();

  @BeforeEach
  void open() throws IOException {
    assumeTrue(
        Machine.uid() == 0 && !Machine.inUserNamespace(), "an upper directory is root's to make");
    store = Store.open(temp.resolve("store"));
    upper = Files.createDirectory(temp.resolve("upper"));
    Files.setPosixFilePermissions(upper, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void close() throws IOException {
    if (store != null) {
      store.close();
    }
  }

  private void file(String name, String content, long mtime) throws IOException {
    var path = upper.resolve(name);
    Files.writeString(path, content);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
    time(name, Instant.ofEpochSecond(mtime));
  }

  private void directory(String name, long mtime) throws IOException {
    Files.createDirectories(upper.resolve(name));
    Files.setPosixFilePermissions(
        upper.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
    time(name, Instant.ofEpochSecond(mtime));
  }

  private void time(String name, Instant mtime) throws IOException {
    Files.setLastModifiedTime(upper.resolve(name), FileTime.from(mtime));
  }

  private void whiteout(String name) throws IOException {
    var path = upper.resolve(name);
    try (var parent = Directory.open(path.resolveSibling("."))) {
      var last = path.getFileName().toString().getBytes(UTF_8);
      parent.makeNode(last, FileType.CHARACTER, 0, 0, 0);
    }
  }

  private void opaque(String name) throws IOException {
    try (var root = Directory.open(upper)) {
      root.setXattr(name.getBytes(UTF_8), "trusted.overlay.opaque", new byte[] {'y'});
    }
  }

  private LayerIndex layer(Tars base) throws IOException {
    var diffId = store.blobs().put(base.bytes());
    var layers = new LayerReader(store);
    try (var diff =
        new UpperDiff(Directory.open(upper), layers.view(List.of(diffId)), layers, clamp)) {
      return diff.changes().write(store).index();
    }
  }

  /// Paths of the entries in their order, hard links with what they name, then what is hidden.
  private static String words(LayerIndex layer) {
    var words = new ArrayList<String>();
    for (var each : layer.entries()) {
      var entry = each.entry();
      var link = entry.hardLink().isRoot() ? "" : "=" + entry.hardLink();
      words.add(entry.path() + link + (entry.isDirectory() ? "/" : ""));
    }
    layer.hidden().forEach(path -> words.add("-" + path));
    return String.join(" ", words);
  }

  @Test
  void onlyWhatChangedIsInTheLayerWithItsParents() throws IOException {
    directory("d", 100);
    file("d/same", "same", 100);
    file("d/newer", "same", 101);
    file("d/other", "0123", 100);
    directory("untouched", 100);
    time("d", Instant.ofEpochSecond(100));
    var base = new Tars().mtime(100).directory("d").directory("untouched");

    var layer = layer(base.file("d/same", "same").file("d/newer", "same").file("d/other", "abcd"));

    assertEquals("d/ d/newer d/other", words(layer));
  }

  @Test
  void nothingChangedIsNoLayer() throws IOException {
    directory("d", 100);
    file("d/same", "same", 100);
    time("d", Instant.ofEpochSecond(100));

    assertTrue(layer(new Tars().mtime(100).directory("d").file("d/same", "same")).isEmpty());
  }

  @Test
  void aWhiteoutIsWrittenOnlyForWhatIsBelow() throws IOException {
    directory("d", 100);
    whiteout("d/gone");
    whiteout("d/never");
    time("d", Instant.ofEpochSecond(100));

    var layer = layer(new Tars().mtime(100).directory("d").file("d/gone", ""));

    assertEquals("d/ -d/gone", words(layer));
  }

  @Test
  void anOpaqueDirectoryBecomesWhiteoutsOfWhatIsBelow() throws IOException {
    directory("d", 100);
    directory("d/e", 100);
    file("d/e/same", "same", 100);
    file("d/new", "", 100);
    time("d/e", Instant.ofEpochSecond(100));
    time("d", Instant.ofEpochSecond(100));
    opaque("d");
    var base = new Tars().mtime(100).directory("d").directory("d/e").file("d/e/same", "same");

    var layer = layer(base.file("d/e/gone", "").file("d/gone", ""));

    assertEquals("d/ d/e/ d/new -d/gone -d/e/gone", words(layer));
    assertEquals(List.of(), layer.opaque());
  }

  @Test
  void allNamesOfAChangedFileAreInTheLayer() throws IOException {
    file("a", "same", 100);
    Files.createLink(upper.resolve("b"), upper.resolve("a"));
    file("x", "same", 100);
    Files.createLink(upper.resolve("y"), upper.resolve("x"));

    var layer = layer(new Tars().mtime(100).file("a", "same").file("x", "same").hardlink("y", "x"));

    assertEquals("a b=a", words(layer));
  }

  @Test
  void timesBecomeWholeSecondsOnDiskToo() throws IOException {
    file("f", "x", 0);
    time("f", Instant.ofEpochSecond(100, 999_999_999));

    assertEquals(100, layer(new Tars()).entries().getFirst().entry().mtime());
    assertEquals(
        Instant.ofEpochSecond(100), Files.getLastModifiedTime(upper.resolve("f")).toInstant());
  }

  @Test
  void onlyNewerTimesAreClamped() throws IOException { // 32
    clamp = OptionalLong.of(50);
    file("new", "x", 100);
    file("old", "x", -1);

    var times = layer(new Tars()).entries().stream().map(each -> each.entry().mtime()).toList();

    assertEquals(List.of(50L, -1L), times);
    assertEquals(
        Instant.ofEpochSecond(50), Files.getLastModifiedTime(upper.resolve("new")).toInstant());
  }

  @Test
  void aSocketIsRemovedAndLeavesNoTrace() throws IOException { // 16
    directory("d", 100);
    try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(upper.resolve("d/s")));
    }
    time("d", Instant.ofEpochSecond(100));

    assertTrue(layer(new Tars().mtime(100).directory("d")).isEmpty());
    assertFalse(Files.exists(upper.resolve("d/s")));
    assertEquals(
        Instant.ofEpochSecond(100), Files.getLastModifiedTime(upper.resolve("d")).toInstant());
  }

  @Test
  void aFileThatWouldBeReadAsAWhiteoutIsRefused() throws IOException { // 14
    directory("d", 100);
    file("d/.wh.passwd", "", 100);

    var failure = assertThrows(BuildFailure.class, () -> layer(new Tars()));

    assertTrue(String.valueOf(failure.getMessage()).contains("/d/.wh.passwd"), failure.toString());
  }

  @Test
  void theRootIsNamedOnlyIfItsModeOrOwnerChanged() throws IOException {
    file("f", "", 1);
    assertEquals("f", words(layer(new Tars().directory("."))));

    Files.setPosixFilePermissions(upper, PosixFilePermissions.fromString("rwx------"));
    var layer = layer(new Tars().mtime(77).directory("."));

    assertEquals("/ f", words(layer));
    assertEquals(0700, layer.entries().getFirst().entry().mode());
    assertEquals(77, layer.entries().getFirst().entry().mtime());
  }

  @Test
  void aDeviceNodeIsKeptAndAFifoIsNotOpened() throws IOException { // 16
    try (var root = Directory.open(upper)) {
      root.makeNode(new byte[] {'n'}, FileType.CHARACTER, 0600, 1, 3);
      root.makeNode(new byte[] {'p'}, FileType.FIFO, 0600, 0, 0);
    }

    var layer = layer(new Tars());

    assertEquals("n p", words(layer));
    assertEquals(3, layer.entries().getFirst().entry().minor());
  }

  @Test
  void marksOfTheOverlayDoNotGetIntoTheLayer() throws IOException { // 15
    directory("d", 100);
    opaque("d");

    var entry = layer(new Tars()).entries().getFirst().entry();

    assertEquals(0, entry.xattrs().size());
    assertEquals(Digest.of(new byte[0]), Digest.of(entry.link()));
  }
}
