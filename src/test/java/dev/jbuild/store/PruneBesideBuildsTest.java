package dev.jbuild.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// A prune while others use the store.
class PruneBesideBuildsTest extends PrunerBench {

  /// Case 111.
  @Test
  void whatALivingProcessUsesStays() throws IOException {
    try (var living = Store.open(root)) {
      var image = SampleImage.put(living, "new");
      living.references().add(image.manifest());
      var unnamed = living.blobs().put(new byte[] {77});
      Path tree;
      try (var draft = living.trees().draft()) {
        tree = living.trees().commit(draft, key(1));
      }
      try (var draft = living.trees().draft();
          var writer = living.blobs().create()) {
        writer.write(1);
        prune(PruneOptions.ALL);
        writer.commit();
        assertTrue(Files.exists(draft.fs()));
      }
      assertTrue(holds(image.blobs().toArray(Digest[]::new)));
      assertTrue(holds(unnamed));
      assertTrue(Files.exists(tree));
      assertEquals(1, living.references().all().size());
    }
    prune(PruneOptions.ALL);
    assertEquals(List.of(), Names.digests(root.resolve("blobs/sha256")));
    assertEquals(List.of(), Names.digests(root.resolve("trees")));
    assertEquals(0, done(store -> store.references().all()).size());
  }

  @Test
  void keepingAManifestKeepsTheWholeImage() throws IOException {
    var image = tagged(A);
    done(store -> store.references().untag(A));
    try (var living = Store.open(root)) {
      assertTrue(living.lease().keep(image.manifest().digest()));
      prune(PruneOptions.ALL);
      living.references().tag(A, image.manifest());
    }
    prune(PruneOptions.ALL);
    assertEquals(List.of(), done(Store::check));
    assertTrue(holds(image.blobs().toArray(Digest[]::new)));
  }

  @Test
  void locksOfStepsThatNobodyHoldsGo() throws IOException {
    try (var living = Store.open(root);
        var _ = living.lock(key(1))) {
      living.lock(key(2)).close();
      prune(PruneOptions.DEFAULT);
      assertTrue(Files.exists(root.resolve("locks").resolve(key(1).hex())));
      assertFalse(Files.exists(root.resolve("locks").resolve(key(2).hex())));
      assertTrue(living.tryLock(key(1)).isEmpty());
    }
  }

  /// Case 111: prunes in a loop while four stores build images that share content.
  @Test
  void pruningWhileBuildingBreaksNoBuild() throws Exception {
    Store.open(root).close();
    var done = new AtomicBoolean();
    try (var threads = Executors.newFixedThreadPool(5)) {
      Future<Integer> pruning =
          threads.submit(
              () -> {
                int count = 0;
                for (; !done.get(); count++) {
                  prune(count % 2 == 0 ? PruneOptions.ALL : PruneOptions.DEFAULT);
                }
                return count;
              });
      var builds = IntStream.range(0, 4).mapToObj(i -> threads.submit(() -> build(i))).toList();
      try {
        for (var build : builds) {
          build.get();
        }
      } finally {
        done.set(true);
      }
      assertTrue(pruning.get() > 0);
    }
    assertEquals(List.of(), done(Store::check));
    assertEquals(
        4,
        done(store -> store.references().all()).stream().filter(e -> e.name().isPresent()).count());
  }

  /// Case 111: while a prune decides, nothing new appears that it does not know of.
  @Test
  void nothingAppearsWhileAPruneDecides() throws Exception {
    try (var store = Store.open(root);
        var other = Store.open(root);
        var threads = Executors.newFixedThreadPool(4)) {
      var blob = store.blobs().put(new byte[] {1});
      var layout = new Layout(store.root());
      List<Future<?>> waiting;
      try (var _ = Locks.exclusive(layout.storeLock())) {
        waiting =
            List.of(
                threads.submit(() -> store.blobs().put(new byte[] {2})),
                threads.submit(
                    () -> {
                      store.records().put(key(1), key(1), needs(List.of(blob), List.of()));
                      return 0;
                    }),
                threads.submit(
                    () -> {
                      try (var draft = store.trees().draft()) {
                        return store.trees().commit(draft, key(1));
                      }
                    }),
                threads.submit(() -> other.lease().keep(blob)));
        Thread.sleep(150);
        assertTrue(waiting.stream().noneMatch(Future::isDone));
        assertEquals(List.of(blob), Names.digests(layout.blobs()));
        assertEquals(List.of(), Names.digests(layout.steps()));
        assertEquals(List.of(), Names.digests(layout.trees()));
        threads.shutdown();
      }
      for (var each : waiting) {
        each.get();
      }
      assertEquals(2, Names.digests(layout.blobs()).size());
    }
  }

  private int build(int builder) throws IOException {
    for (int round = 0; round < 8; round++) {
      try (var store = Store.open(root)) {
        var image = SampleImage.put(store, "shared " + round);
        store.layers().putIndex(image.layer(), new byte[] {1, (byte) round});
        store.records().put(key(round), key(round), needs(List.of(image.layer()), List.of()));
        try (var draft = store.trees().draft()) {
          var tree = store.trees().commit(draft, key(round));
          assertTrue(Files.exists(tree));
        }
        store.references().tag("image" + builder, image.manifest());
        for (var blob : image.blobs()) {
          store.blobs().read(blob, 1 << 20);
        }
        assertTrue(store.layers().index(image.layer()).isPresent());
      }
    }
    return 0;
  }
}
