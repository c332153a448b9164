package dev.jbuild.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the writer writes, and that the reader gives it back.
class TarWriterTest {

  private static final SortedMap<String, byte[]> NO_XATTRS = Collections.emptySortedMap();

  @Test
  void everyByteOfAHeaderIsFixed() throws IOException {
    var tar =
        written(TarEntry.file(ArchivePath.of("etc/motd"), 0644, 7, 8, 3, 1_700_000_000), "hi\n");

    var expected = new byte[4 * 512];
    put(expected, 0, "etc/motd");
    put(expected, 100, "0000644\0" + "0000007\0" + "0000010\0" + "00000000003\0" + "14524770400\0");
    put(expected, 148, "007451\0 0");
    put(expected, 257, "ustar\0" + "00");
    put(expected, 512, "hi\n");
    assertArrayEquals(expected, tar);
  }

  @Test
  void theRootIsADotWithASlashAndADirectoryEndsWithOne() throws IOException {
    var tar = new Written();
    tar.writer.begin(TarEntry.directory(ArchivePath.ROOT, 0755, 0, 0, 0));
    tar.writer.begin(TarEntry.directory(ArchivePath.of("a/b"), 0755, 0, 0, 0));
    tar.writer.finish();

    assertEquals("./", text(tar.bytes(), 0));
    assertEquals("a/b/", text(tar.bytes(), 512));
    assertEquals('5', tar.bytes()[156]);
    assertEquals(4 * 512, tar.bytes().length);
  }

  /// Case 29: splits at 100 and 155 bytes, never a cut.
  @ParameterizedTest
  @ValueSource(ints = {99, 100, 101, 255, 256, 257, 4096, 65_535})
  void namesOfAnyLengthComeBackWhole(int length) throws IOException {
    for (int step : new int[] {7, 100, 101, 155, 200, 255}) {
      var name = new byte[length];
      Arrays.fill(name, (byte) 'n');
      for (int i = step; i < length - 1; i += step + 1) {
        name[i] = '/';
      }
      var path = ArchivePath.of(name);
      var file = TarEntry.file(path, 0600, 0, 0, 0, 0);
      var directory = TarEntry.directory(path, 0700, 0, 0, 0);

      assertEquals(List.of(path), pathsOf(written(file, "")));
      assertEquals(List.of(path), pathsOf(written(directory, "")));
    }
  }

  @Test
  void aNameThatCanBeSplitNeedsNoExtendedHeader() throws IOException {
    var tar =
        written(
            TarEntry.file(
                ArchivePath.of("p".repeat(155) + "/" + "n".repeat(100)), 0644, 0, 0, 0, 0),
            "");

    assertEquals(3 * 512, tar.length);
    assertEquals("n".repeat(100), text(tar, 0).substring(0, 100));
    assertEquals("p".repeat(155), text(tar, 345));
  }

  @Test
  void whatDoesNotFitGoesIntoOneSortedPaxHeader() throws IOException {
    var xattrs = new TreeMap<String, byte[]>();
    xattrs.put("user.a=b", new byte[] {0, -1});
    var path = ArchivePath.of("x".repeat(120));
    var entry =
        new TarEntry(
            path,
            TarEntry.Type.SYMLINK,
            0777,
            3_000_000,
            2_097_151,
            0,
            -1,
            "t".repeat(101).getBytes(UTF_8),
            ArchivePath.ROOT,
            0,
            0,
            xattrs);

    var tar = written(entry, "");

    assertEquals("PaxHeaders.0/" + "x".repeat(87), text(tar, 0).substring(0, 100));
    assertEquals('x', tar[156]);
    var records = new ByteArrayOutputStream();
    records.writeBytes("30 SCHILY.xattr.user.a%3Db=\0".getBytes(UTF_8));
    records.write(0xFF);
    records.writeBytes(
        ("\n115 linkpath=" + "t".repeat(101) + "\n12 mtime=-1\n130 path=" + "x".repeat(120))
            .getBytes(UTF_8));
    records.writeBytes("\n15 uid=3000000\n".getBytes(UTF_8));
    var expected = records.toByteArray();
    assertEquals(new String(expected, UTF_8), new String(tar, 512, expected.length, UTF_8));
  }

  /// Case 139: past what eleven octal digits can say.
  @Test
  void aFileOfNineGigabytesHasItsSizeInThePaxHeader() throws IOException {
    var tar = new Written();
    long size = 9L << 30;
    assertEquals(
        3 * 512, tar.writer.begin(TarEntry.file(ArchivePath.of("big"), 0644, 0, 0, size, 0)));
    tar.writer.write(new byte[1 << 20], 0, 1 << 20);

    assertEquals("19 size=9663676416\n", text(tar.bytes(), 512));
  }

  /// Case 28: names are bytes.
  @Test
  void namesThatAreNotTextComeBackByteForByte() throws IOException {
    for (var name :
        List.of(
            new byte[] {(byte) 0xFF, (byte) 0xFE},
            "caf\u00e9".getBytes(ISO_8859_1),
            "e\u0301 \u00e9".getBytes(UTF_8),
            "a\nb\u001b[2J".getBytes(UTF_8))) {
      var long1 = new byte[300];
      Arrays.fill(long1, name[0]);
      for (var each : List.of(name, long1)) {
        var path = ArchivePath.of(each);
        var tar = written(TarEntry.file(path, 0644, 0, 0, 0, 0), "");
        assertArrayEquals(each, pathsOf(tar).getFirst().bytes());
      }
    }
  }

  @Test
  void contentMustBeExactlyAsLongAsTheEntrySays() throws IOException {
    var tar = new Written();
    tar.writer.begin(TarEntry.file(ArchivePath.of("f"), 0644, 0, 0, 3, 0));
    tar.writer.write(new byte[2], 0, 2);

    assertThrows(IllegalStateException.class, () -> tar.writer.write(new byte[2], 0, 2));
    assertThrows(IllegalStateException.class, tar.writer::finish);
    assertThrows(
        IllegalStateException.class,
        () -> tar.writer.begin(TarEntry.file(ArchivePath.of("g"), 0644, 0, 0, 0, 0)));
  }

  @Test
  void aStreamGivesAsMuchAsTheEntryHasAndNoMore() throws IOException {
    var content = new byte[300_001];
    new Random(7).nextBytes(content);
    var whole = new Written();
    whole.writer.begin(TarEntry.file(ArchivePath.of("f"), 0644, 0, 0, content.length, 0));
    whole.writer.write(content, 0, content.length);
    whole.writer.finish();

    var tar = new Written();
    tar.writer.begin(TarEntry.file(ArchivePath.of("f"), 0644, 0, 0, content.length, 0));
    var first = new ByteArrayInputStream(content, 0, 200_000);
    assertEquals(100_001, tar.writer.write(first));
    var rest = new ByteArrayInputStream(Arrays.copyOfRange(content, 200_000, 400_000));
    assertEquals(0, tar.writer.write(rest));
    assertEquals(99_999, rest.available());
    assertEquals(512 + content.length, tar.writer.position());
    tar.writer.finish();
    assertArrayEquals(whole.bytes(), tar.bytes());
  }

  /// So that who takes as much at a time need not gather it.
  @Test
  void contentGoesOutInWholeBuffers() throws IOException {
    var pieces = new ArrayList<Integer>();
    var writer =
        new TarWriter(
            new OutputStream() {
              @Override
              public void write(int b) {
                pieces.add(1);
              }

              @Override
              public void write(byte[] bytes, int offset, int length) {
                pieces.add(length);
              }
            });
    for (int size : new int[] {1, 100_000, 300_000, 5}) {
      writer.begin(TarEntry.file(ArchivePath.of("f" + size), 0644, 0, 0, size, 0));
      writer.write(new byte[size], 0, size);
    }
    writer.finish();
    assertEquals(List.of(1 << 17, 1 << 17, 1 << 17, 11_264), pieces);
  }

  @Test
  void whatATarCannotSayIsRefused() {
    var tar = new Written();
    assertThrows(
        IllegalArgumentException.class,
        () -> tar.writer.begin(TarEntry.file(ArchivePath.ROOT, 0644, 0, 0, 0, 0)));
    assertThrows(
        IllegalArgumentException.class,
        () -> tar.writer.begin(TarEntry.symlink(ArchivePath.of("l"), new byte[0], 0, 0, 0)));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            tar.writer.begin(TarEntry.symlink(ArchivePath.of("l"), new byte[] {'a', 0}, 0, 0, 0)));
  }

  @Test
  void nothingFollowsTheTwoZeroBlocks() throws IOException {
    var tar = new Written();
    tar.writer.finish();

    assertArrayEquals(new byte[1024], tar.bytes());
    assertEquals(1024, tar.writer.position());
    assertThrows(IllegalStateException.class, tar.writer::finish);
  }

  /// Round trips of made-up entries; the seed is in the name of the case.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void theReaderGivesBackWhatTheWriterWrote(long seed) throws IOException {
    var random = new Random(seed);
    var tar = new Written();
    var entries = new ArrayList<TarEntry>();
    var contents = new ArrayList<byte[]>();
    var offsets = new ArrayList<Long>();
    for (int i = 0; i < 300; i++) {
      var entry = anyEntry(random, i);
      var content = new byte[(int) entry.size()];
      random.nextBytes(content);
      entries.add(entry);
      contents.add(content);
      offsets.add(tar.writer.begin(entry));
      for (int done = 0; done < content.length; ) {
        int n = Math.min(content.length - done, 1 + random.nextInt(200_000));
        tar.writer.write(content, done, n);
        done += n;
      }
    }
    tar.writer.finish();

    assertEquals(tar.bytes().length, tar.writer.position());
    var reader = new TarReader(new ByteArrayInputStream(tar.bytes()), TarLimits.DEFAULT);
    for (int i = 0; i < entries.size(); i++) {
      var read = Objects.requireNonNull(reader.next());
      assertSame(entries.get(i), read);
      assertEquals(offsets.get(i), reader.contentOffset());
      if (random.nextInt(4) > 0) {
        assertArrayEquals(contents.get(i), reader.content().readAllBytes());
      }
    }
    assertNull(reader.next());
  }

  private static TarEntry anyEntry(Random random, int index) {
    var types = TarEntry.Type.values();
    var type = types[random.nextInt(types.length)];
    var name = anyName(random, 1 + random.nextInt(random.nextInt(8) == 0 ? 400 : 60));
    var path = ArchivePath.of("e" + index).child(name);
    boolean device = type == TarEntry.Type.CHARACTER || type == TarEntry.Type.BLOCK;
    long size =
        type != TarEntry.Type.FILE ? 0 : random.nextInt(random.nextInt(9) == 0 ? 300_000 : 900);
    return new TarEntry(
        path,
        type,
        random.nextInt(07777 + 1),
        anyId(random),
        anyId(random),
        size,
        random.nextInt(5) == 0 ? -random.nextLong(1L << 40) : random.nextLong(1L << 34),
        type == TarEntry.Type.SYMLINK ? anyName(random, 1 + random.nextInt(200)) : new byte[0],
        type == TarEntry.Type.HARDLINK ? ArchivePath.of("target").child(name) : ArchivePath.ROOT,
        device ? random.nextInt(4096) : 0,
        device ? random.nextInt(1 << 20) : 0,
        random.nextInt(4) == 0 ? anyXattrs(random) : NO_XATTRS);
  }

  private static long anyId(Random random) {
    return random.nextBoolean() ? random.nextInt(2000) : random.nextLong(0xFFFFFFFFL);
  }

  private static byte[] anyName(Random random, int length) {
    var name = new byte[length];
    for (int i = 0; i < length; i++) {
      int b = 1 + random.nextInt(255);
      name[i] = (byte) (b == '/' || b == '.' ? '_' : b);
    }
    return name;
  }

  private static SortedMap<String, byte[]> anyXattrs(Random random) {
    var xattrs = new TreeMap<String, byte[]>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      var value = new byte[random.nextInt(100)];
      random.nextBytes(value);
      xattrs.put("user.=%25" + random.nextInt(1000), value);
    }
    return xattrs;
  }

  private static void assertSame(TarEntry expected, TarEntry actual) {
    assertEquals(expected.path(), actual.path());
    assertEquals(expected.type(), actual.type());
    assertEquals(expected.mode(), actual.mode());
    assertEquals(expected.uid(), actual.uid());
    assertEquals(expected.gid(), actual.gid());
    assertEquals(expected.size(), actual.size());
    assertEquals(expected.mtime(), actual.mtime());
    assertArrayEquals(expected.link(), actual.link());
    assertEquals(expected.hardLink(), actual.hardLink());
    assertEquals(expected.major(), actual.major());
    assertEquals(expected.minor(), actual.minor());
    assertEquals(expected.xattrs().keySet(), actual.xattrs().keySet());
    expected
        .xattrs()
        .forEach((name, value) -> assertArrayEquals(value, actual.xattrs().get(name), name));
  }

  private static List<ArchivePath> pathsOf(byte[] tar) throws IOException {
    var reader = new TarReader(new ByteArrayInputStream(tar), TarLimits.DEFAULT);
    var paths = new ArrayList<ArchivePath>();
    for (var entry = reader.next(); entry != null; entry = reader.next()) {
      paths.add(entry.path());
    }
    return paths;
  }

  private static byte[] written(TarEntry entry, String content) throws IOException {
    var tar = new Written();
    tar.writer.begin(entry);
    tar.writer.content().write(content.getBytes(UTF_8));
    tar.writer.finish();
    return tar.bytes();
  }

  private static String text(byte[] tar, int at) {
    int end = at;
    while (tar[end] != 0) {
      end++;
    }
    return new String(tar, at, end - at, UTF_8);
  }

  private static void put(byte[] into, int at, String text) {
    var bytes = text.getBytes(UTF_8);
    System.arraycopy(bytes, 0, into, at, bytes.length);
  }

  private static final class Written {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final TarWriter writer = new TarWriter(out);

    byte[] bytes() {
      return out.toByteArray();
    }
  }
}
