package dev.jbuild.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Digest;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Strangers' tars of root file systems become layers of ours.
class TarLayerTest {

  @TempDir Path temp;
  private Store store;
  private TarLayer importer;

  @BeforeEach
  void open() throws IOException {
    store = Store.open(temp.resolve("store"));
    importer = new TarLayer(store, OptionalLong.empty());
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private WrittenLayer imported(Tars tar) throws IOException {
    return importer.write(new ByteArrayInputStream(tar.bytes()));
  }

  private static List<String> names(WrittenLayer layer) throws IOException {
    return layer.index().entries().stream().map(each -> each.entry().path().toString()).toList();
  }

  private String content(WrittenLayer layer, String path) throws IOException {
    var layers = new LayerReader(store);
    var file = layers.view(List.of(layer.diffId())).find(ArchivePath.of(path)).orElseThrow();
    try (var in = layers.content(file)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private void refused(Tars tar) {
    assertThrows(TarFormatException.class, () -> imported(tar));
  }

  @Test
  void keepsTheArchivesOrderAndSaysTheSameOfEachEntry() throws IOException {
    var layer =
        imported(
            new Tars()
                .owner(5, 6)
                .mtime(77)
                .xattr("user.a", "1")
                .xattr("trusted.overlay.redirect", "/etc")
                .xattr("security.selinux", "label")
                .file("b", "x", 04755)
                .directory("a")
                .character("a/null", 1, 3));

    assertEquals(List.of("b", "a", "a/null"), names(layer));
    var entry = layer.index().entries().getFirst().entry();
    assertEquals(04755, entry.mode());
    assertEquals(5, entry.uid());
    assertEquals(77, entry.mtime());
    assertEquals(List.of("user.a"), List.copyOf(entry.xattrs().keySet())); // 15 and 18
    assertEquals(List.of(), importer.warnings());
  }

  @Test
  void anArchiveOfOursComesOutAsItWas() throws IOException {
    var first = imported(new Tars().owner(1000, 1000).file("f", "x").directory("\u00E4"));
    var bytes = store.blobs().read(first.diffId(), 1 << 20);

    var again = importer.write(new ByteArrayInputStream(bytes));

    assertEquals(first.diffId(), again.diffId());
    assertEquals(Digest.of(bytes), again.diffId());
    assertEquals(bytes.length, again.size());
  }

  @Test
  void aCompressedArchiveIsTheSameLayer() throws IOException {
    var tar = new Tars().file("f", "content");
    var gzip = new ByteArrayOutputStream();
    try (var out = Compression.GZIP.compress(gzip, 1)) {
      out.write(tar.bytes());
    }

    assertEquals(
        imported(tar).diffId(),
        importer.write(new ByteArrayInputStream(gzip.toByteArray())).diffId());
  }

  @Test
  void theLastOfANameWinsWithAWarning() throws IOException { // 27
    var layer = imported(new Tars().file("a", "first").file("./a", "second").directory("d/"));

    assertEquals(List.of("a", "d"), names(layer));
    assertEquals("second", content(layer, "a"));
    assertEquals(
        List.of("a stands in the archive more than once; the last one counts"),
        importer.warnings());
  }

  @Test
  void aLinkToANameThatComesAgainKeepsWhatItMeant() throws IOException { // 27
    var layer = imported(new Tars().file("a", "first").hardlink("b", "a").file("a", "second"));

    assertEquals("first", content(layer, "b"));
    assertEquals("second", content(layer, "a"));
  }

  @Test
  void aDirectoryAfterItsContentComesBeforeIt() throws IOException {
    var layer = imported(new Tars().file("d/f", "x").directory("d", 0700));

    assertEquals(List.of("d", "d/f"), names(layer));
    assertEquals(0700, layer.index().entries().getFirst().entry().mode());
    assertEquals("x", content(layer, "d/f"));
  }

  @Test
  void whatStandsInAnothersWayIsReplaced() throws IOException { // 8
    assertEquals(List.of("n/foo"), names(imported(new Tars().file("n", "x").file("n/foo", "y"))));
    assertEquals(List.of("d"), names(imported(new Tars().file("d/f", "x").file("d", "y"))));
  }

  @Test
  void entriesThroughALinkStay() throws IOException { // 33
    var layer =
        imported(
            new Tars()
                .directory("run")
                .symlink("var/run", "/run")
                .file("var/run/act/f", "x")
                .hardlink("h", "var/run/act/f"));

    assertEquals("x", content(layer, "run/act/f"));
    assertEquals("x", content(layer, "h"));
  }

  @Test
  void theRootCanOnlyBeADirectory() throws IOException { // 3, CVE-2021-29136
    for (var name : List.of(".", "./", "/", "/.")) {
      refused(new Tars().symlink(name, "/outside").file("etc/x", "x"));
    }
    assertEquals(List.of("", "f"), names(imported(new Tars().directory(".").file("f", ""))));
  }

  @Test
  void namesOfWhiteoutsAreRefused() { // 14
    for (var name :
        List.of(".wh.x", "d/.wh.x", ".wh..wh..opq", ".wh..wh.plnk/f", "d/.wh..wh.x/a/f")) {
      refused(new Tars().file(name, ""));
    }
  }

  @Test
  void whatCannotStandIsRefused() {
    refused(new Tars().file("../evil", "x")); // 1
    refused(new Tars().symlink("a", "b").symlink("b", "a").file("a/x", "")); // 6
    refused(new Tars().hardlink("x", "missing")); // 7
    refused(new Tars().directory("d").hardlink("x", "d")); // 7
    assertThrows(
        TarFormatException.class,
        () -> importer.write(new ByteArrayInputStream("no tar at all".getBytes(UTF_8))));
  }

  @Test
  void onlyNewerTimesAreClamped() throws IOException { // 32
    importer = new TarLayer(store, OptionalLong.of(50));

    var layer = imported(new Tars().mtime(100).file("new", "").mtime(7).file("old", ""));

    var times = layer.index().entries().stream().map(each -> each.entry().mtime()).toList();
    assertEquals(List.of(50L, 7L), times);
  }

  @Test
  void sparseFilesAreWrittenWhole() throws IOException {
    var sparse =
        new Tars()
            .pax("GNU.sparse.major", "1")
            .pax("GNU.sparse.minor", "0")
            .pax("GNU.sparse.name", "sparse")
            .pax("GNU.sparse.realsize", "8")
            .file("GNUSparseFile.0/sparse", "1\n4\n2\n" + "\0".repeat(506) + "ab");
    var layer = imported(sparse);
    var strangers = store.blobs().put(sparse.bytes());
    var layers = new LayerReader(store);
    var file = layers.view(List.of(strangers)).find(ArchivePath.of("sparse")).orElseThrow();

    assertEquals("\0\0\0\0ab\0\0", content(layer, "sparse"));
    assertNotEquals(strangers, layer.diffId());
    try (var in = layers.content(file)) {
      assertArrayEquals(new byte[] {0, 0, 0, 0, 'a', 'b', 0, 0}, in.readAllBytes());
    }
    assertTrue(file.offset() < 0);
  }
}
