package dev.jbuild.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.Utf8;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A context directory that is listed before anybody asks for it.
class ReadAheadTest {

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

  private LocalTree at(LongSupplier clock, String... ignoreLines) {
    var rules = Workspace.rules(ignoreLines);
    return new LocalTree(
        work.root, rules, StatCache.none(), Optional.empty(), System.currentTimeMillis(), clock);
  }

  private LocalTree listedAhead(AtomicLong clock, String... ignoreLines) {
    var tree = at(clock::get, ignoreLines);
    tree.begin().join();
    return tree;
  }

  @Test
  void whatIsListedBeforeAnybodyAsksIsUsedForASecondAndNoLonger() throws IOException {
    work.file("d/f", "").file("d/e/g", "").file("out/x", "").file("out/in", "");
    var rules = new String[] {"out", "!out/in"};
    var soon = new AtomicLong();
    var late = new AtomicLong();
    var trees = List.of(listedAhead(soon, rules), listedAhead(soon, rules));
    var lateTrees = List.of(listedAhead(late, rules), listedAhead(late, rules));
    soon.set(ReadAhead.GOOD_FOR - 1);
    late.set(ReadAhead.GOOD_FOR);
    var before = Workspace.names(work.tree(rules));
    work.file("d/new", "");
    var now = Workspace.names(work.tree(rules));
    assertTrue(now.contains("d/new") && !before.contains("d/new"));
    // once by expecting all of it, once directory by directory
    assertEquals(before, Workspace.names(trees.get(0)));
    assertEquals(2, trees.get(1).list(path("d")).size());
    assertEquals(now, Workspace.names(lateTrees.get(0)));
    assertEquals(3, lateTrees.get(1).list(path("d")).size());
    trees.forEach(LocalTree::stop);
    lateTrees.forEach(LocalTree::stop);
  }

  @Test
  void nobodyIsToldOfWhatIsListedBeforeItIsAskedFor() throws IOException {
    for (int i = 0; i < 1500; i++) {
      work.file("d/f%04d".formatted(i), "");
    }
    var address = UnixDomainSocketAddress.of(work.directory("s").path.resolve("s/sock"));
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      var tree = at(() -> 0);
      var told = new AtomicLong();
      tree.watch((_, _) -> told.incrementAndGet());
      tree.begin().join();
      assertEquals(0, told.get());
      assertEquals(1500, tree.list(path("d")).size());
      assertEquals(1, told.get());
      assertEquals(List.of(), tree.warnings());
      assertEquals(1, tree.list(path("s")).size());
      assertEquals(1, tree.warnings().size());
    }
  }

  @Test
  void whatWasLookedUpStaysWhatItWasInAListingThatWasMadeBefore() throws IOException {
    work.file("a", "1").file("b", "1").file("gone", "");
    var tree = at(() -> 0);
    tree.begin().join();
    work.file("a", "22");
    Files.delete(work.path.resolve("gone"));
    var looked = tree.lookup(path("a")).orElseThrow();
    assertEquals(2, looked.size());
    assertTrue(tree.lookup(path("gone")).isEmpty());
    assertEquals(List.of("a", "b"), Workspace.names(tree));
    assertSame(looked, tree.list(ArchivePath.ROOT).getFirst());
    assertEquals("22", Workspace.content(tree, looked));
    assertTrue(tree.lookup(path("gone")).isEmpty());
  }

  @Test
  void listingAheadEndsWithinADirectory() throws Exception {
    for (int i = 0; i < 300; i++) {
      work.file("d%d/f%03d".formatted(i % 2, i), "");
    }
    var worker = new AtomicReference<Thread>();
    var isIn = new CountDownLatch(1);
    var mayGoOn = new CountDownLatch(1);
    var calls = new AtomicLong();
    var tree =
        at(
            () -> {
              // asked by the worker before it lists a directory: the root, then the first below
              if (Thread.currentThread().getName().equals("names-ahead")
                  && calls.incrementAndGet() == 2) {
                worker.set(Thread.currentThread());
                isIn.countDown();
                awaitQuietly(mayGoOn);
              }
              return 0;
            });
    var begun = tree.begin();
    isIn.await();
    begun.end();
    mayGoOn.countDown();
    Thread.currentThread().interrupt();
    tree.stop();
    assertTrue(Thread.interrupted(), "whoever interrupted is forgotten");
    assertFalse(worker.get().isAlive());
    assertNotNull(begun.guessed(ArchivePath.ROOT));
    assertNull(begun.guessed(path("d0")));
    assertNull(begun.guessed(path("d1")));
    assertEquals(302, Workspace.names(tree).size());
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void notMuchIsListedThatNobodyAskedFor() throws IOException {
    work.directory("d");
    try (var d = work.root.openDirectory(Utf8.encode("d"))) {
      for (int i = 0; i < ReadAhead.MOST_UNASKED + 100; i++) {
        d.createFile(Utf8.encode("f" + i), 0644).close();
      }
    }
    var tree = at(() -> 0);
    var begun = tree.begin();
    begun.join();
    assertNotNull(begun.guessed(ArchivePath.ROOT));
    assertTrue(begun.guessed(path("d")) == null, "all of it is listed");
    tree.expect(ArchivePath.ROOT);
    work.root.removeTree(Utf8.encode("d"));
    assertEquals(ReadAhead.MOST_UNASKED + 100, tree.list(path("d")).size());
  }
}
