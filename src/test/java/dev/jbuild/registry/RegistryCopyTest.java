package dev.jbuild.registry;

import static dev.jbuild.registry.ScriptedRegistry.answer;
import static dev.jbuild.registry.ScriptedRegistry.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import dev.jbuild.serve.Registry;
import dev.jbuild.serve.RegistryOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Copies from registry to registry, and what registries are asked for.
class RegistryCopyTest {

  private final byte[] layer = bytes("x".repeat(300_000));
  private ScriptedRegistry source;
  private ScriptedRegistry target;
  private RegistryBench bench;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    source = new ScriptedRegistry();
    target = new ScriptedRegistry();
    bench = new RegistryBench(directory);
  }

  @AfterEach
  void stop() throws IOException {
    source.close();
    target.close();
    bench.close();
  }

  private Descriptor copy(String from, String to, Optional<Platform> platform)
      throws InterruptedException {
    try (var registries = bench.registries()) {
      return new Copier(registries, _ -> {})
          .copy(Reference.parse(from), Reference.parse(to), platform);
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void indexIsCopiedWholeWithItsReferrersAndNothingIsStored() throws Exception {
    var image = source.image("a/app", "amd", layer);
    var cached = source.blob(MediaType.OCI_LAYER, bytes("of a build cache of other tools"));
    var index =
        Index.of(
            List.of(image.descriptor().withPlatform(RegistryBench.PLATFORM), cached), Map.of());
    source.document("a/app", Optional.of("1"), index.mediaType().name(), index.bytes());
    var config = source.blob(new MediaType("application/vnd.oci.empty.v1+json"), bytes("{}"));
    var about = Manifest.of(config, List.of(), new TreeMap<>());
    source.document("a/app", Optional.empty(), about.mediaType().name(), about.bytes());
    var referrers = Index.of(List.of(about.descriptor()), Map.of());
    source.always("GET", "/referrers/" + image.digest(), answer(200, text(referrers.bytes())));
    var signature = source.blob(new MediaType("application/x-signature"), bytes("signed"));
    var signed = Manifest.of(config, List.of(signature), new TreeMap<>());
    var tag = "sha256-" + image.digest().hex() + ".sig";
    source.document("a/app", Optional.of(tag), signed.mediaType().name(), signed.bytes());
    var copied = copy(source.host() + "/a/app:1", target.host() + "/b/app:2", Optional.empty());
    assertEquals(index.digest(), copied.digest());
    assertTrue(target.manifests.containsKey("b/app/manifests/2"));
    assertTrue(target.manifests.containsKey("b/app/manifests/" + about.digest()));
    // this registry does not list referrers by itself
    assertTrue(target.manifests.containsKey("b/app/manifests/sha256-" + image.digest().hex()));
    // as cosign, podman and skopeo sign
    assertTrue(target.manifests.containsKey("b/app/manifests/" + tag));
    assertArrayEquals(bytes("signed"), target.content(signature.digest()));
    assertArrayEquals(layer, target.content(Digest.of(layer)));
    assertTrue(bench.store.references().all().isEmpty());
    var again =
        copy(
            source.host() + "/a/app:1",
            target.host() + "/b/app:3",
            Optional.of(RegistryBench.PLATFORM));
    assertEquals(image.digest(), again.digest());
    // two layers, a config, a signature and the empty config of what is about the image, each once
    assertTrue(target.blobs.containsKey(cached.digest().toString()));
    assertEquals(5, target.count("PUT /v2/b/app/blobs/uploads/"));
  }

  @Test
  void inOneRegistryBlobsAreMounted() throws Exception {
    source.image("a/app", "1", layer);
    source.always("POST", "mount=", answer(201, ""));
    source.always("HEAD", "/b/app/blobs/", answer(404, ""));
    copy(source.host() + "/a/app:1", source.host() + "/b/app:1", Optional.empty());
    assertEquals(2, source.count("POST /v2/b/app/blobs/uploads/?mount="));
    assertEquals(0, source.count("GET /v2/a/app/blobs"));
    source.always("POST", "/c/app/blobs/uploads/?mount=", answer(503, ""));
    source.always("HEAD", "/c/app/blobs/", answer(404, ""));
    copy(source.host() + "/a/app:1", source.host() + "/c/app:1", Optional.empty());
    assertTrue(source.manifests.containsKey("c/app/manifests/1"));
    assertEquals(List.of(), bench.pauses);
  }

  @Test
  void cutSourceIsContinuedAndADamagedOneIsNotPassedOn() throws Exception { // cases 34, 56
    var image = source.image("a/app", "1", layer);
    var path = "/blobs/" + image.layers().getFirst().digest();
    source.next("GET", path, ScriptedRegistry.cut(layer, 100_000));
    copy(source.host() + "/a/app:1", target.host() + "/b/app:1", Optional.empty());
    assertArrayEquals(layer, target.content(Digest.of(layer)));
    target.blobs.clear();
    target.manifests.clear();
    var damaged = layer.clone();
    damaged[7] ^= 1;
    source.always("GET", path, exchange -> ScriptedRegistry.send(exchange, 200, damaged));
    assertThrows(
        BuildFailure.class,
        () -> copy(source.host() + "/a/app:1", target.host() + "/b/app:1", Optional.empty()));
    assertTrue(target.manifests.isEmpty());
  }

  @Test
  void listsAreReadPageByPage() throws Exception {
    source.always(
        "GET",
        "/v2/_catalog",
        answer(
            200,
            "{\"repositories\":[\"a\",\"b\"]}",
            "Link",
            "</v2/_catalog?last=b&n=2>; rel=\"next\""));
    source.always("GET", "/v2/_catalog?last=b&n=2", answer(200, "{\"repositories\":[\"c\"]}"));
    source.always("GET", "/a/tags/list", answer(200, "{\"name\":\"a\",\"tags\":null}"));
    try (var registries = bench.registries()) {
      var images = new RemoteImages(registries);
      assertEquals(List.of("a", "b", "c"), images.repositories(source.host()));
      assertEquals(List.of(), images.tags(Reference.parse(source.host() + "/a")));
      var none = Reference.parse(source.host() + "/none");
      source.always("GET", "/none/tags/list", answer(404, "{}"));
      var failure = assertThrows(BuildFailure.class, () -> images.tags(none));
      assertEquals("there is no repository none on " + source.host(), failure.message());
    }
  }

  /// All that refers to an image is copied, also what a registry lists on a second page.
  @Test
  void referrersAreReadPageByPage() throws Exception {
    var digest = source.image("a/app", "1", layer).digest();
    var about =
        List.of(
            source.image("a/app", "one", bytes("one")).descriptor(),
            source.image("a/app", "two", bytes("two")).descriptor());
    var path = "/v2/a/app/referrers/" + digest;
    var first = text(Index.of(about.subList(0, 1), Map.of()).bytes());
    var second = text(Index.of(about.subList(1, 2), Map.of()).bytes());
    source.always("GET", path, answer(200, first, "Link", "<" + path + "?p=2>; rel=\"next\""));
    source.always("GET", path + "?p=2", answer(200, second));
    var from = source.host() + "/a/app:1";
    copy(from, target.host() + "/b/app:1", Optional.empty());
    for (var each : about) {
      assertTrue(target.manifests.containsKey("b/app/manifests/" + each.digest()));
    }
    var other = "/v2/a/app/referrers/" + about.getFirst().digest();
    source.always("GET", other, answer(200, second, "Link", "<" + other + "?p>; rel=\"next\""));
    source.always("GET", other + "?p", answer(200, second, "Link", "<" + other + ">; rel=next"));
    var endless =
        assertThrows(
            BuildFailure.class,
            () -> copy(source.host() + "/a/app:one", target.host() + "/c/app:2", Optional.empty()));
    assertTrue(endless.message().contains("lists referrers without end"), endless::message);
  }

  /// Each referrer is fetched: few bytes could ask for very many of them.
  @Test
  void referrersAreCounted() throws Exception {
    var image = source.image("a/app", "1", layer);
    var about = image.descriptor();
    var name = Reference.parse(source.host() + "/a/app:1");
    var path = "/v2/a/app/referrers/" + image.digest();
    var page = text(Index.of(Collections.nCopies(5_001, about), Map.of()).bytes());
    source.always("GET", path, answer(200, page, "Link", "<" + path + "?p>; rel=\"next\""));
    source.next("GET", path + "?p", answer(200, page));
    try (var registries = bench.registries()) {
      var images = new RemoteImages(registries);
      var failure = assertThrows(BuildFailure.class, () -> images.inspect(name));
      assertTrue(failure.message().contains("more than 10000 referrers"), failure::message);
      source.always("GET", path + "?p", answer(200, "{\"schemaVersion\":2,\"manifests\":[]}"));
      assertEquals(5_001, images.inspect(name).referrers().size());
    }
  }

  /// A list that breaks off is not taken for a whole one, nor for a registry that has none.
  @Test
  void listOfReferrersThatBreaksOffFails() throws Exception {
    var digest = source.image("a/app", "1", layer).digest();
    var about = source.image("a/app", "one", bytes("one")).descriptor();
    var path = "/v2/a/app/referrers/" + digest;
    for (var first : List.of(Index.of(List.of(about), Map.of()), Index.of(List.of(), Map.of()))) {
      for (int status : List.of(400, 403, 404)) {
        var link = "<" + path + "?p=2>; rel=\"next\"";
        source.next("GET", path, answer(200, text(first.bytes()), "Link", link));
        source.next("GET", path + "?p=2", answer(status, ""));
        var name = Reference.parse(source.host() + "/a/app:1");
        try (var registries = bench.registries()) {
          var images = new RemoteImages(registries);
          var failure =
              assertThrows(BuildFailure.class, () -> images.inspect(name), first::toString);
          assertEquals(BuildFailure.Kind.REGISTRY, failure.kind());
        }
      }
    }
  }

  /// A mirror has the index and one of its images: the rest comes from the registry, and it alone
  /// says what a tag is and what refers to an image.
  @Test
  void mirrorThatHasHalfOfAnImageHidesNothing(@TempDir Path directory) throws Exception {
    try (var mirror = new ScriptedRegistry()) {
      var one = source.image("a/app", "one", bytes("one"));
      var two = source.image("a/app", "two", layer);
      mirror.image("a/app", "one", bytes("one"));
      var index =
          Index.of(
              List.of(
                  one.descriptor().withPlatform(RegistryBench.PLATFORM),
                  two.descriptor().withPlatform(new Platform("linux", "arm64"))),
              Map.of());
      for (var registry : List.of(source, mirror)) {
        registry.document("a/app", Optional.of("1"), index.mediaType().name(), index.bytes());
      }
      mirror.blobs.remove(one.config().digest().toString());
      var about = source.image("a/app", "about", bytes("about")).descriptor();
      var referrers = text(Index.of(List.of(about), Map.of()).bytes());
      source.always("GET", "/referrers/" + index.digest(), answer(200, referrers));
      Files.writeString(
          directory.resolve("registries.conf"),
          "[[registry]]\nlocation = \"%s\"\n[[registry.mirror]]\nlocation = \"%s\"\n"
              .formatted(source.host(), mirror.host()));
      bench.environment.put(
          "CONTAINERS_REGISTRIES_CONF", directory.resolve("registries.conf").toString());
      var from = source.host() + "/a/app:1";
      copy(from, target.host() + "/b/app:1", Optional.empty());
      for (var each : List.of(one.digest(), two.digest(), about.digest())) {
        assertTrue(target.manifests.containsKey("b/app/manifests/" + each));
      }
      assertArrayEquals(layer, target.content(Digest.of(layer)));
      assertEquals(1, mirror.count("GET /v2/a/app/manifests/1"));
      // the registry has moved its tag, of which the mirror has not heard
      var moved = source.image("a/app", "1", bytes("moved"));
      try (var registries = bench.registries()) {
        var images = new RemoteImages(registries);
        assertEquals(moved.digest(), images.inspect(Reference.parse(from)).descriptor().digest());
        source.always("GET", "/a/app/manifests/1", answer(403, ""));
        assertEquals(index.digest(), images.inspect(Reference.parse(from)).descriptor().digest());
      }
      assertEquals(List.of(), bench.warnings);
      source.always("GET", "/referrers/", answer(503, ""));
      copy(from, target.host() + "/c/app:1", Optional.empty());
      assertEquals(1, bench.warnings.size(), bench.warnings::toString);
      assertTrue(bench.warnings.getFirst().contains("which may not be all"));
    }
  }

  @Test
  void listOfEmptyPagesEnds() throws Exception { // case 44
    var pages = new java.util.concurrent.atomic.AtomicInteger();
    source.always(
        "GET",
        "/v2/_catalog",
        exchange -> {
          int page = pages.incrementAndGet();
          var next = page < 1000 ? "</v2/_catalog?last=" + page + ">; rel=\"next\"" : "";
          answer(200, "{\"repositories\":[]}", "Link", next).to(exchange);
        });
    try (var registries = bench.registries()) {
      var images = new RemoteImages(registries);
      var failure = assertThrows(BuildFailure.class, () -> images.repositories(source.host()));
      assertTrue(failure.message().contains("100 pages on end are empty"), failure::message);
    }
  }

  /// Our own registry can do without deletes in two ways, of which each has its reason.
  @Test
  void registryThatDoesNotDeleteSaysWhyAtOnce(@TempDir Path directory) throws Exception {
    var asked = new CopyOnWriteArrayList<String>();
    var options =
        RegistryOptions.of(new RegistryOptions.Place.Directory(directory.resolve("data")))
            .withLog(asked::add, _ -> {});
    var image = source.image("a/app", "1", layer);
    try (var served = Registry.start(options)) {
      for (var tag : List.of("1", "2")) {
        copy(source.host() + "/a/app:1", served.authority() + "/a/app:" + tag, Optional.empty());
      }
    }
    var reasons =
        Map.of(
            options.withReadOnly(true),
            "(DENIED: this registry is read-only)",
            options.withDelete(false),
            "(DENIED: this registry does not delete; it was started without --delete)");
    for (var reason : reasons.entrySet()) {
      try (var served = Registry.start(reason.getKey());
          var registries = bench.registries()) {
        var images = new RemoteImages(registries);
        for (var name : List.of("/a/app:1", "/a/app@" + image.digest())) {
          asked.clear();
          var failure =
              assertThrows(
                  BuildFailure.class,
                  () -> images.delete(Reference.parse(served.authority() + name)));
          assertEquals(
              served.authority() + " does not allow anything to be deleted " + reason.getValue(),
              failure.message());
          assertEquals(Optional.empty(), failure.hint());
          assertTrue(asked.stream().noneMatch(each -> each.contains("/tags/list")));
        }
      }
    }
  }

  @Test
  void tagIsDeletedAloneOrNotAtAll() throws Exception {
    var image = source.image("a/app", "1", layer);
    source.image("a/app", "2", layer);
    source.always("GET", "/tags/list", answer(200, "{\"tags\":[\"1\",\"2\"]}"));
    var why = "{\"errors\":[{\"code\":\"%s\",\"message\":\"not so\"}]}";
    source.always("DELETE", "/manifests/1", answer(400, why.formatted("UNSUPPORTED")));
    source.always("DELETE", "/manifests/2", answer(405, why.formatted("DENIED")));
    source.always("DELETE", "/manifests/" + image.digest(), answer(202, ""));
    try (var registries = bench.registries()) {
      var images = new RemoteImages(registries);
      var name = Reference.parse(source.host() + "/a/app:1");
      var failure = assertThrows(BuildFailure.class, () -> images.delete(name));
      assertTrue(
          failure
              .message()
              .endsWith("delete a tag alone (UNSUPPORTED: not so), and 2 would go with it"),
          failure.message());
      var second = Reference.parse(source.host() + "/a/app:2");
      var denied = assertThrows(BuildFailure.class, () -> images.delete(second));
      assertTrue(
          denied.message().endsWith("allow anything to be deleted (DENIED: not so)"),
          denied.message());
      assertEquals(0, source.count("DELETE /v2/a/app/manifests/sha256"));
      source.always("HEAD", "/manifests/2", answer(200, "")); // which digest is not said
      assertThrows(BuildFailure.class, () -> images.delete(name));
      source.always("HEAD", "/manifests/2", answer(404, ""));
      var many = "\"x\",".repeat(1000) + "\"1\"";
      source.next("GET", "/tags/list", answer(200, "{\"tags\":[" + many + "]}"));
      var tooMany = assertThrows(BuildFailure.class, () -> images.delete(name));
      assertTrue(tooMany.message().contains("too many tags to look"), tooMany::message);
      assertEquals(0, source.count("DELETE /v2/a/app/manifests/sha256"));
      source.manifests.remove("a/app/manifests/2");
      images.delete(name);
      assertEquals(1, source.count("DELETE /v2/a/app/manifests/sha256"));
      source.always("DELETE", "/manifests/sha256", answer(405, ""));
      var byDigest = Reference.parse(source.host() + "/a/app@" + image.digest());
      source.always("DELETE", "/manifests/" + image.digest(), answer(405, ""));
      assertTrue(
          assertThrows(
                  BuildFailure.class, () -> images.delete(byDigest.withDigest(Digest.of(layer))))
              .message()
              .contains("does not allow anything to be deleted"));
    }
  }
}
