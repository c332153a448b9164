package dev.jbuild.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The index of a layer as bytes.
class LayerIndexTest {

  private static LayerIndex index() throws IOException {
    var tar =
        new Tars()
            .owner(1000, 2_000_000)
            .mtime(1_700_000_000)
            .directory(".", 0755)
            .file("etc/group", "g:x:1:")
            .file("etc/passwd", "root:x:0:0::/root:/bin/sh")
            .file(".wh.gone", "")
            .file("etc/.wh..wh..opq", "")
            .xattr("user.a", "\u00FF\u0001")
            .xattr("security.capability", "cap")
            .file("usr/bin/\u00FF\n", "content", 04755)
            .file("usr/bin/app", "app")
            .hardlink("usr/bin/link", "usr/bin/app")
            .symlink("usr/bin/symlink", "../../etc")
            .character("dev/null", 1, 3)
            .fifo("run/pipe");
    return PlainTar.index(new ByteArrayInputStream(tar.bytes()), true);
  }

  @Test
  void comesBackFromItsBytesAsItWas() throws IOException {
    var index = index();

    var back = LayerIndex.parse(index.toBytes());

    assertArrayEquals(index.toBytes(), back.toBytes());
    assertEquals(index.hidden(), back.hidden());
    assertEquals(index.opaque(), back.opaque());
    var again = new LayerIndex.Builder();
    for (var each : back.entries()) {
      again.add(each.entry(), each.offset(), each.digest());
      back.content(each.entry().path(), each.offset())
          .ifPresent(content -> again.keep(each.entry().path(), content));
    }
    back.hidden().forEach(again::hide);
    back.opaque().forEach(again::setOpaque);
    assertArrayEquals(index.toBytes(), again.build().toBytes());
    assertEquals(
        List.of(
            "DIRECTORY  755 1700000000 0",
            "FILE etc/group 644 1700000000 6",
            "FILE etc/passwd 644 1700000000 25",
            "FILE usr/bin/\uDCFF\n 4755 1700000000 7",
            "FILE usr/bin/app 644 1700000000 3",
            "HARDLINK usr/bin/link 644 1700000000 0",
            "SYMLINK usr/bin/symlink 777 1700000000 0",
            "CHARACTER dev/null 600 1700000000 0",
            "FIFO run/pipe 600 1700000000 0"),
        back.entries().stream().map(LayerIndexTest::shown).toList());
  }

  private static String shown(IndexEntry indexed) {
    var entry = indexed.entry();
    return "%s %s %o %d %d"
        .formatted(entry.type(), entry.path(), entry.mode(), entry.mtime(), entry.size());
  }

  @Test
  void holdsTheFilesThatNameUsers() throws IOException {
    var index = index();
    var passwd = index.entries().get(2);

    assertEquals("etc/passwd", passwd.entry().path().toString());
    assertArrayEquals(
        "root:x:0:0::/root:/bin/sh".getBytes(UTF_8),
        index.content(passwd.entry().path(), passwd.offset()).orElseThrow());
    assertTrue(index.content(passwd.entry().path(), passwd.offset() + 512).isEmpty());
  }

  @Test
  void damagedBytesAreAnIoExceptionAndNothingElse() throws IOException {
    var good = index().toBytes();
    var random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      var bad = good.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        bad[15 + random.nextInt(bad.length - 15)] = (byte) random.nextInt();
      }
      try {
        assertNotNull(LayerIndex.parse(bad).toBytes()); // some changes make another good index
      } catch (IOException damaged) {
        assertNotNull(damaged.getMessage());
      }
    }
  }

  @Test
  void aPieceOfAnIndexOrMoreThanOneIsRefused() throws IOException {
    var good = index().toBytes();
    for (int length = 0; length < good.length; length++) {
      var cut = Arrays.copyOf(good, length);
      assertThrows(IOException.class, () -> LayerIndex.parse(cut), "of length " + length);
    }
    assertThrows(IOException.class, () -> LayerIndex.parse(Arrays.copyOf(good, good.length + 1)));
    assertThrows(IOException.class, () -> LayerIndex.parse("something else".getBytes(UTF_8)));
  }

  /// A count that reads as less than nothing would send who walks the index past its end.
  @Test
  void moreThanTheBytesCanHoldIsRefused() throws IOException {
    var many = HexFormat.of().parseHex("ffffffffffffffffff01");
    for (int at = 0; at < 4; at++) {
      var bytes = new ByteArrayOutputStream();
      bytes.writeBytes("jbuild-index-1\n".getBytes(UTF_8));
      bytes.writeBytes(new byte[at]);
      bytes.writeBytes(many);
      bytes.writeBytes(new byte[3 - at]);
      assertThrows(IOException.class, () -> LayerIndex.parse(bytes.toByteArray()), "count " + at);
    }
  }

  /// Each content that is asked for takes a walk over the index: there are two at most.
  @Test
  void contentThatNobodyWouldKeepIsRefused() throws IOException {
    for (var path : List.of("etc/passwd", "etc/group")) {
      assertEquals(0, LayerIndex.parse(keeping(path, LayerIndex.LONGEST_KEPT)).size());
      assertThrows(
          IOException.class, () -> LayerIndex.parse(keeping(path, LayerIndex.LONGEST_KEPT + 1)));
    }
    assertThrows(IOException.class, () -> LayerIndex.parse(keeping("etc/shadow", 1)));
  }

  private static byte[] keeping(String path, int size) throws IOException {
    var draft = new IndexDraft();
    draft.keep(ArchivePath.of(path), new byte[size]);
    return draft.finish().toBytes();
  }

  /// A path that each entry repeats is a few bytes an entry in the index, and all of it in memory.
  @Test
  void pathsThatExpandWithoutMeasureAreRefused() throws IOException {
    assertThrows(IOException.class, () -> LayerIndex.parse(repeating("a".repeat(100_000), 1)));
    assertThrows(IOException.class, () -> LayerIndex.parse(repeating("a".repeat(60_000), 3000)));
    var long4k = ("a".repeat(200) + "/").repeat(20);
    assertEquals(900, LayerIndex.parse(repeating(long4k, 900)).entries().size());
  }

  /// What nobody writes so would be another name for something, or hide what it does.
  @Test
  void strangePathsAmongTheEntriesAreRefused() throws IOException {
    for (var path : List.of("", "a", "a/b", "a/.b", "a/..b", "a/wh.b", "a/.wh")) {
      assertEquals(1, LayerIndex.parse(named(path)).entries().size(), path);
    }
    for (var path :
        List.of("/a", "a/", "a//b", ".", "a/./b", "a/..", "../a", "a\0", "a/.wh.b", ".wh.a/b")) {
      assertThrows(IOException.class, () -> LayerIndex.parse(named(path)), path);
    }
    // A name that only what it shares with the one before makes strange.
    assertThrows(IOException.class, () -> LayerIndex.parse(named("a/.wh", ".b")));
    assertThrows(IOException.class, () -> LayerIndex.parse(named("a/.", ".")));
    assertEquals(2, LayerIndex.parse(named("a/.w", "x.b")).entries().size());
  }

  /// The index of directories of which each is called as the one before and something more.
  private static byte[] named(String... parts) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes("jbuild-index-1\n".getBytes(UTF_8));
    bytes.write(parts.length);
    int length = 0;
    for (var part : parts) {
      bytes.write(length);
      bytes.write(part.length());
      bytes.writeBytes(part.getBytes(UTF_8));
      bytes.writeBytes(new byte[] {1, 0, 0, 0, 0, 0}); // a directory without permissions
      length += part.length();
    }
    bytes.writeBytes(new byte[3]); // nothing is hidden, opaque or kept
    return bytes.toByteArray();
  }

  private static byte[] repeating(String path, int count) throws IOException {
    var draft = new IndexDraft();
    for (int i = 0; i < count; i++) {
      draft.entry(directory(path + i), 0, null, IndexEntry.NO_SUM);
    }
    return draft.finish().toBytes();
  }

  private static TarEntry directory(String path) {
    return new TarEntry(
        ArchivePath.of(path.getBytes(UTF_8)),
        TarEntry.Type.DIRECTORY,
        0755,
        0,
        0,
        0,
        0,
        new byte[0],
        ArchivePath.ROOT,
        0,
        0,
        Collections.emptySortedMap());
  }
}
