package dev.jbuild.context;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.Utf8;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.FileStat;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is remembered of a context between builds.
class StatCacheTest {

  /// Far enough in the future that every file of the test is old.
  private static final long LATER = System.currentTimeMillis() + 3_600_000;

  @TempDir Path temp;
  private Workspace work;
  private Path file;

  @BeforeEach
  void open() throws IOException {
    work = new Workspace(temp.resolve("context"));
    file = temp.resolve("cache/stat/one");
  }

  @AfterEach
  void close() throws IOException {
    work.close();
  }

  private LocalTree tree(long openedAt) {
    var cache = StatCache.load(file);
    return new LocalTree(work.root, IgnoreRules.NONE, cache, Optional.empty(), openedAt, () -> 0);
  }

  /// A build that reads every file, and remembers.
  private LocalTree build(long openedAt) throws IOException {
    var tree = tree(openedAt);
    Workspace.names(tree);
    for (var name : List.of("a", "d/b")) {
      tree.digest(Workspace.entry(tree, name));
    }
    tree.save();
    return tree;
  }

  private byte[] remembered(String name) throws IOException {
    var stat = work.root.resolveStat(Utf8.encode(name)).orElseThrow();
    var known = StatCache.load(file).find(ArchivePath.of(name), new LocalFile(stat));
    return known == null || known.hash() == null ? new byte[0] : known.hash();
  }

  /// Who builds saves it as soon as nobody asks for more, who opened the context when all is over.
  @Test
  void aTreeThatIsSavedTwiceIsWrittenOnce() throws IOException {
    work.file("a", "1").file("d/b", "2");
    var tree = build(LATER);
    Files.delete(file);
    tree.save();
    assertFalse(Files.exists(file));
  }

  @Test
  void unchangedFilesKeepTheirDigests() throws IOException {
    work.file("a", "1").file("d/b", "2");
    build(LATER);
    assertArrayEquals(digest("1"), remembered("a"));
    assertArrayEquals(digest("2"), remembered("d/b"));
  }

  private static byte[] digest(String content) {
    return Digest.of(content.getBytes(StandardCharsets.UTF_8)).hash();
  }

  @Test
  void secondBuildLearnsNothingAndWritesNothing() throws IOException {
    work.file("a", "1").file("d/b", "2");
    build(LATER);
    Files.delete(file);
    var cached = StatCache.load(file);
    assertNull(cached.find(ArchivePath.of("a"), new LocalFile(stat("a"))));
    build(LATER);
    var bytes = Files.readAllBytes(file);
    var time = Files.getLastModifiedTime(file);
    build(LATER);
    assertArrayEquals(bytes, Files.readAllBytes(file));
    assertEquals(time, Files.getLastModifiedTime(file));
  }

  private FileStat stat(String name) throws IOException {
    return work.root.resolveStat(Utf8.encode(name)).orElseThrow();
  }

  @Test
  void fileAsYoungAsTheScanIsNotRemembered() throws IOException {
    work.file("a", "1").file("d/b", "2");
    build(stat("a").ctime() * 1000 + stat("a").ctimeNanos() / 1_000_000);
    assertEquals(0, remembered("a").length);
    build(stat("a").ctime() * 1000 + 500_000);
    assertArrayEquals(digest("1"), remembered("a"));
  }

  @Test
  void timesWithoutAFractionNeedSecondsToBeOld() {
    assertTrue(local(1, 100, 5, 100, 5, 7).isOlderThan(100_200));
    assertTrue(!local(1, 100, 5, 100, 5, 7).isOlderThan(100_050));
    assertTrue(!local(1, 100, 0, 100, 0, 7).isOlderThan(101_900));
    assertTrue(local(1, 100, 0, 100, 0, 7).isOlderThan(102_100));
    assertTrue(!local(1, 100, 5, 500, 5, 7).isOlderThan(200_000));
  }

  private static LocalFile local(
      long size, long mtime, int mtimeNanos, long ctime, int ctimeNanos, long inode) {
    return new LocalFile(size, mtime, mtimeNanos, ctime, ctimeNanos, inode, 3);
  }

  @Test
  void anyDifferenceOfTheStatMakesItForget() throws IOException {
    work.file("a", "1").file("d/b", "2");
    build(LATER);
    var cache = StatCache.load(file);
    var s = stat("a");
    var path = ArchivePath.of("a");
    assertNotNull(cache.find(path, new LocalFile(s)));
    var others =
        List.of(
            other(s, 1, 0, 0, 0, 0, 0, 0),
            other(s, 0, 1, 0, 0, 0, 0, 0),
            other(s, 0, 0, 1, 0, 0, 0, 0),
            other(s, 0, 0, 0, 1, 0, 0, 0),
            other(s, 0, 0, 0, 0, 1, 0, 0),
            other(s, 0, 0, 0, 0, 0, 1, 0),
            other(s, 0, 0, 0, 0, 0, 0, 1));
    for (var other : others) {
      assertNull(cache.find(path, other));
    }
    assertNull(cache.find(ArchivePath.of("b"), new LocalFile(s)));
  }

  private static LocalFile other(FileStat s, int... by) {
    return new LocalFile(
        s.size() + by[0],
        s.mtime() + by[1],
        s.mtimeNanos() + by[2],
        s.ctime() + by[3],
        s.ctimeNanos() + by[4],
        s.inode() + by[5],
        s.device() + by[6]);
  }

  @Test
  void damagedFileIsAsGoodAsNone() throws IOException {
    work.file("a", "1").file("d/b", "2");
    build(LATER);
    var good = Files.readAllBytes(file);
    var random = new Random(1);
    for (int i = 0; i < 300; i++) {
      var bad = random.nextBoolean() ? Arrays.copyOf(good, random.nextInt(good.length)) : good;
      bad = bad.clone();
      if (bad.length > 0) {
        bad[random.nextInt(bad.length)] ^= (byte) (1 + random.nextInt(255));
      }
      Files.write(file, bad);
      assertEquals(0, remembered("a").length);
    }
    build(LATER);
    assertArrayEquals(digest("1"), remembered("a"));
  }

  @Test
  void attributesAreRememberedToo() throws IOException {
    work.file("a", "1").file("d/b", "2");
    try {
      work.root.setXattr(Utf8.encode("a"), "user.x", new byte[] {9});
    } catch (IOException e) {
      return; // no extended attributes here
    }
    build(LATER);
    var known = StatCache.load(file).find(ArchivePath.of("a"), new LocalFile(stat("a")));
    assertNotNull(known);
    assertArrayEquals(new byte[] {9}, known.xattrs().get("user.x"));
  }

  @Test
  void whatWasNotLookedAtIsKeptAndWhatIsGoneIsNot() throws IOException {
    work.file("a", "1").file("d/b", "2").file("gone", "3");
    build(LATER);
    Files.delete(work.path.resolve("gone"));
    work.file("new", "4");
    var tree = tree(LATER);
    tree.list(ArchivePath.ROOT);
    tree.digest(Workspace.entry(tree, "new"));
    tree.save();
    assertArrayEquals(digest("2"), remembered("d/b"));
    assertArrayEquals(digest("4"), remembered("new"));
    assertTrue(!saved().contains("gone"));
  }

  /// Else each build that makes a directory of a new name would leave all of it behind for ever.
  @Test
  void whatIsBelowADirectoryThatIsGoneIsNotKept() throws IOException {
    work.file("a", "1").file("d/b", "2").file("out-1/deep/x", "3").file("d/old/y", "4");
    build(LATER);
    assertTrue(saved().contains("out-1/deep/x") && saved().contains("d/old/y"));
    delete("out-1/deep/x", "out-1/deep", "out-1", "d/old/y", "d/old");
    work.file("out-1", "a file now").file("out-2/deep/x", "3");
    learn(tree(LATER), ArchivePath.of("out-2/deep"), "out-2/deep/x"); // the root is not listed
    assertTrue(!saved().contains("out-1/deep"));
    assertTrue(saved().contains("d/old/y")); // nothing in d is asked for
    delete("out-2/deep/x", "out-2/deep", "out-2");
    work.file("new", "5");
    learn(tree(LATER), ArchivePath.ROOT, "new");
    assertTrue(!saved().contains("out-2/deep"));
    assertTrue(!saved().contains("d/old/y"));
    assertArrayEquals(digest("2"), remembered("d/b"));
  }

  private void delete(String... names) throws IOException {
    for (var name : names) {
      Files.delete(work.path.resolve(name));
    }
  }

  /// Two Dockerfiles with ignore files of their own share one cache.
  @Test
  void whatIsLeftOutIsKept() throws IOException {
    work.file("a", "1").file("d/b", "2").file("d/e/f", "3");
    build(LATER);
    work.file("new", "4");
    var rules = Workspace.rules("d");
    learn(
        new LocalTree(work.root, rules, StatCache.load(file), Optional.empty(), LATER, () -> 0),
        ArchivePath.ROOT,
        "new");
    assertArrayEquals(digest("2"), remembered("d/b"));
    assertTrue(saved().contains("d/e/f"));
  }

  private void learn(LocalTree tree, ArchivePath listed, String read) throws IOException {
    tree.list(listed);
    tree.digest(Workspace.entry(tree, read));
    tree.save();
  }

  private String saved() throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
  }

  /// The file is written in pieces of 128 KiB.
  @Test
  void aLongFileIsReadAgainWhole() throws IOException {
    for (int i = 0; i < 1200; i++) {
      work.file("long-names-of-files-make-a-long-file-%04d".formatted(i), "");
    }
    work.file("a", "1").file("d/b", "2");
    build(LATER);
    assertTrue(Files.size(file) > 140 << 10, Files.size(file) + "");
    assertArrayEquals(digest("1"), remembered("a"));
    assertArrayEquals(digest("2"), remembered("d/b"));
    var known = StatCache.load(file);
    for (int i = 0; i < 1200; i += 100) {
      var name = "long-names-of-files-make-a-long-file-%04d".formatted(i);
      assertNotNull(known.find(ArchivePath.of(name), new LocalFile(stat(name))), name);
    }
  }

  @Test
  void aFileThatCountsWrongIsAsGoodAsNone() throws IOException {
    work.file("a", "1").file("d/b", "2");
    build(LATER);
    var good = Files.readAllBytes(file);
    var bytes = ByteBuffer.wrap(good.clone());
    int count = bytes.getInt(good.length - 8);
    for (int wrong : new int[] {count - 1, count + 1, 0, -1, Integer.MAX_VALUE}) {
      bytes.putInt(good.length - 8, wrong);
      var sum = new CRC32();
      sum.update(bytes.array(), 0, good.length - 4);
      bytes.putInt(good.length - 4, (int) sum.getValue());
      Files.write(file, bytes.array());
      assertEquals(0, remembered("a").length, wrong + " instead of " + count);
    }
    Files.write(file, good);
    assertArrayEquals(digest("1"), remembered("a"));
  }

  @Test
  void draftsThatNobodyFinishedAreRemovedAfterADay() throws IOException {
    var directory = Files.createDirectories(file.getParent());
    var old = Files.createFile(directory.resolve(".stat-1-2"));
    var young = Files.createFile(directory.resolve(".stat-3-4"));
    var other = Files.createFile(directory.resolve("two"));
    var longAgo = FileTime.from(Instant.now().minus(Duration.ofHours(25)));
    Files.setLastModifiedTime(old, longAgo);
    Files.setLastModifiedTime(other, longAgo);
    work.file("a", "1").file("d/b", "2");
    build(LATER);
    assertTrue(Files.exists(file) && Files.exists(young) && Files.exists(other));
    assertTrue(Files.notExists(old));
  }

  @Test
  void placeThatCannotBeReadIsNoFailure() throws IOException {
    Files.createDirectories(file);
    work.file("a", "1").file("d/b", "2");
    assertEquals(0, remembered("a").length);
  }
}
