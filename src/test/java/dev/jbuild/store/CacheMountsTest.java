package dev.jbuild.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.store.CacheMounts.Use;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Caches of RUN mounts. Two open stores stand for two processes: their locks exclude each other.
class CacheMountsTest {

  private static final CacheMounts.Seed NOTHING = _ -> {};

  @TempDir Path temp;
  private Path root;
  private Store store;
  private Store other;

  @BeforeEach
  void open() throws IOException {
    root = temp.resolve("store");
    store = Store.open(root);
    other = Store.open(root);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
    other.close();
  }

  @ParameterizedTest
  @EnumSource(Use.class)
  void aCacheIsSeededOnceAndKept(Use use) throws IOException {
    try (var cache =
        store.cacheMounts().open("a", use, files -> Files.writeString(files.resolve("s"), "1"))) {
      assertEquals("1", Files.readString(cache.directory().resolve("s")));
      Files.writeString(cache.directory().resolve("s"), "2");
    }
    try (var again =
        other.cacheMounts().open("a", use, _ -> assertTrue(false, "seeded a second time"))) {
      assertEquals("2", Files.readString(again.directory().resolve("s")));
    }
  }

  @Test
  void aSeedThatFailsLeavesNothing() throws IOException {
    assertThrows(
        IOException.class,
        () ->
            store
                .cacheMounts()
                .open(
                    "a",
                    Use.LOCKED,
                    files -> {
                      Files.writeString(files.resolve("half"), "");
                      throw new IOException("no");
                    }));
    try (var cache = other.cacheMounts().open("a", Use.LOCKED, NOTHING)) {
      assertEquals(List.of(), names(cache.directory()));
    }
  }

  @Test
  void anIdIsNeverAPath() throws IOException { // case 68, CVE-2024-9675
    for (var id : List.of("../../../../" + temp, "/", "..", "", "a/b", "a\0b", "x".repeat(5000))) {
      try (var cache = store.cacheMounts().open(id, Use.SHARED, NOTHING)) {
        assertTrue(cache.directory().startsWith(root.toRealPath().resolve("mounts")), id);
        assertEquals(List.of(), names(cache.directory()), id);
      }
    }
    assertEquals(List.of("store"), names(temp));
    assertEquals(7, store.cacheMounts().list().size());
  }

  @Test
  void manyShareOne() throws IOException {
    try (var one = store.cacheMounts().open("a", Use.SHARED, NOTHING);
        var two = other.cacheMounts().open("a", Use.SHARED, NOTHING)) {
      assertEquals(one.directory(), two.directory());
    }
  }

  @Test
  void aPrivateOneInUseHasACopyThatIsUsedAgain() throws IOException {
    Path second;
    try (var one = store.cacheMounts().open("a", Use.PRIVATE, NOTHING);
        var two = other.cacheMounts().open("a", Use.PRIVATE, NOTHING)) {
      second = two.directory();
      assertNotEquals(one.directory(), second);
    }
    try (var one = store.cacheMounts().open("a", Use.PRIVATE, NOTHING);
        var two = other.cacheMounts().open("a", Use.PRIVATE, NOTHING)) {
      assertNotEquals(one.directory(), two.directory());
      assertEquals(second, two.directory());
    }
    assertEquals(List.of("a", "a"), ids());
  }

  @ParameterizedTest
  @EnumSource(
      value = Use.class,
      names = {"SHARED", "LOCKED"})
  void aLockedOneIsWaitedFor(Use next) throws Exception {
    var isFree = new AtomicBoolean();
    var asks = new CountDownLatch(1);
    try (var threads = Executors.newSingleThreadExecutor()) {
      var cache = store.cacheMounts().open("a", Use.LOCKED, NOTHING);
      var waiting =
          threads.submit(
              () -> {
                var caches = other.cacheMounts();
                try (var _ = caches.open("a", Optional.empty(), next, NOTHING, asks::countDown)) {
                  return isFree.get();
                }
              });
      asks.await();
      for (int i = 0; i < 5; i++) { // others are free meanwhile
        store.cacheMounts().open("b" + i, Use.LOCKED, NOTHING).close();
      }
      isFree.set(true);
      cache.close();
      assertTrue(waiting.get(), "it did not wait");
    }
  }

  private Pruned prune(PruneOptions options) throws IOException {
    try (var pruner = Store.open(root)) {
      return pruner.prune(options);
    }
  }

  private List<String> ids() throws IOException {
    return store.cacheMounts().list().stream().map(CacheMounts.Listed::id).toList();
  }

  private Path used(String id, long second) throws IOException {
    var cache = store.cacheMounts().open(id, Use.SHARED, NOTHING);
    cache.close();
    Files.writeString(cache.directory().resolve("f"), "x".repeat(10_000));
    Files.setLastModifiedTime(
        cache.directory().getParent(), FileTime.from(Instant.ofEpochSecond(second)));
    return cache.directory();
  }

  @Test
  void theListTellsSizesAndTimes() throws IOException {
    used("b", 1000);
    used("a", 2000);
    var list = store.cacheMounts().list();
    assertEquals(List.of("a", "b"), ids());
    assertEquals(Instant.ofEpochSecond(2000), list.getFirst().used());
    assertTrue(list.getFirst().bytes() >= 10_000);
    var share =
        store.diskUse().shares().stream()
            .filter(each -> each.kind() == DiskUse.Kind.MOUNTS)
            .findFirst();
    assertTrue(share.orElseThrow().bytes() >= 20_000);
    assertEquals(List.of(), store.check());
  }

  @Test
  void aPruneRemovesThemOnlyIfItIsToldTo() throws IOException {
    used("old", 1000);
    used("new", 3000);
    assertEquals(List.of(), prune(PruneOptions.DEFAULT).cacheMounts());
    var keep = new PruneOptions(false, OptionalLong.of(0), Optional.empty(), false);
    assertEquals(List.of(), prune(keep).cacheMounts());
    var until = Optional.of(Instant.ofEpochSecond(2000));
    var trial = new PruneOptions(false, OptionalLong.empty(), until, true, true);
    assertEquals(List.of("old"), prune(trial).cacheMounts());
    var some = prune(new PruneOptions(false, OptionalLong.empty(), until, false));
    assertEquals(List.of("old"), some.cacheMounts());
    assertTrue(some.bytes() >= 10_000);
    assertEquals(List.of("new"), ids());
    assertEquals(List.of("new"), prune(PruneOptions.ALL).cacheMounts());
    assertEquals(List.of(), ids());
  }

  @Test
  void aPruneOfCachesLeavesAllElse() throws IOException {
    used("a", 1000);
    var blob = other.blobs().put(new byte[] {1});
    other.close();
    other = Store.open(root);
    var only = new PruneOptions(false, OptionalLong.empty(), Optional.empty(), true, false);
    assertEquals(List.of("a"), prune(only).cacheMounts());
    assertTrue(store.blobs().contains(blob));
    assertEquals(List.of(blob), prune(PruneOptions.DEFAULT).blobs());
  }

  @Test
  void noPruneTakesOneThatIsInUse() throws IOException { // case 111
    try (var cache = store.cacheMounts().open("a", Use.SHARED, NOTHING)) {
      assertEquals(List.of(), prune(PruneOptions.ALL).cacheMounts());
      Files.writeString(cache.directory().resolve("f"), "");
    }
    assertEquals(List.of("a"), prune(PruneOptions.ALL).cacheMounts());
  }

  @Test
  void anotherIdMapEmptiesThemUnlessTheyAreInUse() throws IOException {
    var directory = used("a", 1000);
    var cache = store.cacheMounts().open("a", Use.SHARED, NOTHING);
    Files.writeString(root.resolve("trees/idmap"), "0 100000 65536\n");
    try (var third = Store.open(root)) {
      assertThrows(
          BuildFailure.class, () -> third.cacheMounts().open("b", Use.SHARED, NOTHING).close());
      assertTrue(Files.exists(directory));
      cache.close();
      third.cacheMounts().open("b", Use.SHARED, NOTHING).close();
      assertFalse(Files.exists(directory));
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> names = Files.list(directory)) {
      return names.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
