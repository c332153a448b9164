package dev.jbuild.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.FileType;
import dev.jbuild.linux.Machine;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Layers unpacked at their place, to be the lower directories of an overlay.
class TreeUnpackerTest {

  @TempDir Path temp;
  private Store store;

  @BeforeEach
  void open() throws IOException {
    assumeTrue(Machine.uid() == 0 && !Machine.inUserNamespace(), "owners and whiteouts need root");
    store = Store.open(temp.resolve("store"));
  }

  @AfterEach
  void close() throws IOException {
    if (store != null) {
      store.close();
      try (var directory = Directory.open(temp)) {
        directory.removeTree("store".getBytes(UTF_8)); // some paths are too long for others
      }
    }
  }

  /// The trees of the layers, the lowest first.
  private List<Directory> trees(Tars... layers) throws IOException {
    var diffIds = new ArrayList<Digest>();
    for (var layer : layers) {
      diffIds.add(store.blobs().put(layer.bytes()));
    }
    var trees = new ArrayList<Directory>();
    for (var tree : new TreeUnpacker(store, new LayerReader(store)).trees(diffIds)) {
      trees.add(Directory.open(tree));
    }
    return trees;
  }

  private Directory top(Tars... layers) throws IOException {
    return trees(layers).getLast();
  }

  private static FileStat stat(Directory tree, String path) throws IOException {
    var bytes = path.getBytes(StandardCharsets.ISO_8859_1);
    int slash = path.lastIndexOf('/');
    if (slash < 0) {
      return tree.stat(bytes).orElseThrow();
    }
    try (var parent = tree.resolveDirectory(path.substring(0, slash).getBytes(UTF_8))) {
      return parent.stat(path.substring(slash + 1).getBytes(UTF_8)).orElseThrow();
    }
  }

  private static String content(Directory tree, String path) throws IOException {
    try (var file = tree.resolveFile(path.getBytes(UTF_8));
        var in = file.inputStream()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private static String mode(FileStat stat) {
    return Integer.toOctalString(stat.permissions());
  }

  private static List<String> names(Directory tree) throws IOException {
    return tree.list().stream().map(each -> new String(each.name(), UTF_8)).sorted().toList();
  }

  private static boolean isWhiteout(FileStat stat) {
    return stat.type() == FileType.CHARACTER && stat.rdevMajor() == 0 && stat.rdevMinor() == 0;
  }

  private static boolean isOpaque(Directory tree, String name) throws IOException {
    return tree.xattrs(name.getBytes(UTF_8)).containsKey("trusted.overlay.opaque");
  }

  @Test
  void aParentThatTheLayerDoesNotNameIsWhatItIsBelow() throws IOException {
    var base = new Tars().owner(7, 8).mtime(5_000).xattr("user.a", "1").directory("tmp", 01777);

    var tree = top(base, new Tars().file("tmp/f", "x"));

    var tmp = stat(tree, "tmp");
    assertEquals("1777", mode(tmp));
    assertEquals(7, tmp.uid());
    assertEquals(8, tmp.gid());
    assertEquals(5_000, tmp.mtime());
    assertEquals(0, tmp.mtimeNanos());
    assertTrue(tree.xattrs("tmp".getBytes(UTF_8)).containsKey("user.a"));
    assertEquals("x", content(tree, "tmp/f"));
  }

  @Test
  void aPathThroughALinkLiesWhereTheLinkLeads() throws IOException {
    var base = new Tars().directory("usr").directory("usr/lib", 0711).symlink("lib", "usr/lib");

    var tree = top(base, new Tars().file("lib/g", "x"));

    assertEquals(List.of("usr"), names(tree));
    assertEquals("x", content(tree, "usr/lib/g"));
    assertEquals("711", mode(stat(tree, "usr/lib")));
  }

  @Test
  void filesHaveAllThatTheLayerSays() throws IOException { // 17
    var tree =
        top(
            new Tars()
                .owner(1000, 2000)
                .mtime(1_234_567)
                .xattr("user.a", "value")
                .file("f", "x", 04755)
                .symlink("l", "target")
                .fifo("p")
                .character("null", 1, 3));

    assertEquals("4755", mode(stat(tree, "f")));
    for (var name : List.of("f", "l", "p", "null")) {
      var stat = stat(tree, name);
      assertEquals(1000, stat.uid(), name);
      assertEquals(2000, stat.gid(), name);
      assertEquals(1_234_567, stat.mtime(), name);
    }
    assertArrayEquals("value".getBytes(UTF_8), tree.xattrs(new byte[] {'f'}).get("user.a"));
    assertArrayEquals("target".getBytes(UTF_8), tree.readLink(new byte[] {'l'}));
    assertEquals(FileType.FIFO, stat(tree, "p").type());
    assertEquals(3, stat(tree, "null").rdevMinor());
  }

  @Test
  void whatIsHiddenBecomesADeviceAndLeavesTheParentAsItWas() throws IOException {
    var base = new Tars().mtime(9).directory("d", 0750).file("d/f", "").directory("d/e");

    var tree = top(base, new Tars().file("d/.wh.f", "").file("d/.wh.e", "").file(".wh.no", ""));

    assertEquals(List.of("d"), names(tree));
    assertTrue(isWhiteout(stat(tree, "d/f")));
    assertTrue(isWhiteout(stat(tree, "d/e")));
    assertEquals("750", mode(stat(tree, "d")));
    assertEquals(9, stat(tree, "d").mtime());
  }

  @Test
  void aDirectoryThatReplacesADirectoryIsOpaque() throws IOException {
    var base = new Tars().file("d/f", "").file("e/f", "").file("k/f", "").symlink("l", "d");

    var layer =
        new Tars()
            .file(".wh.d", "")
            .directory("d")
            .file("d/g", "")
            .file("e/.wh..wh..opq", "")
            .directory("k", 0700)
            .directory("l");
    var tree = top(base, layer);

    assertTrue(isOpaque(tree, "d"));
    assertTrue(isOpaque(tree, "e"));
    assertFalse(isOpaque(tree, "k"));
    assertEquals(FileType.DIRECTORY, stat(tree, "l").type());
    assertEquals(List.of("d", "e", "k", "l"), names(tree));
  }

  @Test
  void anOpaqueRootHidesEachNameSinceOverlayKnowsNoOpaqueRoot() throws IOException {
    var base = new Tars().file("d/f", "").file("g", "");

    var tree = top(base, new Tars().file(".wh..wh..opq", "").file("d/new", ""));

    assertTrue(isWhiteout(stat(tree, "g")));
    assertTrue(isOpaque(tree, "d"));
  }

  @Test
  void aFileThatReplacesADirectoryNeedsNoWhiteout() throws IOException { // 8
    var tree =
        top(new Tars().file("d/f", "").file("n", ""), new Tars().file("d", "x").file("n/a", ""));

    assertEquals(FileType.FILE, stat(tree, "d").type());
    assertEquals(FileType.DIRECTORY, stat(tree, "n").type());
  }

  @Test
  void hardLinksAreLinksInTheirLayerAndCopiesOfWhatIsBelow() throws IOException {
    var trees =
        trees(
            new Tars().file("a", "content").hardlink("b", "a"),
            new Tars().hardlink("c", "a").hardlink("d/e", "b"));

    assertEquals(stat(trees.get(0), "a").inode(), stat(trees.get(0), "b").inode());
    assertEquals("content", content(trees.get(1), "c"));
    assertEquals(stat(trees.get(1), "c").inode(), stat(trees.get(1), "d/e").inode());
    assertNotEquals(stat(trees.get(0), "a").inode(), stat(trees.get(1), "c").inode());
    assertEquals(2, stat(trees.get(0), "a").links());
  }

  @Test
  void smuggledMarksOfTheOverlayAreNotWritten() throws IOException { // 15
    var layer =
        new Tars()
            .xattr("trusted.overlay.opaque", "y")
            .xattr("user.overlay.opaque", "y")
            .xattr("trusted.overlay.redirect", "/etc")
            .xattr("security.selinux", "label")
            .directory("d")
            .character("gone", 0, 0)
            .xattr("trusted.overlay.metacopy", "")
            .file("f", "x");

    var tree = top(new Tars().file("gone", "x"), layer);

    assertEquals(0, tree.xattrs(new byte[] {'d'}).size());
    assertEquals(0, tree.xattrs(new byte[] {'f'}).size());
    assertEquals(List.of("d", "f", "gone"), names(tree), "the device replaced a file below");
    assertEquals(List.of("f"), names(top(new Tars().character("gone", 0, 0).file("f", ""))));
  }

  @Test
  void namesAreBytes() throws IOException { // 28
    var tree = top(new Tars().file("\u00FF\u00FE/\u00E9\n\u001B", "x"));

    try (var directory = tree.openDirectory(new byte[] {(byte) 0xFF, (byte) 0xFE})) {
      assertArrayEquals(new byte[] {(byte) 0xE9, '\n', 0x1B}, directory.list().getFirst().name());
    }
  }

  @Test
  void directoriesThatForbidEverythingAreFilledAndThenForbid() throws IOException { // 31
    var tree =
        top(
            new Tars()
                .directory("a", 0)
                .directory("a/b", 0555)
                .file("a/b/f", "x", 0)
                .directory("a/b/c", 0));

    assertEquals("0", mode(stat(tree, "a")));
    assertEquals("555", mode(stat(tree, "a/b")));
    assertEquals("0", mode(stat(tree, "a/b/f")));
    assertEquals("x", content(tree, "a/b/f"));
  }

  @Test
  void aDirectoryInManyLevelsIsUnpacked() throws IOException { // 30
    var path = new StringBuilder("d");
    var layer = new Tars().directory("d", 0711);
    for (int i = 1; i < 2_000; i++) {
      layer.directory(path.append("/d").toString(), 0711);
    }
    layer.file(path + "/f", "deep");

    try (var tree = new TreeCursor(top(layer))) {
      var deepest = tree.at(ArchivePath.of(path.toString()));
      assertEquals("711", mode(deepest.stat()));
      assertEquals(4, deepest.stat(new byte[] {'f'}).orElseThrow().size());
    }
  }

  @Test
  void theRootIsWhatTheLayersSay() throws IOException {
    var trees =
        trees(new Tars().owner(5, 6).mtime(77).directory(".", 0711), new Tars().file("f", ""));

    for (var tree : trees) {
      assertEquals("711", mode(tree.stat()));
      assertEquals(5, tree.stat().uid());
      assertEquals(77, tree.stat().mtime());
    }
  }

  @Test
  void aTreeIsMadeOnceAndKeptByItsPlace() throws IOException {
    var base = store.blobs().put(new Tars().file("a", "").bytes());
    var layer = store.blobs().put(new Tars().file("b", "").bytes());
    var unpacker = new TreeUnpacker(store, new LayerReader(store));

    var first = unpacker.trees(List.of(base, layer));
    var inode = Files.getAttribute(first.get(1), "unix:ino");

    assertEquals(first, unpacker.trees(List.of(base, layer)));
    assertEquals(inode, Files.getAttribute(first.get(1), "unix:ino"));
    assertNotEquals(first.get(1), unpacker.trees(List.of(layer)).getFirst());
  }

  /// Several layers at once, for two stages that need them at the same time; those that are too
  /// much for several views one by one.
  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, 12, 0})
  void eachOfManyLayersLiesAboveTheOthersInWhateverOrderTheyAreUnpacked(long mostInView)
      throws Exception {
    int count = 12;
    var diffIds = new ArrayList<Digest>();
    for (int i = 0; i < count; i++) {
      var layer = new Tars().file("f" + i, "content " + i).hardlink("h" + i, "f" + (i * 2 / 3));
      if (i == 0) {
        layer.mtime(7).directory("d", 0711);
      } else {
        layer.file("d/" + i, "").file("d/.wh." + (i - 1), "");
      }
      diffIds.add(store.blobs().put(layer.bytes()));
    }
    var unpacker = new TreeUnpacker(store, new LayerReader(store), mostInView);
    List<Path> trees;
    try (var stages = Executors.newFixedThreadPool(2)) {
      var one = stages.submit(() -> unpacker.trees(diffIds));
      var other = stages.submit(() -> unpacker.trees(diffIds));
      trees = one.get();
      assertEquals(trees, other.get());
    }
    for (int i = 0; i < count; i++) {
      try (var tree = Directory.open(trees.get(i))) {
        assertEquals(List.of("d", "f" + i, "h" + i), names(tree));
        assertEquals("content " + i, content(tree, "f" + i));
        assertEquals("content " + i * 2 / 3, content(tree, "h" + i));
        assertEquals("711", mode(stat(tree, "d")));
        var last = String.valueOf(i - 1);
        var own = String.valueOf(i);
        try (var below = tree.openDirectory("d".getBytes(UTF_8))) {
          var names = i == 0 ? List.<String>of() : i == 1 ? List.of("1") : List.of(last, own);
          assertEquals(names.stream().sorted().toList(), names(below));
        }
        assertTrue(i < 2 || isWhiteout(stat(tree, "d/" + last)));
      }
    }
    try (var leases = Files.list(store.root().resolve("tmp"));
        var left = Files.list(leases.findFirst().orElseThrow())) {
      assertEquals(0, left.count(), "nothing was unpacked twice");
    }
  }

  @Test
  void exportsAllLayersAsOneTree() throws IOException {
    var base =
        store.blobs().put(new Tars().directory("d", 0700).file("d/f", "old").file("g", "").bytes());
    var layer =
        store
            .blobs()
            .put(new Tars().file("d/f", "new").file(".wh.g", "").hardlink("h", "d/f").bytes());
    var target = Files.createDirectory(temp.resolve("out"));

    new TreeUnpacker(store, new LayerReader(store)).export(List.of(base, layer), target);

    try (var tree = Directory.open(target)) {
      assertEquals(List.of("d", "h"), names(tree));
      assertEquals("new", content(tree, "h"));
      assertEquals(stat(tree, "h").inode(), stat(tree, "d/f").inode());
      assertEquals("700", mode(stat(tree, "d")));
    }
  }

  /// `-o out` a second time: links there are replaced, and nothing is written through them.
  @Test
  void exportsOverWhatIsThere() throws IOException {
    var outside = Files.createDirectory(temp.resolve("outside"));
    Files.writeString(outside.resolve("f"), "safe");
    var target = temp.resolve("out");
    Files.createDirectories(target.resolve("d/keep"));
    Files.createSymbolicLink(target.resolve("d/f"), outside.resolve("f"));
    var layer =
        store
            .blobs()
            .put(new Tars().directory("d", 0500).file("d/f", "new").file("e/g", "").bytes());
    var unpacker = new TreeUnpacker(store, new LayerReader(store));

    unpacker.export(List.of(layer), target);

    try (var tree = Directory.open(target)) {
      assertEquals(List.of("d", "e"), names(tree));
      assertEquals("new", content(tree, "d/f"));
      assertEquals("500", mode(stat(tree, "d")));
      assertTrue(stat(tree, "d/keep").isDirectory());
    }
    assertEquals("safe", Files.readString(outside.resolve("f")));

    var link = store.blobs().put(new Tars().symlink("e", "d").file("a", "").bytes());
    var failure = assertThrows(BuildFailure.class, () -> unpacker.export(List.of(link), target));
    assertTrue(failure.message().startsWith("e is a directory where"), failure.message());
    assertFalse(Files.exists(target.resolve("a")));
    try (var files = Files.list(target)) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void sparseFilesOfAStrangersLayerAreWhole() throws IOException {
    var layer =
        new Tars()
            .pax("GNU.sparse.major", "1")
            .pax("GNU.sparse.minor", "0")
            .pax("GNU.sparse.name", "sparse")
            .pax("GNU.sparse.realsize", "8")
            .file("GNUSparseFile.0/sparse", "1\n4\n2\n" + "\0".repeat(506) + "ab")
            .file("after", "x");

    assertEquals("\0\0\0\0ab\0\0", content(top(layer), "sparse"));
  }
}
