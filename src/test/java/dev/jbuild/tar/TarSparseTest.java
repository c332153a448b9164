package dev.jbuild.tar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.tar.TarForge.Block;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sparse files of all kinds: whole when read, bounded when hostile (case 23).
class TarSparseTest {

  private static final String OLD = "ustar  \0";

  @Test
  void oldGnuSparseFilesAreReadWhole() throws IOException {
    var block = old("f", 6, 12);
    region(block, 386, 2, 3);
    region(block, 410, 9, 3);

    var tar = ReadTar.of(new TarForge().block(block).content(bytes("abcxyz")).file("next", "n"));

    assertEquals(List.of("f", "next"), tar.paths());
    assertEquals("\0\0abc\0\0\0\0xyz", text(tar.contents().getFirst()));
    assertEquals(12, tar.entries().getFirst().size());
  }

  @Test
  void theMapOfAnOldGnuSparseFileGoesOnInBlocksOfItsOwn() throws IOException {
    var block = old("f", 30, 60).text(482, "\1");
    for (int i = 0; i < 4; i++) {
      region(block, 386 + 24 * i, 2L * i, 1);
    }
    var more = new ByteArrayOutputStream();
    for (int i = 4; i < 30; i++) {
      if (i == 25) {
        more.writeBytes(new byte[] {1, 0, 0, 0, 0, 0, 0, 0});
      }
      more.writeBytes(String.format("%011o\0%011o\0", 2L * i, 1).getBytes(UTF_8));
    }
    var stored = new byte[30];
    Arrays.fill(stored, (byte) 'x');

    var tar = ReadTar.of(new TarForge().block(block).content(more.toByteArray()).content(stored));

    assertEquals("x\0".repeat(30), text(tar.contents().getFirst()));
  }

  @Test
  void allThreePaxKindsGiveTheSameFile() throws IOException {
    var zero =
        new TarForge()
            .pax(
                "GNU.sparse.size=9",
                "GNU.sparse.numblocks=2",
                "GNU.sparse.offset=1",
                "GNU.sparse.numbytes=2",
                "GNU.sparse.offset=5",
                "GNU.sparse.numbytes=1")
            .file("f", "abc");
    var one =
        new TarForge()
            .pax(
                "GNU.sparse.size=9",
                "GNU.sparse.numblocks=2",
                "GNU.sparse.name=f",
                "GNU.sparse.map=1,2,5,1")
            .file("GNUSparseFile.1/f", "abc");
    var two = version1("f", 9, "2\n1\n2\n5\n1\n", "abc");

    for (var forge : List.of(zero, one, two)) {
      var tar = ReadTar.of(forge.file("next", "n"));
      assertEquals(List.of("f", "next"), tar.paths());
      assertEquals("\0ab\0\0c\0\0\0", text(tar.contents().getFirst()));
      assertEquals("n", text(tar.contents().getLast()));
    }
  }

  @Test
  void aFileOfOneHoleIsZeros() throws IOException {
    var tar = ReadTar.of(version1("f", 70_000, "1\n70000\n0\n", ""));
    assertArrayEquals(new byte[70_000], tar.contents().getFirst());

    var old = old("g", 0, 1000);
    assertArrayEquals(new byte[1000], ReadTar.of(new TarForge().block(old)).contents().getFirst());
  }

  @Test
  void theContentOfASparseFileHasNoPlaceInTheTar() throws IOException {
    var bytes = version1("f", 9, "1\n1\n3\n", "abc").file("next", "n").tar();
    var reader = new TarReader(new ByteArrayInputStream(bytes), TarLimits.DEFAULT);

    assertNotNull(reader.next());
    assertEquals(-1, reader.contentOffset());
    assertEquals(4, reader.content().skip(4));
    assertEquals("\0\0\0\0\0", text(reader.content().readAllBytes()));
    assertNotNull(reader.next());
    assertEquals("n", text(reader.content().readAllBytes()));
  }

  /// CVE-2025-58183: the count is nothing to allocate by.
  @Test
  void case23_tooManyRegionsAreRefused() {
    assertRefused(version1("bomb", 9, "10000000\n1\n3\n", "abc"), "\"bomb\"", "sparse map");
    assertRefused(version1("bomb", 9, "999999999999999999\n", "abc"), "sparse map");
    var regions = new StringBuilder("1000001\n");
    for (int i = 0; i <= 1_000_000; i++) {
      regions.append(2 * i).append("\n0\n");
    }
    assertRefused(version1("bomb", 1L << 30, regions.toString(), ""), "more than 1000000 regions");
  }

  @Test
  void case23_hugeSizesAreRefused() {
    assertRefused(
        version1("eib", 1L << 60, "1\n0\n3\n", "abc"), "\"eib\"", "more than is accepted");
    assertRefused(new TarForge().block(old("eib", 0, 0).base256(483, 12, 1L << 60)), "eib");
    assertRefused(version1("holes", 1L << 35, "1\n0\n3\n", "abc"), "bytes of holes");
    var many = new TarForge();
    for (int i = 0; i < 5; i++) {
      many.raw(version1("f" + i, 5L << 30, "1\n0\n3\n", "abc").bytes());
    }
    assertThrows(
        TarFormatException.class,
        () -> {
          var reader = new TarReader(new ByteArrayInputStream(many.tar()), TarLimits.DEFAULT);
          while (reader.next() != null) {
            // the holes of all files count together
          }
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2\n5\n1\n1\n2\n",
        "2\n1\n2\n2\n1\n",
        "1\n8\n3\n",
        "1\n0\n2\n",
        "1\n0\n4\n",
        "1\n-1\n3\n",
        "1\n0x1\n3\n",
        "1\n\n3\n",
        "1\n999999999999999999\n999999999999999999\n",
        "1\n0000000000000000000000000\n3\n",
        "3\n0\n3\n",
        "abc\n"
      })
  void case23_mapsThatCannotBeAreRefused(String map) {
    assertRefused(version1("f", 9, map, "abc"), "\"f\"", "sparse map");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GNU.sparse.map=0,3,",
        "GNU.sparse.map=0,3,x,1",
        "GNU.sparse.map=0",
        "GNU.sparse.map=0,2",
        "GNU.sparse.map=8,3",
        "GNU.sparse.numblocks=2|GNU.sparse.map=0,3",
        "GNU.sparse.map=0,3|GNU.sparse.map=0,3",
        "GNU.sparse.offset=0",
        "GNU.sparse.numbytes=3",
        "GNU.sparse.offset=0|GNU.sparse.offset=0|GNU.sparse.numbytes=3",
        "GNU.sparse.offset=0|GNU.sparse.numbytes=3|GNU.sparse.map=0,3",
        "GNU.sparse.major=2|GNU.sparse.minor=0|GNU.sparse.map=0,3",
        "GNU.sparse.major=0|GNU.sparse.minor=2|GNU.sparse.map=0,3",
        "GNU.sparse.size=-9|GNU.sparse.map=0,3",
        "GNU.sparse.name=other"
      })
  void case23_recordsThatCannotBeAreRefused(String records) {
    var all = ("GNU.sparse.size=9|" + records).split("\\|", -1);
    assertRefused(new TarForge().pax(all).file("f", "abc"), "sparse");
  }

  @Test
  void aSparseFileWithoutItsSizeOrThatIsNoFileIsRefused() {
    assertRefused(new TarForge().pax("GNU.sparse.map=0,3").file("f", "abc"), "without the size");
    assertRefused(
        new TarForge().pax("GNU.sparse.size=9", "GNU.sparse.map=").directory("d/"), "content");
    assertRefused(new TarForge().block(new Block("f").type('S')), "none of GNU tar's");
    assertRefused(
        new TarForge().pax("GNU.sparse.size=0", "GNU.sparse.map=").block(old("f", 0, 0)),
        "none of GNU tar's");
  }

  @Test
  void anOldMapThatGoesOnAfterItsEndIsRefused() {
    var block = old("f", 0, 9).text(482, "\1");
    assertRefused(new TarForge().block(block).raw(new byte[512]), "goes on after its end");
  }

  @Test
  void aMapThatIsCutOffIsRefused() {
    var block = old("f", 4, 9).text(482, "\1");
    for (int i = 0; i < 4; i++) {
      region(block, 386 + 24 * i, 2L * i, 1);
    }
    var cut = new TarForge().block(block).bytes();
    assertThrows(TarFormatException.class, () -> ReadTar.of(cut));
    var map = version1("f", 9, "1\n0\n3\n", "abc").bytes();
    var half = Arrays.copyOf(map, map.length - 1024);
    assertThrows(TarFormatException.class, () -> ReadTar.of(half));
  }

  private static TarForge version1(String name, long size, String map, String stored) {
    var content = new ByteArrayOutputStream();
    content.writeBytes(map.getBytes(UTF_8));
    content.writeBytes(new byte[-content.size() & 511]);
    content.writeBytes(stored.getBytes(UTF_8));
    return new TarForge()
        .pax(
            "GNU.sparse.major=1",
            "GNU.sparse.minor=0",
            "GNU.sparse.name=" + name,
            "GNU.sparse.realsize=" + size)
        .file("GNUSparseFile.1/" + name, content.toByteArray());
  }

  private static Block old(String name, long stored, long size) {
    return new Block(name).type('S').magic(OLD).size(stored).octal(483, 12, size);
  }

  private static void region(Block block, int at, long offset, long length) {
    block.octal(at, 12, offset).octal(at + 12, 12, length);
  }

  private static void assertRefused(TarForge forge, String... told) {
    var failure = assertThrows(TarFormatException.class, () -> ReadTar.of(forge.tar()));
    var message = String.valueOf(failure.getMessage());
    for (var part : told) {
      assertTrue(message.contains(part), message + " does not say " + part);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }
}
