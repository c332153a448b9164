package dev.jbuild.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Index;
import dev.jbuild.image.MediaType;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// What goes and what stays.
class PrunerTest extends PrunerBench {

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
}
