package dev.jbuild.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What goes of the step cache and of the trees.
class PrunedCacheTest extends PrunerBench {

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
}
