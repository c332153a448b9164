package dev.jbuild.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.MediaType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What goes and what stays.
class PrunerTest {

  private static final String A = "docker.io/library/a:1";

  @TempDir Path temp;
  private Path root;

  @BeforeEach
  void name() {
    root = temp.resolve("store");
  }

  /// Does something as a process would that has ended since.
  private <T> T done(Work<T> work) throws IOException {
    try (var store = Store.open(root)) {
      return work.with(store);
    }
  }

  private interface Work<T> {
    T with(Store store) throws IOException;
  }

  private boolean says(Work<Boolean> work) throws IOException {
    return done(work);
  }

  private Pruned prune(PruneOptions options) throws IOException {
    return done(store -> store.prune(options));
  }

  private boolean holds(Digest... digests) throws IOException {
    return done(store -> Stream.of(digests).allMatch(store.blobs()::contains));
  }

  private static byte[] needs(List<Digest> blobs, List<Digest> trees) {
    return Json.write(
        Map.of(
            "blobs", blobs.stream().map(Digest::toString).toList(),
            "trees", trees.stream().map(Digest::toString).toList()));
  }

  private static Digest key(int n) {
    return Digest.of(new byte[] {42, (byte) n});
  }

  private SampleImage tagged(String name) throws IOException {
    return done(
        store -> {
          var image = SampleImage.put(store, name);
          store.references().tag(name, image.manifest());
          return image;
        });
  }

  @Test
  void anImageWithANameStaysWholeWithWhatIsKnownOfItsLayers() throws IOException {
    var image = tagged(A);
    var index = new byte[] {8, 8};
    done(
        store -> {
          store.layers().putIndex(image.layer(), index);
          return 0;
        });
    for (var options : List.of(PruneOptions.DEFAULT, PruneOptions.ALL)) {
      var pruned = prune(options);
      assertEquals(List.of(), pruned.blobs());
      assertEquals(List.of(), pruned.images());
    }
    assertTrue(says(store -> store.layers().index(image.layer()).isPresent()));
    assertEquals(List.of(), done(Store::check));
  }

  @Test
  void aLayerInUseStaysInTheFormInWhichItIs() throws IOException {
    var diffId = key(1);
    var form = new byte[] {7, 7};
    var blob = new Descriptor(MediaType.OCI_LAYER_GZIP, Digest.of(form), form.length);
    done(
        store -> {
          store.blobs().put(form);
          store.layers().remember(diffId, blob, CompressedForm.PULLED);
          return 0;
        });
    try (var using = Store.open(root)) {
      assertTrue(using.lease().keepLayer(diffId, using.layers()));
      assertFalse(using.lease().keepLayer(key(2), using.layers()));
      prune(PruneOptions.ALL);
      assertTrue(using.layers().isWithinReach(diffId));
    }
    prune(PruneOptions.ALL);
    assertFalse(says(store -> store.layers().isWithinReach(diffId)));
  }

  @Test
  void anImageWithoutANameGoesWithAllThatOnlyItNeeds() throws IOException {
    var old = tagged(A);
    var young =
        done(
            store -> {
              store.layers().putIndex(old.layer(), new byte[] {8});
              var image = SampleImage.put(store, "young");
              store.references().tag(A, image.manifest());
              return image;
            });

    var pruned = prune(PruneOptions.DEFAULT);

    assertEquals(
        List.of(old.manifest().digest()),
        pruned.images().stream().map(Descriptor::digest).toList());
    assertEquals(4, pruned.blobs().size(), "its three blobs and the index of its layer");
    assertTrue(pruned.bytes() > 0);
    assertFalse(holds(old.layer()) || holds(old.config()) || holds(old.manifest().digest()));
    assertTrue(holds(young.blobs().toArray(Digest[]::new)));
    assertEquals(1, done(store -> store.references().all()).size());
    assertEquals(List.of(), Names.digests(root.resolve("cache/layers")));
  }

  @Test
  void anIndexKeepsAllItsImages() throws IOException {
    var image = tagged(A);
    var index = Index.of(List.of(image.manifest()), Map.of());
    done(
        store -> {
          store.blobs().put(index.bytes());
          store.references().tag("many", index.descriptor());
          store.references().untag(A);
          return 0;
        });
    assertEquals(List.of(), prune(PruneOptions.ALL).blobs());
    assertTrue(holds(image.blobs().toArray(Digest[]::new)));
  }

  @Test
  void blobsOfUnknownTypesStayWithTheirManifest() throws IOException {
    var blob = done(store -> store.blobs().put(new byte[] {1, 2, 3}));
    done(
        store -> {
          store.references().tag("x", new Descriptor(new MediaType("application/x"), blob, 3));
          return 0;
        });
    prune(PruneOptions.ALL);
    assertTrue(holds(blob));
  }

  @Test
  void whatNothingNamesGoes() throws IOException {
    var blob = done(store -> store.blobs().put(new byte[] {1, 2, 3}));
    assertEquals(List.of(blob), prune(PruneOptions.DEFAULT).blobs());
    assertFalse(holds(blob));
  }

  @Test
  void theStepCacheStaysUnlessAllGoes() throws IOException {
    var blob =
        done(
            store -> {
              var digest = store.blobs().put(new byte[] {1, 2, 3});
              store.records().put(key(1), key(2), needs(List.of(digest), List.of()));
              store.builds().put(key(1), needs(List.of(digest), List.of()));
              store.layers().putIndex(digest, new byte[] {7});
              return digest;
            });

    prune(PruneOptions.DEFAULT);
    assertTrue(holds(blob));
    assertTrue(says(store -> store.records().find(key(1)).isPresent()));
    assertTrue(says(store -> store.layers().index(blob).isPresent()));

    var pruned = prune(PruneOptions.ALL);
    assertEquals(List.of(key(1)), pruned.records());
    assertEquals(List.of(key(1)), pruned.builds());
    assertFalse(holds(blob));
    assertFalse(says(store -> store.records().knowsWeak(key(2))));
    assertEquals(Optional.empty(), done(store -> store.records().find(key(1))));
  }

  @Test
  void aRecordWhoseBlobIsGoneGoesTooAndSoDoesATornOne() throws IOException {
    done(
        store -> {
          var blob = store.blobs().put(new byte[] {1});
          store.records().put(key(1), key(2), needs(List.of(key(9)), List.of()));
          store.records().put(key(3), key(4), needs(List.of(blob), List.of()));
          store.records().put(key(5), key(4), "{\"others\":1}".getBytes(UTF_8));
          store.records().put(key(6), key(6), "{}".getBytes(UTF_8));
          return 0;
        });
    Files.writeString(root.resolve("cache/steps").resolve(key(6).hex()), "");

    var pruned = prune(PruneOptions.DEFAULT);

    assertEquals(Stream.of(key(1), key(6)).sorted().toList(), pruned.records());
    assertFalse(says(store -> store.records().knowsWeak(key(2))));
    assertTrue(says(store -> store.records().knowsWeak(key(4))));
  }

  private void record(int n, int size, Instant used) throws IOException {
    done(
        store -> {
          var content = new byte[size];
          content[0] = (byte) n;
          var blob = store.blobs().put(content);
          store.records().put(key(n), key(n), needs(List.of(blob), List.of()));
          return Files.setLastModifiedTime(store.records().file(key(n)), FileTime.from(used));
        });
  }

  @Test
  void ofTheCacheWhatWasUsedLastStaysWithinTheLimit() throws IOException {
    record(1, 1000, Instant.ofEpochSecond(1000));
    record(2, 1000, Instant.ofEpochSecond(3000));
    record(3, 1000, Instant.ofEpochSecond(2000));
    var limit = new PruneOptions(false, OptionalLong.of(2500), Optional.empty(), false);
    assertEquals(List.of(key(1)), prune(limit).records());
    var none = new PruneOptions(false, OptionalLong.of(0), Optional.empty(), false);
    assertEquals(2, prune(none).records().size());
  }

  @Test
  void whatWasUsedSinceStays() throws IOException {
    record(1, 10, Instant.ofEpochSecond(1000));
    record(2, 10, Instant.ofEpochSecond(3000));
    var until = Optional.of(Instant.ofEpochSecond(2000));
    var options = new PruneOptions(true, OptionalLong.empty(), until, false);
    assertEquals(List.of(key(1)), prune(options).records());
  }

  @Test
  void aTrialSaysTheSameAndChangesNothing() throws IOException {
    var old = tagged(A);
    done(
        store -> {
          store.references().tag(A, SampleImage.put(store, "young").manifest());
          try (var draft = store.trees().draft()) {
            store.trees().commit(draft, key(1));
          }
          return 0;
        });
    var trial = prune(new PruneOptions(true, OptionalLong.empty(), Optional.empty(), true));
    assertTrue(holds(old.blobs().toArray(Digest[]::new)));
    assertEquals(2, done(store -> store.references().all()).size());
    assertEquals(trial, prune(PruneOptions.ALL));
  }

  @Test
  void treesStayWithTheirImageOrRecordUnlessAllGoes() throws IOException {
    var image = tagged(A);
    done(
        store -> {
          for (var chain : List.of(image.layer(), key(1), key(2))) {
            try (var draft = store.trees().draft()) {
              Files.write(draft.fs().resolve("x"), new byte[10_000]);
              store.trees().commit(draft, chain);
            }
          }
          store.records().put(key(3), key(3), needs(List.of(), List.of(key(1))));
          store.trees().seal();
          return 0;
        });

    var pruned = prune(PruneOptions.DEFAULT);
    assertEquals(List.of(key(2)), pruned.trees());
    assertTrue(pruned.bytes() >= 10_000, "" + pruned.bytes());
    assertTrue(says(store -> store.trees().find(key(1)).isPresent()));

    assertEquals(2, prune(PruneOptions.ALL).trees().size());
  }

  @Test
  void aTreeThatACrashLeftUnsealedGoes() throws IOException {
    var image = tagged(A);
    done(
        store -> {
          try (var draft = store.trees().draft()) {
            return store.trees().commit(draft, image.layer());
          }
        });
    Files.writeString(
        root.resolve("trees").resolve(image.layer().hex()).resolve("state"), "boot x");
    assertEquals(List.of(image.layer()), prune(PruneOptions.DEFAULT).trees());
  }

  @Test
  void keptContainersHoldWhatTheyName() throws IOException {
    var blob = done(store -> store.blobs().put(new byte[] {1, 2, 3}));
    var kept =
        done(store -> store.kept().keep(store.trees().draft(), needs(List.of(blob), List.of())));
    prune(PruneOptions.DEFAULT);
    assertTrue(holds(blob));

    var spec = kept.directory().resolve("spec.json");
    var whole = Files.readAllBytes(spec);
    Files.writeString(spec, "{");
    var failure = assertThrows(BuildFailure.class, () -> prune(PruneOptions.DEFAULT));
    assertTrue(failure.message().contains("spec.json"), failure.message());
    assertTrue(holds(blob));

    Files.write(spec, whole);
    var old = Optional.of(Instant.now().minus(Duration.ofDays(2)));
    var before = new PruneOptions(false, OptionalLong.empty(), old, false);
    assertEquals(List.of(), prune(before).kept());
    try (var store = Store.open(root);
        var _ = store.kept().tryHold(kept).orElseThrow()) {
      assertEquals(List.of(), prune(PruneOptions.ALL).kept());
    }
    assertEquals(List.of(kept.id()), prune(PruneOptions.ALL).kept());
    assertFalse(Files.exists(kept.directory()));
    assertFalse(holds(blob));
  }

  /// Case 111.
  @Test
  void filesOfOthersAreNotTouched() throws IOException {
    tagged(A);
    var foreign =
        List.of(
            "blobs/sha256/README",
            "blobs/sha512/x",
            "trees/x",
            "cache/steps/x",
            "builds/x",
            "tmp/x",
            "locks/x",
            "x",
            "cache/layers/" + "A".repeat(64));
    for (var name : foreign) {
      Files.createDirectories(root.resolve(name).getParent());
      Files.writeString(root.resolve(name), "x");
    }
    prune(PruneOptions.ALL);
    for (var name : foreign) {
      assertTrue(Files.exists(root.resolve(name)), name);
    }
  }

  /// Case 113: what a damaged manifest named is not known.
  @Test
  void nothingGoesOnTheWordOfADamagedManifest() throws IOException {
    var image = tagged(A);
    var file = root.resolve("blobs/sha256").resolve(image.manifest().digest().hex());
    var bytes = Files.readAllBytes(file);
    Files.delete(file);
    bytes[bytes.length - 3] ^= 1;
    Files.write(file, bytes);
    assertThrows(CorruptBlobException.class, () -> prune(PruneOptions.ALL));
    assertTrue(holds(image.layer()));
  }

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
