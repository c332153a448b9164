package dev.jbuild.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.tar.TarForge.Block;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Archives as they should be.
class TarReaderTest {

  @Test
  void entriesOfAllTypesAreRead() throws IOException {
    var tar =
        ReadTar.of(
            new TarForge()
                .directory("./")
                .directory("d/")
                .file("d/f", "text")
                .symlink("l", "/anywhere/../at all")
                .hardlink("h", "d/f")
                .device("c", '3', 1, 3)
                .device("b", '4', 4095, 1_048_575)
                .fifo("p")
                .block(new Block("contiguous").type('7')));

    assertEquals(List.of("", "d", "d/f", "l", "h", "c", "b", "p", "contiguous"), tar.paths());
    var types = tar.entries().stream().map(entry -> entry.type().name()).toList();
    assertEquals(
        List.of(
            "DIRECTORY",
            "DIRECTORY",
            "FILE",
            "SYMLINK",
            "HARDLINK",
            "CHARACTER",
            "BLOCK",
            "FIFO",
            "FILE"),
        types);
    assertArrayEquals("text".getBytes(UTF_8), tar.contents().get(2));
    assertArrayEquals("/anywhere/../at all".getBytes(UTF_8), tar.entries().get(3).link());
    assertEquals(ArchivePath.of("d/f"), tar.entries().get(4).hardLink());
    assertEquals(4095, tar.entries().get(6).major());
    assertEquals(1_048_575, tar.entries().get(6).minor());
  }

  @Test
  void aHeaderOfV7WithoutMagicIsRead() throws IOException {
    var tar =
        ReadTar.of(
            new TarForge()
                .block(new Block("dir/").type('\0').magic("").mode(040755))
                .block(new Block("dir/f").type('\0').magic("").prefix("not a prefix")));

    assertEquals(List.of("dir", "dir/f"), tar.paths());
    assertTrue(tar.entries().get(0).isDirectory());
    assertEquals(0755, tar.entries().get(0).mode());
  }

  @Test
  void aChecksumOverSignedBytesIsAccepted() throws IOException {
    var block = new Block("caf\u00e9".getBytes(ISO_8859_1));
    int unsigned = Integer.parseInt(new String(block.bytes(), 148, 6, ISO_8859_1), 8);
    block.checksum(String.format("%06o\0 ", unsigned - 256));

    assertEquals(List.of("caf\uDCE9"), ReadTar.of(new TarForge().block(block)).paths());
  }

  @Test
  void thePrefixOfAPosixHeaderStandsBeforeItsName() throws IOException {
    var posix = new Block("name").prefix("a/prefix");
    var gnu = new Block("name").magic("ustar  \0").prefix("a/prefix");

    assertEquals(
        List.of("a/prefix/name", "name"),
        ReadTar.of(new TarForge().block(posix).block(gnu)).paths());
  }

  @Test
  void numbersMayBeBlankOrInBase256() throws IOException {
    var block = new Block("f").base256(108, 8, 3_000_000_000L).base256(136, 12, -5);
    block.text(116, "        ").text(100, "   755 \0");

    var entry = ReadTar.of(new TarForge().block(block)).only();

    assertEquals(3_000_000_000L, entry.uid());
    assertEquals(0, entry.gid());
    assertEquals(-5, entry.mtime());
    assertEquals(0755, entry.mode());
  }

  @Test
  void gnuLongNamesAreRead() throws IOException {
    var name = "n".repeat(3000);
    var tar =
        ReadTar.of(
            new TarForge()
                .longLink("t".repeat(200))
                .longName(name)
                .block(new Block("cut").type('2').link("cut")));

    assertEquals(name, tar.only().path().toString());
    assertEquals(200, tar.only().link().length);
  }

  @Test
  void aPaxHeaderWinsOverTheBlock() throws IOException {
    var tar =
        ReadTar.of(
            new TarForge()
                .pax(
                    "path=real/name",
                    "uid=4000000000",
                    "gid=5",
                    "size=4",
                    "mtime=12.75",
                    "ctime=nonsense",
                    "comment=anything",
                    "uname=nobody",
                    "SCHILY.acl.access=user::rwx")
                .block(new Block("made up").size(0).text(108, "garbage!"))
                .content("text".getBytes(UTF_8))
                .file("next", ""));

    assertEquals(List.of("real/name", "next"), tar.paths());
    var entry = tar.entries().getFirst();
    assertEquals(4_000_000_000L, entry.uid());
    assertEquals(5, entry.gid());
    assertEquals(12, entry.mtime());
    assertArrayEquals("text".getBytes(UTF_8), tar.contents().getFirst());
    assertTrue(entry.xattrs().isEmpty());
    assertEquals(0, tar.entries().get(1).uid());
  }

  @Test
  void theLastOfTwoEqualKeysWinsAndAnEmptyValueTakesItBack() throws IOException {
    var tar =
        ReadTar.of(
            new TarForge()
                .pax("path=a", "path=b", "uid=7", "uid=")
                .block(new Block("c").owner(9, 9)));

    assertEquals(List.of("b"), tar.paths());
    assertEquals(9, tar.only().uid());
  }

  @Test
  void aGlobalHeaderSpeaksOfAllThatFollows() throws IOException {
    var tar =
        ReadTar.of(
            new TarForge()
                .file("before", "")
                .globalPax("comment=3f1a", "uid=7", "mtime=99")
                .file("a", "")
                .pax("uid=8")
                .file("b", "")
                .file("c", "")
                .globalPax("uid=")
                .file("d", ""));

    assertEquals(List.of(0L, 7L, 8L, 7L, 0L), tar.entries().stream().map(TarEntry::uid).toList());
    assertEquals(99, tar.entries().get(2).mtime());
  }

  /// `git archive` of an empty tree.
  @Test
  void anArchiveOfAGlobalHeaderAloneIsEmpty() throws IOException {
    assertEquals(List.of(), ReadTar.of(new TarForge().globalPax("comment=3f1a")).paths());
  }

  /// Case 18; binary values, names with an equals sign as GNU tar spells them.
  @Test
  void extendedAttributesAreBytes() throws IOException {
    var tar =
        ReadTar.of(
            new TarForge()
                .pax(
                    "SCHILY.xattr.security.capability=\1\0\0\2\u00ff\n\0=\0",
                    "SCHILY.xattr.user.empty=",
                    "SCHILY.xattr.user.a%3Db%25=x")
                .file("ping", ""));

    var xattrs = tar.only().xattrs();
    assertEquals(
        List.of("security.capability", "user.a=b%", "user.empty"), List.copyOf(xattrs.keySet()));
    assertArrayEquals(
        "\1\0\0\2\u00ff\n\0=\0".getBytes(ISO_8859_1), xattrs.get("security.capability"));
    assertArrayEquals(new byte[0], xattrs.get("user.empty"));
  }

  /// Case 18.
  @Test
  void aThousandAttributesAndOneOf64KiBAreRead() throws IOException {
    var records = new String[1001];
    for (int i = 0; i < 1000; i++) {
      records[i] = "SCHILY.xattr.user.n" + i + "=" + i;
    }
    records[1000] = "SCHILY.xattr.user.large=" + "v".repeat(65_536);

    var tar = ReadTar.of(new TarForge().pax(records).file("f", ""));

    assertEquals(1001, tar.only().xattrs().size());
  }

  @ParameterizedTest
  @CsvSource({
    "security.capability, true",
    "user.anything, true",
    "security.selinux, false",
    "security.ima, false",
    "security.evm, false",
    "system.posix_acl_access, false",
    "trusted.overlay.opaque, false",
    "trusted.other, false",
    "user.overlay.redirect, false",
    "user.overlayx, true"
  })
  void attributesOfOneHostAreNotPortable(String name, boolean portable) {
    assertEquals(portable, XattrName.isPortable(name));
  }

  /// Case 2: pinned; on Linux a backslash is a character like any other.
  @Test
  void absoluteNamesAreRelativeToTheRootAndBackslashesAreCharacters() throws IOException {
    var tar =
        ReadTar.of(
            new TarForge()
                .file("/etc/passwd", "")
                .file("//etc//./x", "")
                .file("\\tmp\\evil", "")
                .file("..\\..\\evil", "")
                .file("C:\\x", "")
                .file("C:..\\evil", "")
                .hardlink("h", "/etc/passwd"));

    assertEquals(
        List.of("etc/passwd", "etc/x", "\\tmp\\evil", "..\\..\\evil", "C:\\x", "C:..\\evil", "h"),
        tar.paths());
    assertEquals("etc/passwd", tar.entries().get(6).hardLink().toString());
  }

  /// Case 17.
  @Test
  void allTwelveBitsOfTheModeAreKept() throws IOException {
    assertEquals(
        06755, ReadTar.of(new TarForge().block(new Block("su").mode(0106755))).only().mode());
  }

  /// Case 21, 32: the fraction is dropped towards the past.
  @ParameterizedTest
  @CsvSource({
    "-1, -1",
    "1099511627776, 1099511627776",
    "-1099511627776, -1099511627776",
    "12.999999999, 12",
    "-0.5, -1",
    "-1.0000, -1",
    "-1.25, -2",
    "3., 3"
  })
  void timesAreWholeSeconds(String text, long seconds) throws IOException {
    var tar = ReadTar.of(new TarForge().pax("mtime=" + text).file("f", ""));

    assertEquals(seconds, tar.only().mtime());
  }

  /// Case 22.
  @ParameterizedTest
  @ValueSource(longs = {1000, 2_097_151, 1L << 31, 4_294_967_294L})
  void idsUpToTheLargestComeThrough(long id) throws IOException {
    var inBlock = new Block("f").base256(108, 8, id).base256(116, 8, id);
    var tar = ReadTar.of(new TarForge().block(inBlock).pax("uid=" + id, "gid=" + id).file("g", ""));

    assertEquals(List.of(id, id), tar.entries().stream().map(TarEntry::uid).toList());
    assertEquals(List.of(id, id), tar.entries().stream().map(TarEntry::gid).toList());
  }

  /// Case 29.
  @Test
  void aPathOf64KiBIsRead() throws IOException {
    var name = "d/".repeat(32_767) + "f";

    assertEquals(
        name,
        ReadTar.of(new TarForge().pax("path=" + name).file("f", "")).only().path().toString());
  }

  @Test
  void offsetsAreThoseOfThePlainTar() throws IOException {
    var bytes =
        new TarForge()
            .file("a", "1")
            .pax("path=b")
            .file("x", "22")
            .globalPax("uid=1")
            .file("c", "333")
            .tar();
    var reader = new TarReader(new ByteArrayInputStream(bytes), TarLimits.DEFAULT);

    assertNotNull(reader.next());
    assertEquals(0, reader.headerOffset());
    assertEquals(512, reader.contentOffset());
    assertNotNull(reader.next());
    assertEquals(1024, reader.headerOffset());
    assertEquals(1024 + 3 * 512, reader.contentOffset());
    assertNotNull(reader.next());
    assertEquals(4096, reader.headerOffset());
    assertEquals("333", new String(bytes, (int) reader.contentOffset(), 3, UTF_8));
  }

  @Test
  void contentMayBeLeftHalfReadAndDiesWithItsEntry() throws IOException {
    var big = new byte[200_000];
    Arrays.fill(big, (byte) 7);
    var bytes = new TarForge().file("a", big).file("b", "b").tar();
    var reader = new TarReader(new ByteArrayInputStream(bytes), TarLimits.DEFAULT);

    assertNotNull(reader.next());
    var content = reader.content();
    assertEquals(7, content.read());
    assertEquals(100, content.skip(100));
    assertEquals(7, content.read(new byte[70_000]) > 0 ? 7 : 0);
    assertNotNull(reader.next());
    assertEquals("b", new String(reader.content().readAllBytes(), UTF_8));
    assertThrows(IOException.class, content::read);
  }

  /// A hash of the stream must see every byte: nothing is skipped below, the end is read.
  @Test
  void everyByteOfTheStreamIsReadAndNoneIsSkipped() throws IOException {
    var tar = new TarForge().file("a", new byte[500_000]).tar();
    var bytes = Arrays.copyOf(tar, tar.length + 10_240);
    bytes[bytes.length - 1] = 'g'; // garbage behind the end
    var counted = new Counted(bytes);

    var reader = new TarReader(counted, TarLimits.DEFAULT);
    assertNotNull(reader.next());
    assertNull(reader.next());
    assertNull(reader.next());

    assertEquals(bytes.length, counted.count);
    assertFalse(counted.closed);
  }

  /// As GNU tar does.
  @Test
  void oneZeroBlockAtTheVeryEndIsEnough() throws IOException {
    var tar = new TarForge().file("a", "").raw(new byte[512]).bytes();

    assertEquals(List.of("a"), ReadTar.of(tar).paths());
    assertEquals(List.of(), ReadTar.of(new byte[512]).paths());
    assertEquals(List.of(), ReadTar.of(new byte[10_240]).paths());
  }

  @Test
  void aStreamThatComesInDripsReadsTheSame() throws IOException {
    var bytes = new TarForge().file("a", new byte[3000]).pax("path=b").file("x", "y").tar();
    var drips =
        new FilterInputStream(new ByteArrayInputStream(bytes)) {
          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            return super.read(into, offset, Math.min(7, length));
          }
        };

    assertEquals(List.of("a", "b"), ReadTar.of(drips, TarLimits.DEFAULT).paths());
  }

  /// What ADD asks of a file (an all-zero tar is copied as a file).
  @Test
  void aTarIsToldByItsFirstBlock() {
    assertTrue(TarReader.looksLikeTar(new TarForge().file("a", "").bytes()));
    assertTrue(TarReader.looksLikeTar(new TarForge().pax("path=a").bytes()));
    assertTrue(
        TarReader.looksLikeTar(new TarForge().block(new Block("v7").magic("").type('\0')).bytes()));
    assertFalse(TarReader.looksLikeTar(new byte[512]));
    assertFalse(TarReader.looksLikeTar("#!/bin/sh\n".repeat(60).getBytes(UTF_8)));
    assertFalse(TarReader.looksLikeTar(Arrays.copyOf(new TarForge().file("a", "").bytes(), 511)));
    assertFalse(TarReader.looksLikeTar(new byte[0]));
  }

  private static final class Counted extends InputStream {
    private final ByteArrayInputStream in;
    int count;
    boolean closed;

    Counted(byte[] bytes) {
      in = new ByteArrayInputStream(bytes);
    }

    @Override
    public int read() {
      throw new AssertionError("byte by byte");
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      int n = in.read(into, offset, length);
      count += Math.max(0, n);
      return n;
    }

    @Override
    public long skip(long n) {
      throw new AssertionError("skipped");
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
