package dev.jbuild.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarFormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Layers put one over the other; the numbers are cases of the collection of attacks and faults.
class MergedViewTest {

  static MergedView view(Tars... layers) throws IOException {
    var view = new MergedView();
    for (var layer : layers) {
      apply(view, layer);
    }
    return view;
  }

  static LayerChange apply(MergedView view, Tars layer) throws IOException {
    var bytes = layer.bytes();
    var index = PlainTar.index(new ByteArrayInputStream(bytes), true);
    return view.apply(Digest.of(bytes), index);
  }

  /// All paths, directories with a slash, links with their target.
  private static String names(MergedView view) {
    var names = new ArrayList<String>();
    var ahead = new ArrayDeque<>(List.of(ArchivePath.ROOT));
    while (!ahead.isEmpty()) {
      for (var each : view.list(ahead.pop())) {
        var path = each.entry().path();
        var found = view.find(path).orElseThrow();
        assertEquals(each.file(), found.file());
        assertTrue(Likeness.sameMetadata(each.entry(), found.entry()));
        names.add(path + (each.isDirectory() ? "/" : ""));
        if (each.isDirectory()) {
          ahead.add(path);
        }
      }
    }
    return String.join(" ", names.stream().sorted().toList());
  }

  static ViewEntry at(MergedView view, String path) {
    return view.find(ArchivePath.of(path)).orElseThrow();
  }

  private static String message(Tars... layers) {
    return String.valueOf(assertThrows(TarFormatException.class, () -> view(layers)).getMessage());
  }

  @Test
  void aPathThatClimbsOutIsRefused() { // 1
    for (var name : List.of("../evil", "a/../../evil", "./../evil")) {
      assertTrue(message(new Tars().file(name, "x")).contains("evil"), name);
    }
  }

  @Test
  void onlyADirectoryCanBeTheRoot() throws IOException { // 3, CVE-2021-29136
    for (var name : List.of(".", "./", "/", "/.")) {
      message(new Tars().symlink(name, "/outside"), new Tars().file("etc/x", "x"));
    }
    assertEquals(0700, at(view(new Tars().directory(".", 0700)), "").entry().mode());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/outside", "../../outside", "../outside"})
  void writingThroughALinkStaysInside(String target) throws IOException { // 4 and 5
    var expected = "d outside/ outside/f";

    assertEquals(expected, names(view(new Tars().symlink("d", target).file("d/f", "x"))));
    assertEquals(
        expected, names(view(new Tars().symlink("d", target), new Tars().file("d/f", ""))));
  }

  @Test
  void aLinkBelowLeadsWhatIsAboveToItsPlace() throws IOException {
    var base = new Tars().directory("usr").directory("usr/lib", 0711).symlink("lib", "usr/lib");

    var view = view(base, new Tars().file("lib/g", "x"));

    assertEquals("lib usr/ usr/lib/ usr/lib/g", names(view));
    assertEquals(0711, at(view, "usr/lib").entry().mode());
  }

  @Test
  void aLoopOfLinksIsRefusedNamingTheEntry() { // 6
    var loop = new Tars().symlink("a", "b").symlink("b", "a").file("a/x", "x");

    var message = assertTimeoutPreemptively(Duration.ofSeconds(5), () -> message(loop));

    assertEquals("a/x: a: too many levels of symbolic links", message);
  }

  @Test
  void fortyLinksAreFollowedAndNoMore() throws IOException { // 6
    var chain = new Tars().directory("l0");
    for (int i = 1; i <= 41; i++) {
      chain.symlink("l" + i, "l" + (i - 1));
    }
    var view = view(chain);

    assertEquals("l0", view.resolve(ArchivePath.of("l40"), true).path().toString());
    assertThrows(TarFormatException.class, () -> view.resolve(ArchivePath.of("l41"), true));
    assertEquals("l41", view.resolve(ArchivePath.of("l41"), false).path().toString());
  }

  @Test
  void aHardLinkToNothingNamesBoth() { // 7
    for (var target : List.of("missing", "d")) {
      var message = message(new Tars().directory("d").hardlink("x", target).file("later", ""));
      assertTrue(message.contains("x") && message.contains(target), message);
    }
    message(new Tars().hardlink("x", "later").file("later", ""));
    message(new Tars().hardlink("x", "../../outside"));
    message(new Tars().hardlink("x", "x"));
  }

  @Test
  void aHardLinkIsTheFileItNamesInItsOwnLayerOrBelow() throws IOException {
    var view = view(new Tars().file("a", "a"), new Tars().hardlink("b", "a").hardlink("c", "b"));

    assertEquals(at(view, "a").file(), at(view, "c").file());
    assertEquals(at(view, "a").layer(), at(view, "c").layer());

    apply(view, new Tars().file("a", "other"));

    assertNotEquals(at(view, "a").file(), at(view, "c").file());
    assertEquals(1, at(view, "c").entry().size());
  }

  @Test
  void aHardLinkNeverFollowsALinkButItsParents() throws IOException { // 7 and 33
    var view =
        view(
            new Tars().symlink("l", "/outside").directory("run").symlink("var", "run"),
            new Tars().hardlink("x", "l").file("var/f", "x").hardlink("y", "var/f"));

    assertTrue(at(view, "x").isSymlink());
    assertEquals(at(view, "run/f").file(), at(view, "y").file());
  }

  @Test
  void laterEntriesReplaceEarlierOnesOfAnotherType() throws IOException { // 8
    assertEquals(
        "n/ n/foo/ n/foo/bar", names(view(new Tars().file("n", "").file("n/foo/bar", ""))));
    assertEquals(
        "n/ n/foo/ n/foo/bar",
        names(view(new Tars().file("n", ""), new Tars().file("n/foo/bar", ""))));
    assertEquals(
        "d/ d/f", names(view(new Tars().symlink("d", "/").directory("d").file("d/f", ""))));
    assertEquals(
        "d/ d/f",
        names(view(new Tars().symlink("d", "/"), new Tars().directory("d").file("d/f", ""))));
    assertEquals("d", names(view(new Tars().directory("d").file("d/f", "").file("d", ""))));
    assertEquals(
        "d/ d/f d/g",
        names(
            view(
                new Tars().directory("d").file("d/f", ""),
                new Tars().directory("d", 0700).file("d/g", ""))));
  }

  @Test
  void aFileWhoseDirectoryWasReplacedByALinkGoesWhereTheLinkLeads() throws IOException {
    var layer = new Tars().directory("e").file("d/a", "").symlink("d", "e").file("d/b", "");

    assertEquals("d e/ e/b", names(view(layer)));
  }

  @Test
  void whiteoutsHideWhatIsBelowInWhateverOrder() throws IOException { // 10
    var base = new Tars().file("f", "old").directory("dir").file("dir/a", "").file("g", "");
    var first =
        new Tars().file(".wh.f", "").file("f", "newer").file(".wh.dir", "").file(".wh.no", "");
    var last = new Tars().file("f", "newer").file(".wh.f", "").file(".wh.dir", "");

    for (var layer : List.of(first, last)) {
      var view = view(base, layer);
      assertEquals("f g", names(view));
      assertEquals(5, at(view, "f").entry().size());
    }
  }

  @Test
  void aWhiteoutBelowWhatIsNoDirectoryHidesNothing() throws IOException { // 10
    assertEquals("n", names(view(new Tars().file("n", ""), new Tars().file("n/.wh.x", ""))));
    assertEquals("", names(view(new Tars().file("a/b/.wh.x", ""))));
  }

  @ParameterizedTest
  @ValueSource(strings = {".wh.", ".wh..", ".wh...", "a/.wh...", "a/.wh..", ".wh.x/child"})
  void aWhiteoutOfNoNameIsRefused(String name) { // 11
    assertTrue(message(new Tars().file("a/f", ""), new Tars().file(name, "")).contains(name));
  }

  @Test
  void aWhiteoutIsAnEmptyFile() { // 11
    message(new Tars().directory(".wh.x"));
    message(new Tars().file(".wh.x", "content"));
    message(new Tars().directory("a/.wh..wh..opq"));
  }

  @Test
  void whiteoutsThroughALinkStayInside() throws IOException { // 12
    var base = new Tars().symlink("d", "../..").file("outside", "").file("other", "");

    assertEquals("d other", names(view(base, new Tars().file("d/.wh.outside", ""))));
    assertEquals("", names(view(base, new Tars().file("d/.wh..wh..opq", ""))));
  }

  @Test
  void whiteoutsInADirectoryThatReplacesALinkDoNotHideWhereTheLinkLed() throws IOException {
    var base = new Tars().directory("run").file("run/a", "").symlink("var", "run");

    var opaque = new Tars().directory("var").file("var/.wh..wh..opq", "").file("var/b", "");
    var single = new Tars().directory("var").file("var/.wh.a", "").file("var/b", "");

    assertEquals("run/ run/a var/ var/b", names(view(base, opaque)));
    assertEquals("run/ run/a var/ var/b", names(view(base, single)));
  }

  @Test
  void anOpaqueDirectoryKeepsWhatItsOwnLayerPutsThere() throws IOException { // 13
    var base = new Tars().directory("d", 0711).file("d/old", "").file("d/e/old", "");

    for (var layer :
        List.of(
            new Tars().file("d/new", "").file("d/.wh..wh..opq", ""),
            new Tars().file("d/.wh..wh..opq", "").file("d/new", ""))) {
      var view = view(base, layer);
      assertEquals("d/ d/new", names(view));
      assertEquals(0711, at(view, "d").entry().mode());
    }
    assertEquals("n", names(view(base, new Tars().file("n", "").file(".wh..wh..opq", ""))));
  }

  @Test
  void notesOfAufsArePassedOver() throws IOException { // 13
    var layer =
        new Tars().directory(".wh..wh.plnk").file(".wh..wh.plnk/1.2", "x").file(".wh..wh.aufs", "");

    assertEquals("", names(view(layer)));
  }

  @Test
  void aParentThatNoLayerNamesIsMade() throws IOException {
    var view = view(new Tars().file("a/b/c", "x"));

    assertEquals("a/ a/b/ a/b/c", names(view));
    assertEquals(0755, at(view, "a/b").entry().mode());
  }

  @Test
  void resolvesDotsAndWhatDoesNotExist() throws IOException {
    var view = view(new Tars().symlink("a/up", "../x//./y").symlink("abs", "/a").file("f", ""));

    assertEquals("x/y/z", view.resolve(ArchivePath.of("a/up/z"), true).path().toString());
    assertEquals("x/y", view.resolve(ArchivePath.of("abs/up"), true).path().toString());
    assertEquals("a/up", view.resolve(ArchivePath.of("abs/up"), false).path().toString());
    assertFalse(view.resolve(ArchivePath.of("a/up"), true).isDirectory());
    assertThrows(TarFormatException.class, () -> view.resolve(ArchivePath.of("f/x"), true));
  }

  @Test
  void aSubtreeHasItsOwnRoot() throws IOException {
    var view = view(new Tars().directory("a", 0700).file("a/b/f", "x").hardlink("a/h", "a/b/f"));

    var subtree = view.subtree(ArchivePath.of("a"));
    apply(subtree, new Tars().file("new", ""));

    assertEquals("b/ b/f h new", names(subtree));
    assertEquals(at(subtree, "h").file(), at(subtree, "b/f").file());
    assertEquals("a/ a/b/ a/b/f a/h", names(view));
  }

  @Test
  void thousandsOfLevelsAreNoTrouble() { // 30
    var path = new StringBuilder("d");
    var layer = new Tars().directory("d");
    for (int i = 1; i < 2_000; i++) {
      layer.directory(path.append("/d").toString());
    }

    var view = assertTimeoutPreemptively(Duration.ofSeconds(30), () -> view(layer));

    assertTrue(at(view, path.toString()).isDirectory());
  }

  @Test
  void filesThatGotANameMayHaveSeveral() throws IOException {
    var below = new Tars().file("d/a", "a").file("d/b", "b");
    assertFalse(view(below).hasLinkedFiles());

    var view = view(below, new Tars().hardlink("d/c", "d/a"), new Tars().file("d/a", "new"));

    assertTrue(view.hasLinkedFiles());
    assertEquals(
        "d/c",
        String.join(
            " ",
            List.of("d/a", "d/b", "d/c", "d", "d/x").stream()
                .filter(path -> view.isLinked(ArchivePath.of(path)))
                .toList()));
    var inside = view.subtree(ArchivePath.of("d"));
    assertTrue(inside.hasLinkedFiles());
    assertTrue(inside.isLinked(ArchivePath.of("c")));
    assertFalse(inside.isLinked(ArchivePath.of("a")));
  }

  /// A link may lead past a name that is no directory, and back; what this becomes matters then.
  @Test
  void aLinkThatComesPastAFileLeadsElsewhereOnceThatIsALink() throws IOException {
    var start = new Tars().directory("d").symlink("l", "d/f/..");
    var view = view(start, new Tars().file("l/f", "").symlink("l/f", "../q/r").file("l/g", "x"));

    assertEquals("d/ d/f l q/ q/g", names(view));
    assertEquals(
        "d/ d/f l q/ q/g",
        names(view(start, new Tars().symlink("l/f", "../q/r").file("l/g", "x"))));
  }

  @Test
  void anEntryAfterOneOfTheRootIsNotTakenForItsNeighbour() throws IOException {
    assertEquals("a b/ b/c", names(view(new Tars().file("b/c", "").directory(".").file("a", ""))));
  }

  /// A layer that is known before it is written (its outline) is as large as any; once the written
  /// one stands in its place, nothing of it may be left.
  @Test
  void aLayerThatIsPutAgainLetsGoOfTheOneBefore() throws IOException {
    var view = view(new Tars().file("a", "a"));
    var layer = new Tars().directory("d").file("d/b", "b").hardlink("d/c", "d/b");
    var bytes = layer.bytes();
    var outline = outline(view, bytes);

    apply(view, layer);

    for (int i = 0; i < 50 && outline.get() != null; i++) {
      System.gc();
    }
    assertNull(outline.get());
    assertTrue(view.isLinked(ArchivePath.of("d/c")));
  }

  /// Of an index that nobody but the view holds.
  private static WeakReference<LayerIndex> outline(MergedView view, byte[] tar) throws IOException {
    var index = PlainTar.index(new ByteArrayInputStream(tar), false);
    view.apply(Digest.of(new byte[0]), index);
    return new WeakReference<>(index);
  }

  /// Case 138: a million files would be 700 MB as objects.
  @Test
  void aFileTakesLittleMemory() throws IOException {
    int files = 200_000;
    used();
    long before = used();
    var view = new MergedView();
    view.stack(Digest.ofHash(new byte[32]), LayerIndex.parse(described(files)));

    long each = (used() - before) / files;
    assertTrue(each < 120, each + " bytes a file");
    assertEquals(7, at(view, "files/d199/file0999.txt").entry().size());
  }

  private static byte[] described(int files) throws IOException {
    var draft = new IndexDraft();
    var hash = new byte[32];
    for (int i = 0; i < files; i++) {
      var path = ArchivePath.of("files/d%03d/file%04d.txt".formatted(i / 1000, i % 1000));
      hash[i % 32]++;
      draft.add(TarEntry.file(path, 0644, 0, 0, 7, 1_700_000_000), i * 1024L, Digest.ofHash(hash));
    }
    return draft.finish().toBytes();
  }

  private static long used() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
