package dev.jbuild.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `store check` and `store du`.
class CheckerTest {

  private static final String A = "docker.io/library/a:1";
  private static final String B = "docker.io/library/b:1";

  @TempDir Path temp;
  private Store store;
  private SampleImage image;
  private final Digest key = Digest.of(new byte[] {42});

  @BeforeEach
  void open() throws IOException {
    store = Store.open(temp.resolve("store"));
    image = SampleImage.put(store, "a");
    store.references().tag(A, image.manifest());
    store.references().tag(B, SampleImage.put(store, "b").manifest());
    store.layers().putIndex(image.layer(), new byte[] {1});
    store.builds().put(key, "{}".getBytes(UTF_8));
    store.records().put(key, key, ("{\"blobs\":[\"" + image.layer() + "\"]}").getBytes(UTF_8));
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private static Set<Finding.Kind> kinds(List<Finding> findings) {
    return findings.stream().map(Finding::kind).collect(Collectors.toCollection(TreeSet::new));
  }

  /// Case 113: whichever part of an image it is.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aFlippedBitIsListedAndRepairDropsWhatNeedsIt(int part) throws IOException {
    var digest = image.blobs().get(part);
    var file = store.blobs().path(digest);
    var bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.delete(file);
    Files.write(file, bytes);

    var findings = store.check();

    assertTrue(kinds(findings).containsAll(EnumSet.of(Finding.Kind.BLOB, Finding.Kind.IMAGE)));
    assertTrue(findings.stream().anyMatch(f -> f.path().equals(file)));
    assertTrue(findings.stream().anyMatch(f -> f.what().equals(A)));
    assertTrue(findings.stream().noneMatch(f -> f.what().equals(B)));
    assertTrue(findings.stream().noneMatch(Finding::repaired));
    assertTrue(Files.exists(file));

    assertTrue(store.repair().stream().allMatch(Finding::repaired));
    assertEquals(List.of(), store.check());
    assertFalse(Files.exists(file));
    assertTrue(store.references().find(A).isEmpty());
    assertTrue(store.references().find(B).isPresent());
    assertEquals(part != 2, store.records().find(key).isPresent());
  }

  @Test
  void aMissingPartIsListed() throws IOException {
    Files.delete(store.blobs().path(image.layer()));
    assertEquals(EnumSet.of(Finding.Kind.IMAGE, Finding.Kind.RECORD), kinds(store.check()));
    store.repair();
    assertEquals(List.of(), store.check());
  }

  @Test
  void aMissingIndexOfALayerIsListed() throws IOException {
    Files.delete(store.blobs().path(Digest.of(new byte[] {1})));
    assertEquals(EnumSet.of(Finding.Kind.LAYER), kinds(store.repair()));
    assertEquals(List.of(), store.check());
    assertTrue(store.layers().index(image.layer()).isEmpty());
  }

  @Test
  void tornRecordsAreListed() throws IOException {
    for (var file :
        List.of(
            store.records().file(key),
            store.builds().file(key),
            temp.resolve("store/cache/layers").resolve(image.layer().hex()))) {
      Files.writeString(file, "");
    }
    assertEquals(
        EnumSet.of(Finding.Kind.RECORD, Finding.Kind.LAYER, Finding.Kind.BUILD),
        kinds(store.repair()));
    assertEquals(List.of(), store.check());
  }

  @Test
  void somethingElseInABlobsPlaceIsListed() throws IOException {
    Files.createDirectory(store.blobs().path(key));
    assertEquals(EnumSet.of(Finding.Kind.BLOB), kinds(store.check()));
    store.repair();
    assertEquals(List.of(), store.check());
  }

  @Test
  void diskUseSaysWhatBytesAreFor() throws IOException {
    store.references().tag(A, SampleImage.put(store, "third").manifest());
    store.blobs().put(new byte[12_345]);
    try (var draft = store.trees().draft()) {
      Files.write(draft.fs().resolve("x"), new byte[50_000]);
      Files.createLink(draft.fs().resolve("y"), draft.fs().resolve("x"));
      store.trees().commit(draft, key);
    }

    var use = store.diskUse();

    assertEquals(6, share(use, DiskUse.Kind.IMAGES).count());
    assertEquals(3, share(use, DiskUse.Kind.DANGLING).count());
    assertEquals(1, share(use, DiskUse.Kind.CACHE).count(), "the index of a layer");
    assertEquals(12_345, share(use, DiskUse.Kind.UNREFERENCED).bytes());
    long trees = share(use, DiskUse.Kind.TREES).bytes();
    assertTrue(trees >= 50_000 && trees < 100_000, "" + trees);
    assertTrue(use.bytes() > 62_345);
  }

  private static DiskUse.Share share(DiskUse use, DiskUse.Kind kind) {
    return use.shares().stream().filter(s -> s.kind() == kind).findFirst().orElseThrow();
  }
}
