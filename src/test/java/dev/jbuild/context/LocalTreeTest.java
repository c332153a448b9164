package dev.jbuild.context;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Utf8;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.FileType;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A context directory as COPY sees it.
class LocalTreeTest {

  @TempDir Path temp;
  private Workspace work;

  @BeforeEach
  void open() throws IOException {
    work = new Workspace(temp.resolve("context"));
  }

  @AfterEach
  void close() throws IOException {
    work.close();
  }

  private static ArchivePath path(String text) {
    return ArchivePath.of(text);
  }

  @Test
  void filesAreListedInTheOrderOfLayersAndBelongToRoot() throws IOException {
    work.file("b/z", "1").file("a-b", "2").file("a/c", "3").directory("empty").link("l", "a");
    assertEquals(
        List.of("a/", "a/c", "a-b", "b/", "b/z", "empty/", "l"), Workspace.names(work.tree()));
    var file = Workspace.entry(work.tree(), "a/c");
    assertEquals(0, file.uid() + file.gid());
    assertEquals(1, file.size());
  }

  @Test
  void digestAndStreamGiveTheBytes() throws IOException {
    work.file("f", "hello");
    var tree = work.tree();
    var file = Workspace.entry(tree, "f");
    assertEquals(Digest.of("hello".getBytes(StandardCharsets.UTF_8)), tree.digest(file));
    assertEquals("hello", Workspace.content(tree, file));
  }

  @Test
  void manyDigestsComeInTheOrderOfTheirFiles() throws IOException {
    var expected = new ArrayList<Digest>();
    for (int i = 0; i < 1500; i++) {
      var content = "content " + i;
      work.file("d%d/f%04d".formatted(i % 7, i), content);
    }
    var tree = work.tree();
    var files = new ArrayList<SourceEntry>();
    for (int i = 0; i < 1500; i++) {
      files.add(Workspace.entry(tree, "d%d/f%04d".formatted(i % 7, i)));
      expected.add(Digest.of(("content " + i).getBytes(StandardCharsets.UTF_8)));
    }
    assertEquals(expected, tree.digests(files));
  }

  @Test
  void namesThatAreNoUtf8AreCopiedByteForByte() throws IOException { // case 28
    var names =
        List.of(
            new byte[] {(byte) 0xFF, (byte) 0xFE},
            "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1),
            "e\u0301".getBytes(StandardCharsets.UTF_8),
            "\u00e9".getBytes(StandardCharsets.UTF_8),
            "a\nb\033[31m".getBytes(StandardCharsets.UTF_8));
    for (var name : names) {
      work.bytesFile(name, "content");
    }
    var tree = work.tree();
    assertEquals(5, tree.list(ArchivePath.ROOT).size());
    for (var name : names) {
      var entry = tree.lookup(ArchivePath.of(name)).orElseThrow();
      assertArrayEquals(name, entry.path().name());
      assertEquals("content", Workspace.content(tree, entry));
    }
  }

  @Test
  void pathsLongerThanOneSystemCallTakesAreRead() throws IOException { // case 29
    var name = "d".repeat(200).getBytes(StandardCharsets.UTF_8);
    var at = work.root.reopen();
    var deep = ArchivePath.ROOT;
    for (int i = 0; i < 45; i++) {
      at.makeDirectory(name, 0755);
      try (var above = at) {
        at = above.openDirectory(name);
      }
      deep = deep.child(name);
    }
    try (var file = at.createFile(new byte[] {'f'}, 0644)) {
      file.write(new byte[] {'x'}, 0, 1);
    }
    at.close();
    var tree = work.tree();
    var found = tree.lookup(deep.child("f")).orElseThrow();
    assertEquals("x", Workspace.content(tree, found));
    assertEquals(Digest.of(new byte[] {'x'}), tree.digest(found));
    assertEquals(46, Workspace.names(tree).size());
    work.root.removeTree(name);
  }

  @Test
  void nothingIsSeenBelowALink() throws IOException { // case 65
    Files.createDirectories(temp.resolve("outside"));
    Files.writeString(temp.resolve("outside/canary"), "secret");
    work.link("out", temp.resolve("outside").toString()).link("rel", "../outside");
    var tree = work.tree();
    assertTrue(tree.lookup(path("out/canary")).isEmpty());
    assertEquals(List.of(), tree.list(path("out")));
    assertTrue(tree.lookup(path("out")).orElseThrow().isSymlink());
    assertTrue(tree.resolve(path("out/canary")).isEmpty());
    assertTrue(tree.resolve(path("rel/canary")).isEmpty());
  }

  @Test
  void linksAreFollowedInsideTheTreeOnly() throws IOException { // case 65
    work.file("etc/passwd", "inside")
        .link("abs", "/etc/passwd")
        .link("sub/up", "../../../../etc")
        .link("twice", "sub/up/passwd")
        .link("self", "self")
        .link("dir", "etc/")
        .link("through", "etc/passwd/x");
    var tree = work.tree();
    for (var name : List.of("abs", "sub/up/passwd", "twice", "dir/passwd")) {
      assertEquals(path("etc/passwd"), tree.resolve(path(name)).orElseThrow().path(), name);
    }
    assertTrue(tree.resolve(path("through")).isEmpty());
    assertTrue(tree.resolve(path("etc/passwd/x")).isEmpty());
    assertThrows(BuildFailure.class, () -> tree.resolve(path("self")));
  }

  @Test
  void ignoredFilesAreNotThere() throws IOException {
    work.file("keep", "").file("secret/key", "").file("secret/pub", "").file("x.log", "");
    var tree = work.tree("secret", "*.log");
    assertEquals(List.of("keep"), Workspace.names(tree));
    assertTrue(tree.lookup(path("secret/key")).isEmpty());
    assertTrue(tree.lookup(path("secret")).isEmpty());
    assertEquals(List.of(), tree.list(path("secret")));
    assertEquals("secret", tree.leftOutBy(path("secret/key")).orElseThrow().text());
    assertTrue(tree.leftOutBy(path("secret/none")).isEmpty());
  }

  @Test
  void excludedDirectoryIsThereWhenSomethingBelowItIsTakenBackIn() throws IOException { // case 77
    work.file("a/b/keep.txt", "").file("a/b/drop", "").file("a/c/drop", "").file("d/drop", "");
    var tree = work.tree("**", "!**/keep.txt");
    assertEquals(List.of("a/", "a/b/", "a/b/keep.txt"), Workspace.names(tree));
    assertTrue(tree.lookup(path("a/b")).isPresent());
    assertTrue(tree.lookup(path("a/c")).isEmpty());
    assertTrue(tree.lookup(path("d")).isEmpty());
    assertEquals(List.of(), tree.list(path("d")));
  }

  @Test
  void socketIsAnEmptyFileWithAWarning() throws IOException { // case 141, as docker build has it
    var address = UnixDomainSocketAddress.of(work.path.resolve("s.sock"));
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      var tree = work.file("f", "").tree();
      assertEquals(List.of("f", "s.sock"), Workspace.names(tree));
      var socket = tree.lookup(path("s.sock")).orElseThrow();
      assertTrue(socket.isFile());
      assertEquals(0, socket.size());
      try (var in = tree.open(socket)) {
        assertEquals(-1, in.read());
      }
      assertEquals(1, tree.warnings().size());
      assertTrue(tree.warnings().getFirst().startsWith("s.sock is a socket"));
    }
  }

  @Test
  void fifoIsAnEntryAndNeverOpened() throws IOException { // case 141
    work.root.makeNode(Utf8.encode("pipe"), FileType.FIFO, 0600, 0, 0);
    var tree = work.tree();
    var fifo = Workspace.entry(tree, "pipe");
    assertEquals(TarEntry.Type.FIFO, fifo.type());
    assertThrows(IllegalArgumentException.class, () -> tree.digest(fifo));
  }

  @Test
  void fileThatBecameAFifoIsAnErrorNotAWait() throws IOException { // case 140
    var tree = work.file("f", "x").tree();
    var file = Workspace.entry(tree, "f");
    Files.delete(work.path.resolve("f"));
    work.root.makeNode(Utf8.encode("f"), FileType.FIFO, 0600, 0, 0);
    assertThrows(BuildFailure.class, () -> tree.digest(file));
  }

  @Test
  void changeBetweenWalkAndReadIsAnError() throws IOException { // case 140
    work.file("grown", "1").file("shrunk", "123").file("gone", "1").file("dir", "1");
    work.file("swapped", "1").file("same", "1");
    var tree = work.tree();
    tree.list(ArchivePath.ROOT);
    work.file("grown", "12").file("shrunk", "").file("swapped.new", "2");
    Files.delete(work.path.resolve("gone"));
    Files.delete(work.path.resolve("dir"));
    work.directory("dir");
    Files.move(
        work.path.resolve("swapped.new"),
        work.path.resolve("swapped"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    for (var name : List.of("grown", "shrunk", "gone", "dir", "swapped")) {
      var file = Workspace.entry(tree, name);
      var failure = assertThrows(BuildFailure.class, () -> tree.digest(file), name);
      assertTrue(failure.message().startsWith(name + " "), failure.message());
      assertThrows(BuildFailure.class, () -> Workspace.content(tree, file), name);
    }
    assertEquals("1", Workspace.content(tree, Workspace.entry(tree, "same")));
  }

  @Test
  void editThatKeepsSizeAndMtimeIsSeen() throws IOException { // case 140
    work.file("f", "one");
    var file = work.path.resolve("f");
    var time = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(file, time);
    var tree = work.tree();
    var entry = Workspace.entry(tree, "f");
    letTheClockTick();
    Files.writeString(file, "two");
    Files.setLastModifiedTime(file, time);
    assertThrows(BuildFailure.class, () -> tree.digest(entry));
  }

  private void letTheClockTick() throws IOException {
    var probe = Files.createFile(temp.resolve("probe"));
    var first = Files.getAttribute(probe, "unix:ctime");
    while (first.equals(Files.getAttribute(probe, "unix:ctime"))) {
      Files.writeString(probe, "x");
    }
    Files.delete(probe);
  }

  @Test
  void failingFileOfManyIsTheFirstOne() throws IOException { // case 140
    for (int i = 0; i < 200; i++) {
      work.file("f%03d".formatted(i), "x".repeat(60_000));
    }
    var tree = work.tree();
    var files = tree.list(ArchivePath.ROOT);
    for (int i = 50; i < 200; i += 3) {
      work.file("f%03d".formatted(i), "changed");
    }
    var failure = assertThrows(BuildFailure.class, () -> tree.digests(files));
    assertEquals("f050 changed while being read", failure.message());
  }

  @Test
  void hardLinksHaveOneKeyAndSingleFilesNone() throws IOException { // case 142
    work.file("a", "x").file("c", "x");
    Files.createLink(work.path.resolve("b"), work.path.resolve("a"));
    var tree = work.tree();
    assertEquals(
        Workspace.entry(tree, "a").hardLinkKey(), Workspace.entry(tree, "b").hardLinkKey());
    assertTrue(Workspace.entry(tree, "a").hardLinkKey().isPresent());
    assertEquals(Optional.empty(), Workspace.entry(tree, "c").hardLinkKey());
  }

  @Test
  void storeInsideOfTheContextIsNoPartOfIt() throws IOException { // case 143
    work.file("store/blob", "").file("f", "");
    try (var store = dev.jbuild.linux.Directory.open(work.path.resolve("store"))) {
      var tree =
          new LocalTree(work.root, IgnoreRules.NONE, StatCache.none(), Optional.of(store.stat()));
      assertEquals(List.of("f"), Workspace.names(tree));
      assertTrue(tree.lookup(path("store/blob")).isEmpty());
    }
  }

  @Test
  void userAttributesAreKeptAndOthersAreNot() throws IOException {
    work.file("f", "x").file("g", "x");
    try {
      work.root.setXattr(Utf8.encode("f"), "user.note", new byte[] {1, 0, 2});
    } catch (IOException e) {
      abort("no extended attributes here");
    }
    var tree = work.tree();
    assertEquals(List.of("user.note"), List.copyOf(Workspace.entry(tree, "f").xattrs().keySet()));
    assertTrue(Workspace.entry(tree, "g").xattrs().isEmpty());
  }

  @Test
  void treeStandsStillWhileTheDirectoryChanges() throws IOException {
    work.file("a", "1");
    var tree = work.tree();
    var before = Workspace.entry(tree, "a");
    letTheClockTick();
    work.file("a", "22").file("b", "");
    assertEquals(1, Workspace.entry(tree, "a").size());
    assertEquals(before, tree.list(ArchivePath.ROOT).getFirst());
    assertEquals(2, tree.list(ArchivePath.ROOT).size());
    work.file("c", "");
    assertEquals(2, tree.list(ArchivePath.ROOT).size());
  }

  @Test
  void readingAheadFindsTheSameAsAskingOneByOne() throws IOException {
    for (int i = 0; i < 2000; i++) {
      work.file("d%d/e%d/f%d".formatted(i % 10, i % 30, i), "");
    }
    var ahead = work.tree();
    ahead.expect(ArchivePath.ROOT);
    var one = walk(work.tree());
    assertEquals(one, walk(ahead));
    assertTrue(one.size() > 2000, one.size() + "");
  }

  @Test
  void whoWatchesIsToldHowManyFilesWereLookedAtAndRead() throws IOException { // case 138
    for (int i = 0; i < 3000; i++) {
      work.file("d%d/f%d".formatted(i % 3, i), "");
    }
    var tree = work.tree();
    var told = Collections.synchronizedList(new ArrayList<String>());
    tree.watch((listed, read) -> told.add(listed + " " + read));
    walk(tree);
    assertTrue(told.contains("3003 0"), told.toString());
    var files = new ArrayList<SourceEntry>();
    for (int i = 0; i < 3; i++) {
      files.addAll(tree.list(ArchivePath.of("d" + i)));
    }
    told.clear();
    tree.hashes(files.subList(0, 2500));
    // Told at each thousand; another thread may have read one more meanwhile.
    assertEquals(2, told.size(), told.toString());
    assertTrue(told.stream().allMatch(each -> each.matches("3003 [12]00\\d")), told.toString());
    tree.watch(SourceTree.Watcher.NOBODY);
    tree.hashes(files);
    assertEquals(2, told.size(), "nobody watches any more");
  }

  private static List<ArchivePath> walk(SourceTree tree) throws IOException {
    var found = new ArrayList<ArchivePath>();
    new TreeWalk(tree, IgnoreRules.NONE, each -> found.add(each.path()))
        .below(Workspace.entry(tree, ""), ArchivePath.ROOT);
    return found;
  }

  @Test
  void veryDeepTreesAreWalked() throws IOException { // case 30
    var name = new byte[] {'d'};
    var at = work.root.reopen();
    for (int i = 0; i < 3000; i++) {
      at.makeDirectory(name, 0755);
      try (var above = at) {
        at = above.openDirectory(name);
      }
    }
    at.close();
    var rules = Workspace.rules("d", "!**/nothing");
    assertEquals(3000, Workspace.names(work.tree()).size());
    var tree = new LocalTree(work.root, rules, StatCache.none(), Optional.empty());
    assertEquals(List.of(), Workspace.names(tree));
    work.root.removeTree(name);
  }

  @Test
  void surveyTellsWhichLineDecides() throws IOException {
    work.file("a/keep", "").file("a/drop", "").file("b/x", "").file("c", "");
    var lines = new ArrayList<String>();
    new ContextSurvey(
            new HostNames(work.root, Optional.empty()),
            Workspace.rules("a", "!a/keep", "b"),
            Optional.empty())
        .read(
            line ->
                lines.add(
                    line.path()
                        + (line.leftOut() ? " out " : " in ")
                        + line.rule().map(rule -> rule.line()).orElse(0)));
    assertEquals(List.of("a out 1", "a/drop out 1", "a/keep in 2", "b out 3", "c in 0"), lines);
  }

  @Test
  void entriesOfTwoFilesDiffer() throws IOException {
    work.file("a", "1").file("b", "1");
    var tree = work.tree();
    assertNotEquals(Workspace.entry(tree, "a"), Workspace.entry(tree, "b"));
    assertFalse(Workspace.entry(tree, "a").isDirectory());
  }
}
