package dev.jbuild.registry;

import static dev.jbuild.registry.ScriptedRegistry.answer;
import static dev.jbuild.registry.ScriptedRegistry.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Index;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pulling from a registry that is in order or hostile: what is kept, and what is refused.
class PullTest extends RegistryDesk {

  private final byte[] layer = random(300_000);

  private String blob(Manifest image) {
    return "/blobs/" + image.layers().getFirst().digest();
  }

  @Test
  void imageArrivesWholeWithItsNameAndTheSecondPullMovesNothing() throws Exception {
    var image = registry.image("team/app", "1", layer, bytes("second"));
    assertTrue(bench.pull(name()).fresh());
    assertEquals(
        Optional.of(image.digest()),
        bench.store.references().find(Reference.parse(name()).full()).map(Descriptor::digest));
    assertArrayEquals(layer, bench.store.blobs().read(Digest.of(layer), layer.length));
    assertEquals(List.of(), bench.store.check());
    long before = registry.count("GET /v2/team/app/blobs");
    assertFalse(bench.pull(name()).fresh());
    assertEquals(before, registry.count("GET /v2/team/app/blobs"));
    assertEquals(List.of(), bench.pauses);
  }

  @Test
  void layerThatAnotherProcessBringsIsWaitedFor() throws Exception {
    var large = new byte[2 << 20];
    new Random(3).nextBytes(large);
    registry.image("team/app", "1", large);
    try (var other = Store.open(bench.store.root());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Pulled> pull;
      try (var _ = other.remote().turn(Digest.of(large), () -> false)) {
        pull = threads.submit(() -> bench.pull(registry.host() + "/team/app:1"));
        while (registry.count("GET /v2/team/app/blobs/") == 0 && !pull.isDone()) { // the config
          LockSupport.parkNanos(1_000_000);
        }
        other.blobs().put(large);
      }
      pull.get();
      assertEquals(0, registry.count("GET /v2/team/app/blobs/" + Digest.of(large)));
    }
  }

  @Test
  void ofAnIndexOneImageIsBroughtAndTheIndexKeepsItsDigest() throws Exception {
    var arm = registry.image("team/app", "arm", bytes("arm"));
    var amd = registry.image("team/app", "amd", bytes("amd"));
    var index =
        Index.of(
            List.of(
                arm.descriptor().withPlatform(new Platform("linux", "arm64")),
                amd.descriptor().withPlatform(RegistryBench.PLATFORM)),
            Map.of());
    registry.document("team/app", Optional.of("1"), index.mediaType().name(), index.bytes());
    assertEquals(index.digest(), bench.pull(name()).descriptor().digest());
    assertTrue(bench.store.blobs().contains(amd.digest()));
    assertFalse(bench.store.blobs().contains(arm.digest()));
    assertEquals(List.of(), bench.store.check());
    bench.pull(name(), Optional.empty());
    assertTrue(bench.store.blobs().contains(Digest.of(bytes("arm"))));
    var byDigest = registry.host() + "/team/app@" + index.digest();
    assertEquals(index.digest(), bench.pull(byDigest).descriptor().digest());
  }

  @Test
  void flippedBitIsSeenAndNothingIsKept() throws Exception { // case 34
    var image = registry.image("team/app", "1", layer);
    var flipped = layer.clone();
    flipped[9] ^= 1;
    registry.always("GET", blob(image), exchange -> ScriptedRegistry.send(exchange, 200, flipped));
    var said = bench.failing(name());
    assertTrue(said.contains(registry.host()), said);
    assertTrue(said.contains(Digest.of(layer).toString()), said);
    assertTrue(said.contains(Digest.of(flipped).toString()), said);
    assertFalse(bench.store.blobs().contains(Digest.of(layer)));
    assertFalse(bench.store.blobs().contains(Digest.of(flipped)));
  }

  @Test
  void bodyThatIsTooLongOrTooShortIsAFailure() throws Exception { // case 35, 58
    var image = registry.image("team/app", "1", layer);
    registry.next(
        "GET",
        blob(image),
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(layer);
          exchange.getResponseBody().write(1);
        });
    assertTrue(bench.failing(name()).contains("gives more than 300000 bytes"));
    registry.always(
        "GET",
        blob(image),
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(layer, 0, 1000);
        });
    var said = bench.failing(name());
    assertTrue(said.contains("breaks off after 1000 of 300000 bytes"), said);
  }

  @Test
  void hostileDescriptorsEndWhenTheManifestIsRead() throws Exception { // case 36, 37, 45
    var good = registry.image("team/app", "1", layer);
    var text = new String(good.bytes(), java.nio.charset.StandardCharsets.UTF_8);
    var digest = good.layers().getFirst().digest().toString();
    var bad = new LinkedHashMap<String, String>();
    bad.put(text.replace(digest, "sha256:../../../x"), "not a sha256 digest: ../../../x");
    bad.put(text.replace(digest, digest.toUpperCase(java.util.Locale.ROOT)), "unsupported digest");
    bad.put(text.replace(digest, digest + "0"), "not a sha256 digest");
    bad.put(text.replace(digest, digest.substring(0, 70)), "not a sha256 digest");
    bad.put(text.replace(digest, "sha256:"), "not a sha256 digest");
    bad.put(text.replace(digest, "sha256:" + "\u0661".repeat(64)), "not a sha256 digest");
    bad.put(text.replace(digest, "md5:00"), "unsupported digest: md5:00");
    bad.put(text.replace("\"size\":300000", "\"size\":-1"), "\"size\" is negative: -1");
    bad.put(text.replace("\"size\":300000", "\"size\":1e3"), "\"size\"");
    bad.put(text.replace("\"layers\":", "\"x\":" + "[".repeat(100_000)), "nested deeper than 100");
    bad.put(text.replace("\"layers\":", "\"manifests\":[],\"layers\":"), "ambiguous"); // case 40
    bad.put(text.replace("\"layers\":", "\"Layers\":[],\"layers\":"), "ambiguous");
    bad.put(text.replace("\"layers\":", "\"layers\":[],\"layers\":"), "uplicate");
    bad.put("[]", "is not a JSON object");
    bad.put("", "is empty or ends too early");
    for (var each : bad.entrySet()) {
      registry.document(
          "team/app", Optional.of("1"), good.mediaType().name(), bytes(each.getKey()));
      var said = bench.failing(name());
      assertTrue(said.contains(each.getValue()), said);
    }
    assertEquals(0, registry.count("GET /v2/team/app/blobs"));
  }

  @Test
  void manifestOfAnotherDigestIsRefusedWhateverTheHeaderSays() throws Exception { // case 38
    var image = registry.image("team/app", "1", layer);
    var other = registry.image("team/app", "2", bytes("other"));
    registry.always(
        "GET",
        "/manifests/" + image.digest(),
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", other.mediaType().name());
          exchange.getResponseHeaders().set("Docker-Content-Digest", image.digest().toString());
          ScriptedRegistry.send(exchange, 200, other.bytes());
        });
    var said = bench.failing(registry.host() + "/team/app@" + image.digest());
    assertTrue(said.contains("another than its digest says: " + other.digest()), said);
  }

  @Test
  void contentTypeAndMediaTypeHaveToAgree() throws Exception { // case 41
    var image = registry.image("team/app", "1", layer);
    registry.document(
        "team/app", Optional.of("1"), MediaType.DOCKER_MANIFEST.name(), image.bytes());
    assertTrue(bench.failing(name()).contains("should be " + MediaType.DOCKER_MANIFEST));
    registry.document(
        "team/app", Optional.of("1"), image.mediaType() + "; charset=utf-8", image.bytes());
    bench.pull(name());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/json"
      })
  void schema1IsRefusedByItsName(String type) throws Exception {
    registry.document(
        "team/app", Optional.of("1"), type, bytes("{\"schemaVersion\":1,\"fsLayers\":[]}"));
    assertTrue(bench.failing(name()).contains("Docker's schema 1"));
  }

  @Test
  void artifactsOfUnknownTypesArePulled() throws Exception { // case 42
    var config = registry.blob(new MediaType("application/vnd.oci.empty.v1+json"), bytes("{}"));
    var content = registry.blob(new MediaType("application/x-thing"), bytes("thing"));
    var manifest = Manifest.of(config, List.of(content), new TreeMap<>());
    registry.document("team/app", Optional.of("1"), manifest.mediaType().name(), manifest.bytes());
    assertEquals(manifest.digest(), bench.pull(name()).descriptor().digest());
    assertTrue(bench.store.blobs().contains(content.digest()));
  }

  @Test
  void imageWhoseConfigKnowsOtherLayersIsRefused() throws Exception { // case 43
    var image = registry.image("team/app", "1", layer);
    var other = registry.blob(MediaType.OCI_LAYER, bytes("other"));
    for (var layers : List.of(List.of(other), List.of(image.layers().getFirst(), other))) {
      var wrong = Manifest.of(image.config(), layers, new TreeMap<>());
      registry.document("team/app", Optional.of("1"), wrong.mediaType().name(), wrong.bytes());
      var said = bench.failing(name());
      assertTrue(said.contains("cannot be used"), said);
    }
    var none = registry.image("team/app", "1");
    assertEquals(none.digest(), bench.pull(name()).descriptor().digest());
  }

  @Test
  void documentsHaveALimit() throws Exception { // case 44
    var image = registry.image("team/app", "1", layer);
    var padded = image.bytes();
    padded[padded.length - 1] = ' ';
    var large = java.util.Arrays.copyOf(padded, 4 << 20);
    java.util.Arrays.fill(large, padded.length, large.length, (byte) ' ');
    large[large.length - 1] = '}';
    registry.document("team/app", Optional.of("1"), image.mediaType().name(), large);
    bench.pull(name());
    registry.always(
        "GET",
        "/manifests/endless",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", image.mediaType().name());
          exchange.sendResponseHeaders(200, 0);
          try {
            while (true) {
              exchange.getResponseBody().write(large);
            }
          } catch (IOException e) {
            assertFalse(String.valueOf(e.getMessage()).isEmpty()); // the client left
          }
        });
    bench.store.references().untag(Reference.parse(name()).full());
    var said = bench.failing(registry.host() + "/team/app:endless");
    assertTrue(said.contains("larger than 4194304 bytes"), said);
  }

  @Test
  void indexesHaveADepth() throws Exception { // case 46
    var below = registry.image("team/app", "0", layer).descriptor();
    for (int i = 0; i < 10; i++) {
      var index = Index.of(List.of(below.withPlatform(RegistryBench.PLATFORM)), Map.of());
      below =
          registry.document("team/app", Optional.of("1"), index.mediaType().name(), index.bytes());
    }
    assertTrue(bench.failing(name()).contains("nested deeper than 5"));
  }

  @Test
  void foreignLayersAreNotLookedForElsewhere() throws Exception { // case 47, CVE-2020-15157
    try (var elsewhere = new ScriptedRegistry()) {
      var image = registry.image("team/app", "1", layer);
      registry.blobs.remove(Digest.of(layer).toString());
      var text =
          new String(image.bytes(), java.nio.charset.StandardCharsets.UTF_8)
              .replace(
                  MediaType.OCI_LAYER.name() + "\"",
                  "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip\",\"urls\":[\"http://"
                      + elsewhere.host()
                      + "/x\"]");
      registry.document("team/app", Optional.of("1"), image.mediaType().name(), bytes(text));
      assertTrue(bench.failing(name()).contains("which are not followed"));
      assertEquals(List.of(), elsewhere.requests);
    }
  }

  @Test
  void warningsAreShownOnceAndHarmless() throws Exception { // case 60
    var image = registry.image("team/app", "1", layer);
    var headers = new ArrayList<String>();
    headers.add("Warning");
    headers.add("299 - \"" + "\u009b".repeat(5000) + "\"");
    for (int i = 0; i < 100; i++) {
      headers.add("Warning");
      headers.add("299 - \"going away " + i % 20 + "\u009b" + "x".repeat(200) + "\"");
    }
    registry.next(
        "GET",
        "/manifests/1",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", image.mediaType().name());
          answer(
                  200,
                  new String(image.bytes(), java.nio.charset.StandardCharsets.UTF_8),
                  headers.toArray(String[]::new))
              .to(exchange);
        });
    bench.pull(name());
    assertEquals(10, bench.warnings.size());
    var longest = registry.host() + " says: " + "\\x9b".repeat(1024);
    assertTrue(bench.warnings.contains(longest), bench.warnings::toString);
    assertTrue(
        bench.warnings.stream().anyMatch(each -> each.contains("going away 0\\x9b")),
        bench.warnings::toString);
  }
}
