package dev.jbuild.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.tar.TarForge.Block;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Archives made to do harm, or broken; the numbers are those of the list of cases.
class TarHostileTest {

  @ParameterizedTest
  @ValueSource(strings = {"../tmp/evil", "a/../../evil", "./../evil", "..", "a/..", "/../x"})
  void case1_aNameThatClimbsIsRefused(String name) {
    assertRefused(new TarForge().file(name, ""), name, "climbs", "byte 0");
    assertRefused(new TarForge().directory(name + "/"), name);
    assertRefused(new TarForge().pax("path=" + name).file("f", ""), name);
    assertRefused(new TarForge().longName(name).file("f", ""), name);
    assertRefused(new TarForge().block(new Block("x").prefix(name)), name);
    assertRefused(new TarForge().file("f", "").hardlink("link", name), name, "link");
  }

  @ParameterizedTest
  @ValueSource(strings = {".", "/", "/.", "//", ""})
  void case3_onlyADirectoryCanBeTheRoot(String name) throws IOException {
    for (char type : new char[] {'1', '2', '3', '4', '6', '7', 'S'}) {
      if (name.endsWith("/") && type == '7') {
        continue; // a directory of old
      }
      assertRefused(
          new TarForge().block(new Block(name).type(type).link("x").magic("ustar  \0")),
          "only a directory can be the root");
    }
    assertTrue(ReadTar.of(new TarForge().directory(name)).only().path().isRoot());
  }

  @Test
  void case3_aFileCannotBeTheRootButOldDirectoriesLookLikeFiles() throws IOException {
    assertRefused(new TarForge().file(".", ""), "root");
    assertRefused(new TarForge().file("", ""), "root");
    assertTrue(ReadTar.of(new TarForge().file("./", "")).only().isDirectory());
  }

  @Test
  void case7_aHardLinkToItselfOrTheRootOrNothingIsRefused() {
    assertRefused(new TarForge().hardlink("a/b", "./a//b"), "a/b", "hard link");
    assertRefused(new TarForge().hardlink("a", "/"), "hard link");
    assertRefused(new TarForge().hardlink("a", ""), "without a target");
    assertRefused(new TarForge().symlink("a", ""), "without a target");
  }

  /// CVE-2025-62518: the size of the PAX header counts for the file, and for nothing before it.
  @Test
  void case19_whatAPaxSizeCoversIsNeverReadAsEntries() throws IOException {
    var smuggled = new TarForge().file("evil", "").bytes();

    var tar =
        ReadTar.of(
            new TarForge()
                .pax("size=" + smuggled.length)
                .longName("honest")
                .block(new Block("cut").size(0))
                .raw(smuggled)
                .file("last", ""));

    assertEquals(List.of("honest", "last"), tar.paths());
    assertEquals(512, tar.contents().getFirst().length);
  }

  @Test
  void case19_twoHeadersThatNameAnEntryAreRefusedUnlessTheyAgree() throws IOException {
    assertRefused(new TarForge().pax("path=a").longName("b").file("c", ""), "\"a\", \"b\"");
    assertRefused(new TarForge().longLink("a").pax("linkpath=b").symlink("c", "d"), "\"b\", \"a\"");
    assertRefused(new TarForge().longName("a").longName("b").file("c", ""), "two long names");
    assertRefused(new TarForge().longLink("a").longLink("b").symlink("c", "x"), "two long link");
    assertRefused(new TarForge().pax("uid=1").pax("uid=2").file("c", ""), "two extended headers");
    assertRefused(new TarForge().pax("uid=1").globalPax("uid=2").file("c", ""), "between");
    assertRefused(new TarForge().longName("a").globalPax("uid=2").file("c", ""), "between");
    assertEquals(
        List.of("a"), ReadTar.of(new TarForge().pax("path=a").longName("a").file("c", "")).paths());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"size=512", "path=x", "linkpath=x", "GNU.sparse.major=1", "SCHILY.xattr.user.a=b"})
  void case19_aGlobalHeaderCannotNameOrShapeEntries(String record) {
    assertRefused(
        new TarForge().globalPax(record).file("f", ""), record.substring(0, record.indexOf('=')));
  }

  @Test
  void case19_contentWhereThereCanBeNoneIsRefused() throws IOException {
    for (char type : new char[] {'2', '3', '4', '5', '6'}) {
      assertRefused(new TarForge().block(new Block("e").type(type).link("x").size(512)), "content");
      assertRefused(
          new TarForge().pax("size=512").block(new Block("e").type(type).link("x")), "content");
    }
    assertRefused(new TarForge().pax("size=512").hardlink("h", "f"), "content");
    assertRefused(new TarForge().block(new Block("old/").size(512)), "content");
    // what old programs wrote, and what GNU tar and Docker pass over
    var old = new TarForge().block(new Block("h").type('1').link("f").size(512)).file("next", "");
    assertEquals(List.of("h", "next"), ReadTar.of(old).paths());
    assertEquals(0, ReadTar.of(old).entries().getFirst().size());
  }

  @Test
  void case19_aLoneZeroBlockDoesNotHideWhatFollows() {
    assertRefused(
        new TarForge().file("a", "").raw(new byte[512]).file("hidden", ""), "lone zero block");
  }

  @Test
  void case20_numbersThatCannotBeAreRefusedWithFieldAndOffset() {
    assertRefused(
        new TarForge().file("a", "").block(new Block("n").text(124, "-0000000001")),
        "\"n\"",
        "size",
        "byte " + (512 + 124));
    assertRefused(new TarForge().block(new Block("n").base256(124, 12, -1)), "size", "byte 124");
    assertRefused(new TarForge().block(new Block("n").base256(108, 8, -1)), "uid", "byte 108");
    assertRefused(new TarForge().block(new Block("n").text(100, "0000x44\0")), "mode");
    assertRefused(new TarForge().block(new Block("n").text(124, "12 34\0")), "size");
    assertRefused(new TarForge().block(new Block("n").text(124, "00000000008")), "size");
    assertRefused(
        new TarForge().block(new Block("n").text(124, "\u00bf" + "\u00ff".repeat(11))), "size");
    assertRefused(
        new TarForge().block(new Block("n").text(124, "\u00c0" + "\0".repeat(11))), "size");
    assertRefused(new TarForge().device("d", '3', 4096, 0), "device major");
    assertRefused(new TarForge().device("d", '4', 0, 1 << 20), "device minor");
    assertRefused(
        new TarForge().block(new Block("d").type('3').base256(337, 8, -1)), "device minor");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "size=-1",
        "size=99999999999999999999",
        "size=9223372036854775808",
        "size=1e3",
        "size= 1",
        "uid=-1",
        "uid=4294967295",
        "gid=99999999999",
        "path=a\0b",
        "linkpath=a\0b",
        "mtime=",
        "mtime=x",
        "mtime=-",
        "mtime=1.x",
        "mtime=9e9999999",
        "mtime=1099511627777",
        "mtime=-1099511627776.5",
        "mtime=999999999999999999999",
        "SCHILY.xattr.=x",
        "SCHILY.xattr.a\0b=x"
      })
  void case20_paxValuesThatCannotBeAreRefused(String record) throws IOException {
    var forge = new TarForge().pax(record).file("f", "");
    if (record.equals("mtime=")) {
      assertEquals(0, ReadTar.of(forge).only().mtime());
    } else {
      assertRefused(forge, record.substring(0, record.indexOf('=')).split("\0", -1)[0]);
    }
  }

  /// To skip a bad record would make another archive of it than others see.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "x path=a\n",
        "12 path=abc",
        "11 path=abc\n",
        "13 path=abc\n",
        "99 path=abc\n",
        "0 path=abc\n",
        "-12 path=abc\n",
        "+12 path=abc\n",
        " 12 path=abc\n",
        "12\tpath=abc\n",
        "11 pathabc\n",
        "8 =abc\n",
        "5 =\n",
        "3 \n",
        "12",
        "12 ",
        "12 path=abcX",
        "12 path=abc\n\0\0",
        "99999999999999999999 path=abc\n",
        "4294967308 path=abc\n",
        "\n"
      })
  void case20_malformedRecordsAreRefusedNotSkipped(String records) throws IOException {
    var good = new TarForge().extension('x', "12 path=abc\n".getBytes(ISO_8859_1)).file("f", "");
    assertEquals(List.of("abc"), ReadTar.of(good).paths());
    assertRefused(
        new TarForge().extension('x', records.getBytes(ISO_8859_1)).file("f", ""),
        "PAX record",
        "byte 5");
  }

  /// CVE-2023-42503.
  @Test
  void case21_timeBombsAreRefusedAtOnce() {
    for (var value :
        List.of("1." + "0".repeat(300_000), "9".repeat(300_000), "9e9999999", "0".repeat(65))) {
      var forge = new TarForge().pax("mtime=" + value).file("f", "");
      assertTimeoutPreemptively(Duration.ofSeconds(2), () -> assertRefused(forge, "mtime"));
    }
  }

  @Test
  void case22_theIdThatMeansLeaveItIsRefused() {
    assertRefused(new TarForge().block(new Block("f").base256(108, 8, 0xFFFFFFFFL)), "uid");
    assertRefused(new TarForge().block(new Block("f").base256(116, 8, 1L << 40)), "gid");
    assertRefused(new TarForge().pax("gid=4294967295").file("f", ""), "gid", "\"f\"");
  }

  @Test
  void case24_extensionsHaveALimitWhateverTheySay() {
    var huge = new Block("x").type('x').size(100L << 20);
    assertRefused(new TarForge().block(huge), "104857600", "more than is accepted");
    assertRefused(
        new TarForge().block(new Block("l").type('L').size(1L << 30)), "more than is accepted");
    assertRefused(
        new TarForge().block(new Block("l").type('K').base256(124, 12, Long.MAX_VALUE)),
        "more than is accepted");
    assertRefused(new TarForge().extension('x', new byte[(1 << 20) + 1]), "more than is accepted");
    assertRefused(new TarForge().longName("n".repeat(65_537)).file("f", ""), "65537 bytes");
    assertRefused(new TarForge().pax("path=" + "n".repeat(65_537)).file("f", ""), "65537 bytes");
    assertRefused(
        new TarForge().pax("linkpath=" + "n".repeat(65_537)).symlink("f", ""), "65537 bytes");
  }

  @Test
  void case24_aMillionRecordsInOneHeaderStayWithinIt() throws IOException {
    var record = TarForge.records("a=b");
    var records = new byte[(1 << 20) / record.length * record.length];
    for (int i = 0; i < records.length; i += record.length) {
      System.arraycopy(record, 0, records, i, record.length);
    }

    assertEquals(
        List.of("f"), ReadTar.of(new TarForge().extension('x', records).file("f", "")).paths());
  }

  @Test
  void case24_endlessGlobalHeadersEndAtTheLimitOfEntries() {
    var header = new TarForge().globalPax("comment=x").bytes();
    var limits = TarLimits.DEFAULT.withMaxEntries(10_000);

    var failure =
        assertThrows(TarFormatException.class, () -> ReadTar.of(new Repeated(header), limits));

    assertTrue(messageOf(failure).contains("more than 10000 entries"), messageOf(failure));
  }

  @Test
  void case30_filesWithoutNumberAreReadUpToTheLimit() throws IOException {
    var header = new TarForge().file("f", "").bytes();
    var reader = new TarReader(new Repeated(header), TarLimits.DEFAULT.withMaxEntries(300_000));
    for (int i = 0; i < 300_000; i++) {
      var entry = reader.next();
      assertEquals(0, entry == null ? -1 : entry.size());
    }

    assertThrows(TarFormatException.class, reader::next);
    assertThrows(IOException.class, reader::next);
  }

  @Test
  void typesThatAreNotKnownAreRefusedByName() {
    for (char type : "DMNVXAIZ8 ".toCharArray()) {
      assertRefused(
          new TarForge().block(new Block("odd").type(type)), "odd", "'" + type + "'", "supported");
    }
    assertRefused(new TarForge().block(new Block("odd").type('\u00ff')), "odd", "supported");
  }

  @Test
  void namesInMessagesCannotMoveTheCursor() {
    var message = refused(new TarForge().file("../\u001b[2J\n", "").tar());

    assertFalse(message.contains("\u001b"), message);
    assertFalse(message.contains("\n"), message);
  }

  @Test
  void whatIsNoTarIsCalledThat() {
    assertTrue(refused(new byte[0]).contains("not a tar"));
    assertTrue(refused("text\n".repeat(200).getBytes(UTF_8)).contains("not a tar"));
    var wrong = new Block("f").checksum("0000000\0");
    assertTrue(refused(new TarForge().file("a", "").block(wrong).tar()).contains("byte 512"));
  }

  @Test
  void anExtendedHeaderWithoutAnEntryIsRefused() {
    assertRefused(new TarForge().pax("path=a"), "without an entry");
    assertRefused(new TarForge().longName("a"), "without an entry");
  }

  /// Case 26: no cut goes unnoticed, but one between the two zero blocks.
  @Test
  void case26_aTarThatIsCutOffAnywhereIsRefused() throws IOException {
    var tar =
        new TarForge()
            .directory("d/")
            .pax("path=long")
            .file("f", new byte[1000])
            .longName("l")
            .symlink("s", "t")
            .bytes();
    for (int length = 0; length < tar.length; length++) {
      if (length % 512 < 2 || length % 512 == 511) {
        var cut = Arrays.copyOf(tar, length);
        var message = refused(cut);
        assertTrue(message.contains("of the tar)"), message);
      }
    }
    assertTrue(refused(tar).contains("closing zero blocks"));
    for (int length : new int[] {1, 511, 513, 1023}) {
      refused(Arrays.copyOf(tar, tar.length + length));
    }
  }

  /// Whatever byte is wrong: entries or an IOException, nothing else, and soon.
  @Test
  void aFlippedByteNeverGivesAnythingButAnIOException() {
    var tar =
        new TarForge()
            .globalPax("uid=3")
            .pax("path=abc", "mtime=1.5", "SCHILY.xattr.user.x=y", "size=3")
            .file("f", "abc")
            .longName("long")
            .longLink("target")
            .symlink("s", "t")
            .block(new Block("v7").type('\0').magic(""))
            .pax(
                "GNU.sparse.major=1",
                "GNU.sparse.minor=0",
                "GNU.sparse.name=sp",
                "GNU.sparse.realsize=99")
            .file("GNUSparseFile.0/sp", "1\n4\n3\n" + "\0".repeat(506) + "abc")
            .tar();
    var random = new Random(5);
    for (int at = 0; at < tar.length; at++) {
      var flipped = tar.clone();
      flipped[at] ^= (byte) (1 + random.nextInt(255));
      readOrRefuse(flipped);
      fixChecksum(flipped, at / 512 * 512);
      readOrRefuse(flipped);
    }
  }

  private static void readOrRefuse(byte[] tar) {
    try {
      ReadTar.of(tar);
    } catch (IOException expected) {
      assertFalse(messageOf(expected).isEmpty());
    }
  }

  private static void fixChecksum(byte[] tar, int block) {
    Arrays.fill(tar, block + 148, block + 156, (byte) ' ');
    int sum = 0;
    for (int i = block; i < block + 512; i++) {
      sum += tar[i] & 0xFF;
    }
    System.arraycopy(String.format("%06o\0 ", sum).getBytes(UTF_8), 0, tar, block + 148, 8);
  }

  private static String refused(byte[] tar) {
    return messageOf(assertThrows(TarFormatException.class, () -> ReadTar.of(tar)));
  }

  private static String messageOf(IOException failure) {
    return String.valueOf(failure.getMessage());
  }

  private static void assertRefused(TarForge forge, String... told) {
    var message = refused(forge.tar());
    for (var part : told) {
      assertTrue(message.contains(part), message + " does not say " + part);
    }
    assertTrue(message.contains("(at byte "), message);
  }

  /// The same bytes again and again.
  private static final class Repeated extends InputStream {
    private final byte[] bytes;
    private InputStream now = InputStream.nullInputStream();

    Repeated(byte[] bytes) {
      var many = new byte[bytes.length * 64];
      for (int i = 0; i < 64; i++) {
        System.arraycopy(bytes, 0, many, i * bytes.length, bytes.length);
      }
      this.bytes = many;
    }

    @Override
    public int read() {
      throw new AssertionError("byte by byte");
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int n = now.read(into, offset, length);
      if (n > 0) {
        return n;
      }
      now = new ByteArrayInputStream(bytes);
      return now.read(into, offset, length);
    }
  }
}
