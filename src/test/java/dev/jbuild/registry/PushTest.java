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
import dev.jbuild.image.Index;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Pushing to a registry that is in order, broken, or hostile.
class PushTest extends RegistryDesk {

  private final byte[] layer = random(300_000);

  /// An image of the store whose one layer lies there as it is.
  private Manifest image(MediaType type, byte[] content, byte[] plain) throws IOException {
    var config =
        bytes(
            "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\","
                + "\"diff_ids\":[\""
                + Digest.of(plain)
                + "\"]}}");
    bench.store.blobs().put(config);
    bench.store.blobs().put(content);
    var manifest =
        Manifest.of(
            new Descriptor(MediaType.OCI_CONFIG, Digest.of(config), config.length),
            List.of(new Descriptor(type, Digest.of(content), content.length)),
            new TreeMap<>());
    bench.store.blobs().put(manifest.bytes());
    return manifest;
  }

  private Descriptor push(Descriptor image, String name) throws IOException, InterruptedException {
    return push(image, name, Compression.GZIP);
  }

  private Descriptor push(Descriptor image, String name, Compression compression)
      throws IOException, InterruptedException {
    try (var registries = bench.registries();
        var pusher =
            new Pusher(bench.store, registries, compression, OptionalInt.empty(), 2, _ -> {})) {
      return pusher.push(image, Reference.parse(registry.host() + "/" + name));
    }
  }

  private String failing(Descriptor image) {
    var failure = assertThrows(BuildFailure.class, () -> push(image, "team/app:1"));
    assertEquals(BuildFailure.Kind.REGISTRY, failure.kind());
    assertFalse(registry.manifests.containsKey("team/app/manifests/1"));
    return failure.message();
  }

  private Manifest pushed(String place) throws IOException {
    var stored = Objects.requireNonNull(registry.manifests.get(place), place);
    return Manifest.parse(stored.bytes(), new MediaType(stored.type()));
  }

  private long sent() {
    return registry.count("PATCH") + registry.count("PUT /v2/team/app/blobs");
  }

  @Test
  void plainLayersAreCompressedOnceAndTheSecondPushSendsNothing() throws Exception {
    var image = image(MediaType.OCI_LAYER, layer, layer);
    var there = push(image.descriptor(), "team/app:1");
    var manifest = pushed("team/app/manifests/1");
    assertEquals(there.digest(), manifest.digest());
    var compressed = manifest.layers().getFirst();
    assertEquals(MediaType.OCI_LAYER_GZIP, compressed.mediaType());
    var packed = new ByteArrayInputStream(registry.content(compressed.digest()));
    assertArrayEquals(layer, Compression.GZIP.decompress(packed, TarLimits.DEFAULT).readAllBytes());
    long before = sent();
    assertEquals(there, push(image.descriptor(), "team/app:2"));
    assertEquals(before, sent());
    var zstd = push(image.descriptor(), "team/app:3", Compression.ZSTD);
    assertFalse(zstd.equals(there));
    var plain = push(image.descriptor(), "team/app:4", Compression.NONE);
    assertEquals(image.digest(), plain.digest());
  }

  @Test
  void blobsOfAnotherRepositoryAreMounted() throws Exception { // case 61
    var image = image(MediaType.OCI_LAYER_GZIP, layer, bytes("plain"));
    bench.store.references().tag(registry.host() + "/base/app:1", image.descriptor());
    registry.next("POST", "mount=" + image.config().digest(), answer(201, ""));
    push(image.descriptor(), "team/app:1");
    assertTrue(
        registry.requests.contains(
            "POST /v2/team/app/blobs/uploads/?mount=" + Digest.of(layer) + "&from=base%2Fapp"));
    assertEquals(2, registry.count("POST")); // an answer 202 to a mount begins the upload itself
    assertArrayEquals(layer, registry.content(Digest.of(layer)));
    assertEquals(image.digest(), pushed("team/app/manifests/1").digest());
  }

  @Test
  void layerThatWasPushedToAnotherRepositoryIsMountedOrSentAgain() throws Exception { // case 61
    var image = image(MediaType.OCI_LAYER, layer, layer); // no name in the store says where it is
    push(image.descriptor(), "base/app:1");
    var form = pushed("base/app/manifests/1").layers().getFirst().digest();
    var mount = "POST /v2/team/app/blobs/uploads/?mount=" + form + "&from=base%2Fapp";
    registry.always("HEAD", "team/app/blobs/", answer(404, ""));
    registry.next("POST", "mount=" + form, answer(201, ""));
    push(image.descriptor(), "team/app:1");
    assertTrue(registry.requests.contains(mount));
    assertTrue( // the target is asked first
        registry.requests.indexOf("HEAD /v2/team/app/blobs/" + form)
            < registry.requests.indexOf(mount));
    assertEquals(0, registry.count("PATCH /v2/team/app"));
    assertEquals(form, pushed("team/app/manifests/1").layers().getFirst().digest());
    // the newest place comes first; 202 is an upload that is begun, and goes on
    registry.always("HEAD", "new/app/blobs/", answer(404, ""));
    push(image.descriptor(), "new/app:1");
    assertTrue(
        registry.requests.contains(
            "POST /v2/new/app/blobs/uploads/?mount=" + form + "&from=team%2Fapp"));
    assertEquals(2, registry.count("POST /v2/new/app/blobs/uploads/?mount"));
    assertEquals(3, registry.count("POST /v2/new/app/")); // the third is for the config
    assertEquals(1, registry.count("PATCH /v2/new/app"));
    assertEquals(form, pushed("new/app/manifests/1").layers().getFirst().digest());
  }

  /// A mount that fails may begin an upload (202). One of them is gone on with, no other stays
  /// open.
  @Test
  void uploadsThatFailedMountsBeganAreCancelled() throws Exception {
    var image = image(MediaType.OCI_LAYER_GZIP, layer, bytes("plain"));
    for (var place : List.of("one/app:1", "two/app:1", "three/app:1")) {
      push(image.descriptor(), place);
    }
    registry.always("HEAD", "/app/blobs/", answer(404, ""));
    registry.sessions.clear();
    registry.always("DELETE", "/blobs/uploads/", cancelling());
    push(image.descriptor(), "team/app:1");
    long mounts = registry.count("POST /v2/team/app/blobs/uploads/?mount=" + Digest.of(layer));
    assertEquals(3, mounts);
    assertEquals(2, registry.count("DELETE /v2/team/app/blobs/uploads/"));
    assertEquals(2, registry.sessions.size()); // of the layer and the config, which are finished
    // also where a later one succeeds, and where the registry cancels nothing
    var form = Digest.of(layer);
    registry.sessions.clear();
    registry.next("POST", "new/app/blobs/uploads/?mount=" + form, registry::usual);
    registry.next("POST", "new/app/blobs/uploads/?mount=" + form, answer(201, ""));
    registry.next("DELETE", "new/app/blobs/uploads/", answer(500, ""));
    push(image.descriptor(), "new/app:1");
    assertEquals(1, registry.count("DELETE /v2/new/app/blobs/uploads/"));
    assertTrue(bench.pauses.isEmpty());
  }

  /// A registry that fails to mount costs one request, not three waits for each blob.
  @Test
  void mountThatFailsIsAskedForOnce() throws Exception {
    var image = image(MediaType.OCI_LAYER_GZIP, layer, bytes("plain"));
    for (var status : List.of(500, 501, 503, 429)) {
      for (var place : List.of("one/app:1", "two/app:1", "three/app:1")) {
        push(image.descriptor(), place);
      }
      registry.always("HEAD", "/app/blobs/", answer(404, ""));
      var path = "s" + status + "/app";
      registry.always("POST", path + "/blobs/uploads/?mount=", answer(status, ""));
      push(image.descriptor(), path + ":1");
      assertEquals(1, registry.count("POST /v2/" + path + "/blobs/uploads/?mount="), path);
      assertEquals(image.digest(), pushed(path + "/manifests/1").digest());
    }
    assertEquals(List.of(), bench.pauses);
  }

  private ScriptedRegistry.Answer cancelling() {
    return exchange -> {
      registry.sessions.remove(exchange.getRequestURI().getPath());
      answer(204, "").to(exchange);
    };
  }

  @Test
  void uploadIsContinuedWhereTheRegistrySaysItIs() throws Exception { // case 61
    var image = image(MediaType.OCI_LAYER_GZIP, layer, bytes("plain"));
    registry.next(
        "PUT",
        "digest=" + Digest.of(layer),
        exchange -> {
          var path = exchange.getRequestURI().getPath();
          registry.sessions.put(path, exchange.getRequestBody().readNBytes(100_000));
          exchange.close(); // the connection breaks
        });
    registry.next("PATCH", "/uploads/", answer(416, ""));
    push(image.descriptor(), "team/app:1");
    assertArrayEquals(layer, registry.content(Digest.of(layer)));
    assertEquals(2, registry.count("PATCH"));
    assertEquals(2, bench.pauses.size());
  }

  @Test
  void sessionThatIsLostIsBegunAnew() throws Exception {
    var image = image(MediaType.OCI_LAYER_GZIP, layer, bytes("plain"));
    registry.next(
        "PUT",
        "digest=" + Digest.of(layer),
        exchange -> {
          registry.sessions.clear();
          answer(503, "").to(exchange);
        });
    push(image.descriptor(), "team/app:1");
    assertArrayEquals(layer, registry.content(Digest.of(layer)));
  }

  @Test
  void registryThatWantsALengthGetsOne() throws Exception {
    var image = image(MediaType.OCI_LAYER, layer, layer);
    registry.next("PATCH", "/uploads/", answer(411, ""));
    push(image.descriptor(), "team/app:1");
    var compressed = pushed("team/app/manifests/1").layers().getFirst();
    assertEquals(compressed.size(), registry.content(compressed.digest()).length);
  }

  @Test
  void registryThatStoresSomethingElseIsNotBelieved() throws Exception { // case 61
    var image = image(MediaType.OCI_LAYER_GZIP, layer, bytes("plain"));
    var other = Digest.of(bytes("other")).toString();
    registry.next(
        "PUT", "digest=" + Digest.of(layer), answer(201, "", "Docker-Content-Digest", other));
    assertTrue(failing(image.descriptor()).contains("has stored " + other));
    registry.next(
        "PUT", "digest=" + Digest.of(layer), answer(400, "{\"errors\":[{\"code\":\"NO\"}]}"));
    assertTrue(failing(image.descriptor()).contains("the answer is 400 (NO)"));
  }

  @Test
  void uploadsThatLeadElsewhereGoWithoutCredentialsOrNotAtAll() throws Exception { // case 52
    var image = image(MediaType.OCI_LAYER_GZIP, layer, bytes("plain"));
    try (var other = new ScriptedRegistry()) {
      bench.with(RegistryBench.login("me", "hunter2"));
      var key = "Basic bWU6aHVudGVyMg==";
      registry.always("GET", "/v2/", answer(401, "", "WWW-Authenticate", "Basic realm=\"x\""));
      var place = "http://" + other.host() + "/v2/x/blobs/uploads/s0";
      registry.always("POST", "/uploads/", answer(202, "", "Location", place));
      other.sessions.put("/v2/x/blobs/uploads/s0", new byte[0]);
      other.always("PUT", "/uploads/", answer(201, ""));
      push(image.descriptor(), "team/app:1");
      assertTrue(registry.authorizations.contains(key));
      assertFalse(other.authorizations.isEmpty());
      assertFalse(other.authorizations.contains(key));
      registry.manifests.clear();
      registry.always("POST", "app/blobs/uploads/", answer(202, "", "Location", "file:///etc/x"));
      assertTrue(failing(image.descriptor()).contains("which is not allowed"));
      registry.always("POST", "team/app/blobs/uploads/", answer(202, ""));
      assertTrue(failing(image.descriptor()).contains("without a Location"));
    }
  }

  @Test
  void indexGoesWholeOrWithoutWhatWasNeverPulled() throws Exception {
    var amd = image(MediaType.OCI_LAYER_GZIP, layer, bytes("plain"));
    var arm = image(MediaType.OCI_LAYER_GZIP, bytes("arm"), bytes("plain arm"));
    var entries = new ArrayList<Descriptor>();
    entries.add(amd.descriptor().withPlatform(RegistryBench.PLATFORM));
    entries.add(arm.descriptor().withPlatform(new Platform("linux", "arm64")));
    var whole = Index.of(entries, Map.of());
    bench.store.blobs().put(whole.bytes());
    assertEquals(whole.digest(), push(whole.descriptor(), "team/app:1").digest());
    assertTrue(registry.manifests.containsKey("team/app/manifests/" + arm.digest()));
    entries.add(
        new Descriptor(MediaType.OCI_MANIFEST, Digest.of(bytes("gone")), 4)
            .withPlatform(new Platform("linux", "s390x")));
    var partial = Index.of(entries, Map.of());
    bench.store.blobs().put(partial.bytes());
    assertEquals(whole.digest(), push(partial.descriptor(), "team/app:2").digest());
  }

  @Test
  void damagedBlobIsNotSent() throws Exception { // case 113
    var image = image(MediaType.OCI_LAYER_GZIP, layer, bytes("plain"));
    var file = bench.store.blobs().path(Digest.of(layer));
    assertTrue(file.toFile().setWritable(true));
    var damaged = layer.clone();
    damaged[5] ^= 1;
    java.nio.file.Files.write(file, damaged);
    assertThrows(IOException.class, () -> push(image.descriptor(), "team/app:1"));
    assertFalse(registry.blobs.containsKey(Digest.of(layer).toString()));
    assertEquals(List.of(), bench.pauses);
  }
}
