package dev.jbuild.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.MediaType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is known of layers.
class LayersTest {

  @TempDir Path temp;
  private Store store;
  private Layers layers;
  private final Digest diffId = Digest.of(new byte[] {1});

  @BeforeEach
  void open() throws IOException {
    store = Store.open(temp.resolve("store"));
    layers = store.layers();
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private static Descriptor gzip(int n) {
    return new Descriptor(MediaType.OCI_LAYER_GZIP, Digest.of(new byte[] {9, (byte) n}), 2);
  }

  @Test
  void anIndexIsFoundByDiffId() throws IOException {
    assertEquals(Optional.empty(), layers.index(diffId));
    layers.putIndex(diffId, new byte[] {5, 6});
    assertArrayEquals(new byte[] {5, 6}, layers.index(diffId).orElseThrow());
    layers.putIndex(diffId, new byte[] {7});
    assertArrayEquals(new byte[] {7}, layers.index(diffId).orElseThrow());
  }

  @Test
  void compressedFormsAreRememberedBesideTheIndex() throws IOException {
    layers.remember(diffId, gzip(1), "pulled");
    layers.putIndex(diffId, new byte[] {5});
    layers.remember(diffId, gzip(2), "gzip-6 v1");
    layers.remember(diffId, gzip(1), "gzip-9 v1");
    assertEquals(
        List.of(new CompressedForm(gzip(2), "gzip-6 v1"), new CompressedForm(gzip(1), "gzip-9 v1")),
        layers.compressedForms(diffId));
    assertArrayEquals(new byte[] {5}, layers.index(diffId).orElseThrow());
  }

  @Test
  void aLayerIsTakenPlainOrElseCompressed() throws IOException {
    assertEquals(Optional.empty(), layers.stored(diffId));
    layers.remember(diffId, gzip(1), CompressedForm.PULLED);
    layers.remember(diffId, gzip(2), CompressedForm.ORIGINAL);
    assertEquals(Optional.empty(), layers.stored(diffId));
    store.blobs().put(new byte[] {9, 1});
    assertEquals(Optional.empty(), layers.stored(diffId)); // it may hold something else
    store.blobs().put(new byte[] {9, 2});
    assertEquals(Optional.of(gzip(2)), layers.stored(diffId));
    store.blobs().put(new byte[] {1});
    assertEquals(
        Optional.of(new Descriptor(MediaType.OCI_LAYER, diffId, 1)), layers.stored(diffId));
  }

  @Test
  void aTornFileCountsAsUnknownAndIsReplaced() throws IOException {
    layers.putIndex(diffId, new byte[] {5});
    var file = temp.resolve("store/cache/layers").resolve(diffId.hex());
    for (var torn : List.of("", "{\"index\":\"sha2", "\0\0\0", "{\"index\":\"sha256:zz\"}", "[]")) {
      Files.writeString(file, torn);
      assertEquals(Optional.empty(), layers.index(diffId), torn);
    }
    layers.putIndex(diffId, new byte[] {5});
    assertArrayEquals(new byte[] {5}, layers.index(diffId).orElseThrow());
  }

  /// Case 113.
  @Test
  void aDamagedIndexIsFoundAndMendedByPuttingItAgain() throws IOException {
    layers.putIndex(diffId, new byte[] {5, 5, 5});
    var blob = store.blobs().path(Digest.of(new byte[] {5, 5, 5}));
    Files.delete(blob);
    Files.write(blob, new byte[] {5, 4, 5});
    assertThrows(CorruptBlobException.class, () -> layers.index(diffId));
    layers.putIndex(diffId, new byte[] {5, 5, 5});
    assertArrayEquals(new byte[] {5, 5, 5}, layers.index(diffId).orElseThrow());
  }

  @Test
  void manyWritersLoseNothing() throws Exception {
    int many = 24;
    try (var threads = Executors.newFixedThreadPool(6)) {
      var tasks =
          IntStream.range(0, many)
              .mapToObj(
                  i ->
                      threads.submit(
                          () -> {
                            try (var other = Store.open(store.root())) {
                              var mine = i % 2 == 0 ? layers : other.layers();
                              mine.remember(diffId, gzip(i), "pulled");
                            }
                            return 0;
                          }))
              .toList();
      for (var task : tasks) {
        task.get();
      }
    }
    assertEquals(many, layers.compressedForms(diffId).size());
  }

  /// Who finds a place known already may need what is known of the layer as well as who adds it.
  @Test
  void aPlaceThatIsSaidAgainIsKeptFromAPruneBeside() throws IOException {
    var place = new BlobOrigin.Repository(gzip(1), "registry.example", "a");
    try (var before = Store.open(temp.resolve("store"))) {
      before.layers().rememberPlace(diffId, place);
    }
    layers.rememberPlace(diffId, place);
    try (var pruning = Store.open(temp.resolve("store"))) {
      pruning.prune(PruneOptions.ALL);
    }
    assertEquals(List.of(place), layers.places(diffId));
  }
}
