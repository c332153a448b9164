package dev.jbuild.context;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.Utf8;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.tar.ArchivePath;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a COPY puts into its key (section 6.7 of the language), and how a difference is told.
class InputManifestTest {

  @TempDir Path temp;
  private Workspace work;

  @BeforeEach
  void open() throws IOException {
    work = new Workspace(temp.resolve("context"));
    work.file("src/a", "1").file("src/sub/b", "2").file("src/c", "3").file("f", "4");
  }

  @AfterEach
  void close() throws IOException {
    work.close();
  }

  private InputManifest of(String... sources) throws IOException {
    return of(UnaryOperator.identity(), sources);
  }

  private InputManifest of(UnaryOperator<SourceEntry> asImage, String... sources)
      throws IOException {
    var draft = new InputManifest.Draft();
    for (var match : Selection.of(List.of(sources)).in(work.tree())) {
      for (var selected : ((SourceMatch.Matched) match).selected()) {
        draft.add(selected, asImage);
      }
    }
    return draft.finish();
  }

  @Test
  void whatIsTheSameIsPassedOverAndAllElseIsTold() throws IOException {
    var random = new Random(5);
    for (int round = 0; round < 300; round++) {
      var before = new TreeMap<ArchivePath, Integer>();
      var now = new TreeMap<ArchivePath, Integer>();
      var expected = new ArrayList<String>();
      int rarely = 2 + random.nextInt(20);
      for (int i = 0; i < 60; i++) {
        var path = ArchivePath.of("d%d/%s%d".formatted(i / 10, "ab".repeat(i % 3), i % 10));
        int content = random.nextInt(3);
        int what = random.nextInt(rarely);
        int other = what == 1 ? content + 1 : content;
        if (what != 0) {
          before.put(path, content);
        }
        if (what != 2) {
          now.put(path, other);
        }
      }
      for (var path : union(before, now)) {
        var old = before.get(path);
        var today = now.get(path);
        if (!Objects.equals(old, today)) {
          var how = old == null ? " added" : today == null ? " removed" : " changed";
          expected.add(path + how);
        }
      }
      assertEquals(expected, withoutDirectories(words(of(before), of(now))));
    }
  }

  private static SortedSet<ArchivePath> union(
      SortedMap<ArchivePath, Integer> one, SortedMap<ArchivePath, Integer> other) {
    var all = new TreeSet<>(one.keySet());
    all.addAll(other.keySet());
    return all;
  }

  private static List<String> withoutDirectories(List<String> changes) {
    return changes.stream().filter(words -> words.contains("/")).toList();
  }

  private static InputManifest of(SortedMap<ArchivePath, Integer> files) throws IOException {
    var all = new ArrayList<MemoryTree.File>();
    files.forEach((path, size) -> all.add(new MemoryTree.File(path, 0644, 1, new byte[size])));
    var match = (SourceMatch.Matched) Selection.of(List.of("/")).in(new MemoryTree(all)).getFirst();
    return InputManifest.parse(
        new InputManifest.Draft()
            .add(match.selected().getFirst(), UnaryOperator.identity())
            .finish()
            .bytes());
  }

  @Test
  void aManifestIsInExactlyTheBytesThatItGives() throws IOException {
    var manifest = of("/");
    var bytes = manifest.bytes();
    assertTrue(isIn(manifest, bytes));
    assertFalse(isIn(manifest, Arrays.copyOf(bytes, bytes.length - 1)), "cut short");
    assertFalse(isIn(manifest, Arrays.copyOf(bytes, bytes.length + 1)), "more behind it");
    assertFalse(isIn(manifest, new byte[0]));
    for (int i = 0; i < bytes.length; i++) {
      var other = bytes.clone();
      other[i] ^= 1;
      assertFalse(isIn(manifest, other), "byte " + i);
    }
  }

  /// In pieces of 64 KiB; nothing is read behind the piece in which the first difference is.
  @Test
  void aLongManifestIsComparedPieceByPieceAndNoFurtherThanNeeded() throws IOException {
    var files = new TreeMap<ArchivePath, Integer>();
    for (int i = 0; i < 4000; i++) {
      files.put(ArchivePath.of("f%04d".formatted(i)), i % 7);
    }
    var manifest = of(files);
    var bytes = manifest.bytes();
    assertTrue(bytes.length > 2 << 16, bytes.length + "");
    assertTrue(isIn(manifest, bytes));
    assertFalse(isIn(manifest, Arrays.copyOf(bytes, bytes.length - 1)), "cut short");
    assertFalse(isIn(manifest, Arrays.copyOf(bytes, bytes.length + 1)), "more behind it");
    for (int at : new int[] {0, (1 << 16) - 1, 1 << 16, 1 << 17, bytes.length - 1}) {
      var other = bytes.clone();
      other[at] ^= 1;
      var in = new ByteArrayInputStream(other);
      assertFalse(manifest.isIn(in), "byte " + at);
      assertTrue(bytes.length - in.available() <= at + (1 << 16), "byte " + at);
    }
  }

  /// The same in two sections that stand behind each other, with and without attributes, and an
  /// item that is longer than what is compared at once.
  @Test
  void whatIsTheSameIsPassedOverInEachSection() throws IOException {
    for (int i = 0; i < 100; i++) {
      work.file("src/many/f%02d".formatted(i), "" + i);
    }
    boolean hasXattrs = setXattr("src/a", "user.long", new byte[3000]);
    work.link("src/long", "x/".repeat(2000) + "x");
    var before = of("src", "f", "src");
    assertEquals(List.of(), words(before, of("src", "f", "src")));
    assertEquals(List.of("f removed", "src/a removed"), words(before, of("src")).subList(0, 2));
    work.file("src/many/f50", "changed");
    Files.delete(work.path.resolve("src/long"));
    work.link("src/long", "x/".repeat(2000) + "y");
    var expected =
        new ArrayList<>(List.of("src/long changed", "src/many/f50 changed", "f changed"));
    work.file("f", "changed");
    if (hasXattrs && setXattr("src/a", "user.long", new byte[2999])) {
      expected.addFirst("src/a changed (extended attributes)");
    }
    expected.addAll(expected.subList(0, expected.size() - 1));
    assertEquals(expected, words(before, of("src", "f", "src")));
  }

  private boolean setXattr(String file, String name, byte[] value) throws IOException {
    try (var directory = work.root.resolveDirectory(Utf8.encode("src"))) {
      directory.setXattr(Utf8.encode(file.substring(4)), name, value);
      return true;
    } catch (LinuxException e) {
      return false; // no extended attributes here
    }
  }

  private static boolean isIn(InputManifest manifest, byte[] bytes) throws IOException {
    return manifest.isIn(new ByteArrayInputStream(bytes));
  }

  private InputManifest withParents(String source, String... excludes) throws IOException {
    var selection = new Selection(List.of(source), true, IgnoreRules.ofExcludes(List.of(excludes)));
    var match = (SourceMatch.Matched) selection.in(work.tree()).getFirst();
    return new InputManifest.Draft()
        .add(match.selected().getFirst(), UnaryOperator.identity())
        .finish();
  }

  private static List<String> words(InputManifest before, InputManifest now) {
    return InputManifest.diff(before, now).stream().map(InputChange::words).toList();
  }

  @Test
  void sameFilesHaveTheSameKeyWhateverTheirTimes() throws IOException {
    var before = of("src", "f");
    Files.setLastModifiedTime(work.path.resolve("src/a"), FileTime.fromMillis(1000));
    var now = of("src", "f");
    assertEquals(before.contentKey(), now.contentKey());
    assertArrayEquals(before.bytes(), now.bytes());
    assertEquals(5, now.size());
    assertEquals(List.of(), words(before, now));
  }

  @Test
  void everyDifferenceChangesTheKeyAndIsToldInOrder() throws IOException {
    var before = of("src", "f");
    work.file("src/a", "changed").file("src/new", "").file("f", "5");
    Files.delete(work.path.resolve("src/c"));
    work.root.resolveDirectory(Utf8.encode("src")).setMode(Utf8.encode("sub"), 0700);
    var now = of("src", "f");
    assertNotEquals(before.contentKey(), now.contentKey());
    assertEquals(
        List.of(
            "src/a changed",
            "src/c removed",
            "src/new added",
            "src/sub changed (mode 755 → 700)",
            "f changed"),
        words(before, now));
  }

  @Test
  void renamingTwoFilesIntoEachOtherIsADifference() throws IOException {
    var before = of("src");
    Files.move(work.path.resolve("src/a"), work.path.resolve("src/x"));
    Files.move(work.path.resolve("src/c"), work.path.resolve("src/a"));
    Files.move(work.path.resolve("src/x"), work.path.resolve("src/c"));
    assertEquals(List.of("src/a changed", "src/c changed"), words(before, of("src")));
  }

  @Test
  void fileAndDirectoryOfOneNameAreNotTheSame() throws IOException {
    work.file("foo", "same");
    var file = of("foo");
    Files.delete(work.path.resolve("foo"));
    work.file("foo/foo", "same");
    assertNotEquals(file.contentKey(), of("foo").contentKey());
  }

  @Test
  void ownerIsTheOneOfTheImage() throws IOException {
    var before = of("src");
    var now = of(entry -> entry.with(entry.mode(), 5, 6), "src");
    assertNotEquals(before.contentKey(), now.contentKey());
    assertEquals("src/a changed (owner 0:0 → 5:6)", words(before, now).getFirst());
  }

  @Test
  void nameOfTheCopiedDirectoryIsNoPartOfTheKey() throws IOException {
    var before = of("src");
    Files.move(work.path.resolve("src"), work.path.resolve("other"));
    assertEquals(before.contentKey(), of("other").contentKey());
  }

  @Test
  void linkTargetsCount() throws IOException {
    work.link("src/l", "a");
    var before = of("src");
    Files.delete(work.path.resolve("src/l"));
    work.link("src/l", "c");
    assertEquals(List.of("src/l changed"), words(before, of("src")));
  }

  @Test
  void hardLinksCountButNotThoseThatAreNotCopied() throws IOException { // case 142
    var apart = of("src");
    Files.delete(work.path.resolve("src/c"));
    Files.createLink(work.path.resolve("src/c"), work.path.resolve("src/a"));
    work.file("src/a", "1");
    var joined = of("src");
    assertEquals("src/c changed", words(apart, joined).getFirst());
    work.file("src/c", "1"); // still one file
    Files.delete(work.path.resolve("src/c"));
    work.file("src/c", "1");
    var same = of("src");
    assertEquals(List.of("src/c changed (hard links)"), words(joined, same));
    Files.createLink(work.path.resolve("partner"), work.path.resolve("src/a"));
    assertEquals(same.contentKey(), of("src").contentKey());
  }

  /// The layer depends on it: a directory that only comes along keeps the owner that it has below.
  @Test
  void whyADirectoryComesAlongCounts() throws IOException {
    var whole = withParents("src/sub");
    var file = withParents("src/sub/b");
    assertNotEquals(whole.contentKey(), file.contentKey());
    assertEquals(List.of("src/sub changed (only for what is in it)"), words(whole, file));
    assertEquals(List.of("src/sub changed (for its own sake)"), words(file, whole));
    var leftOut = withParents("src/sub", "src/sub", "!src/sub/b");
    assertEquals(file.contentKey(), leftOut.contentKey());
  }

  @Test
  void manifestSurvivesItsBytes() throws IOException {
    work.link("src/l", "a").bytesFile(new byte[] {(byte) 0xFF}, "x");
    Files.createLink(work.path.resolve("src/a2"), work.path.resolve("src/a"));
    var manifest = of(".", "src", "f");
    var again = InputManifest.parse(manifest.bytes());
    assertEquals(manifest.contentKey(), again.contentKey());
    assertArrayEquals(manifest.bytes(), again.bytes());
    assertEquals(List.of(), words(manifest, again));
  }

  @Test
  void otherBytesAreRefused() throws IOException {
    var good = of("src").bytes();
    var random = new Random(3);
    for (int i = 0; i < good.length; i++) {
      var cut = Arrays.copyOf(good, i);
      assertThrows(IllegalArgumentException.class, () -> InputManifest.parse(cut));
    }
    for (int i = 0; i < 2000; i++) {
      var bad = good.clone();
      bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      try {
        assertTrue(InputManifest.parse(bad).size() >= 0);
      } catch (IllegalArgumentException e) {
        // the only exception that damage may give
      }
    }
  }
}
