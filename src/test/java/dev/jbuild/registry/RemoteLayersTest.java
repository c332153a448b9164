package dev.jbuild.registry;

import static dev.jbuild.registry.ScriptedRegistry.answer;
import static dev.jbuild.registry.ScriptedRegistry.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Reference;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.store.BlobOrigin;
import dev.jbuild.store.PruneOptions;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.Compression;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Layers that are left in a registry until somebody needs them.
class RemoteLayersTest extends RegistryDesk {

  /// An empty tar.
  private final byte[] plain = new byte[1024];

  private final byte[] other = bytes("another layer".repeat(100));

  private Puller.Found found(Registries registries) throws IOException, InterruptedException {
    var puller = new Puller(bench.store, registries, _ -> {});
    var found = puller.find(Reference.parse(name()));
    puller.describe(found, Optional.of(RegistryBench.PLATFORM));
    puller.name(found);
    return found;
  }

  private void bring(Digest... blobs) throws IOException {
    try (var registries = bench.registries();
        var _ =
            bench.store.remote().connect(new RegistryFetcher(bench.store, registries, _ -> {}))) {
      bench.store.remote().bring(List.of(blobs));
    }
  }

  @Test
  void imageIsDescribedByTwoRequestsAndIsWholeForTheStore() throws Exception {
    var image = registry.image("team/app", "1", plain, other);
    try (var registries = bench.registries()) {
      assertEquals(image.digest(), found(registries).descriptor().digest());
    }
    assertEquals(1, registry.count("GET /v2/team/app/manifests"));
    assertEquals(1, registry.count("GET /v2/team/app/blobs"), "the config alone");
    var layer = Digest.of(plain);
    assertFalse(bench.store.blobs().contains(layer));
    assertTrue(bench.store.layers().isWithinReach(layer));
    assertEquals(List.of(), bench.store.check());
    assertEquals(List.of(), bench.store.prune(PruneOptions.ALL).blobs());
    assertTrue(bench.store.layers().isWithinReach(layer), "a prune forgets no origin in use");
    var where = bench.store.remote().origins(layer).getFirst();
    assertEquals(registry.host() + "/team/app", where.toString());
    assertEquals(plain.length, where.blob().size());
  }

  @Test
  void originsGoWithTheImageThatNeedsThem(@TempDir Path directory) throws Exception {
    registry.image("team/app", "1", plain);
    try (var registries = bench.registries()) {
      found(registries);
    }
    var root = bench.store.root();
    bench.close();
    try (var store = Store.open(root)) {
      store.references().untag(Reference.parse(name()).full());
      store.prune(PruneOptions.DEFAULT);
      assertFalse(store.layers().isWithinReach(Digest.of(plain)));
    }
    bench = new RegistryBench(directory.resolve("another"));
  }

  @Test
  void whatSeveralNeedIsBroughtOnceAndContinuedAfterACut() throws Exception { // case 56
    registry.image("team/app", "1", plain, other);
    registry.next("GET", "/blobs/" + Digest.of(other), ScriptedRegistry.cut(other, 700));
    try (var registries = bench.registries();
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var _ =
            bench.store.remote().connect(new RegistryFetcher(bench.store, registries, _ -> {}))) {
      found(registries);
      var begin = new CountDownLatch(1);
      var all =
          IntStream.range(0, 6)
              .mapToObj(
                  _ ->
                      threads.submit(
                          () -> {
                            begin.await();
                            bench.store.remote().bring(List.of(Digest.of(plain), Digest.of(other)));
                            return 0;
                          }))
              .toList();
      begin.countDown();
      for (var each : all) {
        each.get();
      }
    }
    assertEquals(1, registry.count("GET /v2/team/app/blobs/" + Digest.of(plain)));
    assertEquals(2, registry.count("GET /v2/team/app/blobs/" + Digest.of(other)), "one was cut");
    assertArrayEquals(other, bench.store.blobs().read(Digest.of(other), other.length));
  }

  @Test
  void whoCannotBringALayerSaysWhichOneAndWhereItIs() throws Exception {
    registry.image("team/app", "1", plain, other);
    try (var registries = bench.registries()) {
      found(registries);
    }
    var layer = Digest.of(plain);
    var offline =
        assertThrows(BuildFailure.class, () -> bench.store.remote().bring(List.of(layer)));
    assertTrue(offline.message().contains(layer + " is not in the store but in"), offline::message);
    registry.always("GET", "/blobs/" + layer, answer(404, ""));
    var gone = assertThrows(BuildFailure.class, () -> bring(layer));
    assertEquals(BuildFailure.Kind.REGISTRY, gone.kind());
    assertTrue(
        gone.message()
            .startsWith(
                "the layer " + layer + " is not in the store but in " + registry.host() + "/team"),
        gone::message);
    var flipped = other.clone();
    flipped[3] ^= 1;
    registry.always(
        "GET", "/blobs/" + Digest.of(other), e -> ScriptedRegistry.send(e, 200, flipped));
    assertThrows(BuildFailure.class, () -> bring(Digest.of(other))); // case 34
    assertFalse(bench.store.blobs().contains(Digest.of(other)));
  }

  @Test
  void damagedLayerWhosePlaceIsKnownComesAgain() throws Exception { // case 113
    registry.image("team/app", "1", plain);
    try (var registries = bench.registries()) {
      found(registries);
    }
    var layer = Digest.of(plain);
    bring(layer);
    var file = bench.store.blobs().path(layer);
    Files.delete(file);
    Files.write(file, other);
    assertEquals(1, bench.store.repair().size(), "the blob, and not the image");
    assertEquals(1, bench.store.references().all().size());
    assertEquals(List.of(), bench.store.check());
    bring(layer);
    assertArrayEquals(plain, bench.store.blobs().read(layer, plain.length));
  }

  @Test
  void layerComesWhenItsFilesAreAskedFor() throws Exception {
    var gzip = new ByteArrayOutputStream();
    try (var out = Compression.GZIP.compress(gzip, 1)) {
      out.write(plain);
    }
    var form = registry.blob(MediaType.OCI_LAYER_GZIP, gzip.toByteArray());
    var diffId = Digest.of(plain);
    var origin = BlobOrigin.Repository.of(form, Reference.parse(name()));
    bench.store.layers().rememberRemote(diffId, origin, "pulled");
    try (var registries = bench.registries();
        var _ =
            bench.store.remote().connect(new RegistryFetcher(bench.store, registries, _ -> {}))) {
      assertTrue(
          new LayerReader(bench.store).view(List.of(diffId)).find(ArchivePath.of("x")).isEmpty());
    }
    assertTrue(bench.store.blobs().contains(diffId));
    assertTrue(bench.store.layers().compressedForms(diffId).getFirst().isVerified());
  }

  @Test
  void blobOfALayoutIsCopiedFromThere(@TempDir Path layout) throws Exception {
    var digest = Digest.of(other);
    var file = layout.resolve("blobs/sha256").resolve(digest.hex());
    Files.createDirectories(file.getParent());
    Files.write(file, other);
    var blob = new Descriptor(MediaType.OCI_LAYER, digest, other.length);
    bench.store.remote().remember(new BlobOrigin.OciLayout(blob, layout));
    bench.store.remote().bring(List.of(digest));
    assertArrayEquals(other, bench.store.blobs().read(digest, other.length));
  }

  /// Nobody writes into the pipe; opening it waits for that.
  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aNamedPipeOfALayoutIsNotOpened(@TempDir Path layout) throws Exception {
    var digest = Digest.of(other);
    var file = layout.resolve("blobs/sha256").resolve(digest.hex());
    Files.createDirectories(file.getParent());
    assertEquals(0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
    var blob = new Descriptor(MediaType.OCI_LAYER, digest, other.length);
    bench.store.remote().remember(new BlobOrigin.OciLayout(blob, layout));
    assertThrows(BuildFailure.class, () -> bench.store.remote().bring(List.of(digest)));
  }

  /// What stops the second must not leave the first as coming for ever.
  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aBlobIsBroughtAfterAnotherCouldNotBeAskedFor(@TempDir Path layout) throws Exception {
    var digest = Digest.of(other);
    var file = layout.resolve("blobs/sha256").resolve(digest.hex());
    Files.createDirectories(file.getParent());
    Files.write(file, other);
    var blob = new Descriptor(MediaType.OCI_LAYER, digest, other.length);
    bench.store.remote().remember(new BlobOrigin.OciLayout(blob, layout));
    var nowhere = Digest.of(new byte[] {42});
    assertThrows(IOException.class, () -> bench.store.remote().bring(List.of(digest, nowhere)));
    bench.store.remote().bring(List.of(digest));
    assertArrayEquals(other, bench.store.blobs().read(digest, other.length));
  }
}
