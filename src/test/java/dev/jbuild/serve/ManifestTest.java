package dev.jbuild.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.serve.ServedRegistry.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Manifests: distribution-spec, Pulling manifests, Pushing Manifests, Deleting.
class ManifestTest {

  private static final String DOCKER = "application/vnd.docker.distribution.manifest.v2+json";

  @TempDir Path temp;

  private final byte[] config = "{\"architecture\":\"amd64\",\"os\":\"linux\"}".getBytes(UTF_8);
  private final byte[] layer = "a layer".getBytes(UTF_8);

  @ParameterizedTest
  @EnumSource
  void aManifestIsPushedByTagAndDigestAndPulledByteForByte(Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      caller.push("app", config);
      caller.push("app", layer);
      // members that nobody knows, and blanks, stay as they are
      var manifest = Caller.manifest(",\n  \"com.example.other\": [1, 2.50]", config, layer);
      var digest = Caller.digest(manifest);
      caller.call("GET", "/v2/app/manifests/1").is(404, "MANIFEST_UNKNOWN");
      caller.call("HEAD", "/v2/app/manifests/" + digest).is(404);
      // nothing can be under it: for a reader that is all there is to say (conformance suite 1.1)
      caller.call("GET", "/v2/app/manifests/.not-a-tag").is(404, "MANIFEST_UNKNOWN");
      caller.call("HEAD", "/v2/app/manifests/.not-a-tag").is(404);
      caller.put("app", ".not-a-tag", manifest).is(400, "NAME_INVALID");

      var created = caller.put("app", "1", manifest).is(201);
      assertEquals(Optional.of("/v2/app/manifests/" + digest), created.header("Location"));
      assertEquals(Optional.of(digest), created.header("Docker-Content-Digest"));
      for (var reference : List.of("1", digest)) {
        var pulled = caller.call("GET", "/v2/app/manifests/" + reference).is(200);
        assertArrayEquals(manifest, pulled.bytes());
        assertEquals(Optional.of(Caller.MANIFEST), pulled.header("Content-Type"));
        assertEquals(Optional.of(digest), pulled.header("Docker-Content-Digest"));
        var head = caller.call("HEAD", "/v2/app/manifests/" + reference).is(200);
        assertEquals(Optional.of(Integer.toString(manifest.length)), head.header("Content-Length"));
        assertEquals(Optional.of(digest), head.header("Docker-Content-Digest"));
      }
      // the other way round: first by digest, with tags
      var second = Caller.manifest(",\"annotations\":{\"n\":\"2\"}", config, layer);
      var tagged =
          caller.put("app", Caller.digest(second) + "?tag=2.0&tag=2&tag=latest", second).is(201);
      assertEquals(Optional.of("2.0, 2, latest"), tagged.header("OCI-Tag"));
      assertArrayEquals(second, caller.call("GET", "/v2/app/manifests/latest").bytes());
      // a tag moves; what it named stays, under its digest
      caller.put("app", "2", manifest).is(201);
      assertArrayEquals(manifest, caller.call("GET", "/v2/app/manifests/2").bytes());
      caller.call("GET", "/v2/app/manifests/" + Caller.digest(second)).is(200);
      assertEquals(List.of(), served.troubles);
    }
  }

  /// Cases 40, 41 and 128.
  @ParameterizedTest
  @EnumSource
  void manifestsThatAreNoneAreRefused(Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      caller.push("app", config);
      caller.push("app", layer);
      var good = new String(Caller.manifest("", config, layer), UTF_8);
      for (var bad :
          List.of(
              "",
              "[]",
              "{",
              "{}",
              good + "x",
              good.replace("\"schemaVersion\":2", "\"schemaVersion\":1"),
              good.replace("}]}", "}],\"manifests\":[]}"),
              good.replace("}]}", "}],\"Layers\":[]}"),
              good.replace("}]}", "}],\"layers\":[]}"),
              good.replace("}]}", "}],\"fsLayers\":[]}"),
              good.replace("\"size\":7", "\"size\":-7"),
              good.replace("\"size\":7", "\"size\":\"7\""),
              good.replace("sha256:", "sha256:../../"),
              good.replace("sha256:", "md5:"),
              "[".repeat(100_000))) {
        caller.put("app", "bad", bad.getBytes(UTF_8)).is(400, "MANIFEST_INVALID");
      }
      var bytes = good.getBytes(UTF_8);
      var path = "/v2/app/manifests/bad";
      caller.call("PUT", path, bytes, "Content-Type", Caller.INDEX).is(400, "MANIFEST_INVALID");
      caller.call("PUT", path, bytes, "Content-Type", DOCKER).is(400, "MANIFEST_INVALID");
      caller.call("PUT", path, bytes, "Content-Type", "text/plain").is(400, "MANIFEST_INVALID");
      var wrong = Caller.digest("other".getBytes(UTF_8));
      caller.put("app", wrong, bytes).is(400, "DIGEST_INVALID");
      caller.put("app", "sha256:baddigeststring", bytes).is(400, "DIGEST_INVALID");
      caller.call("GET", "/v2/app/manifests/sha256:baddigeststring").is(400, "DIGEST_INVALID");
      caller.call("GET", path).is(404);

      // parameters mean nothing, and the document may say what it is
      caller
          .call("PUT", "/v2/app/manifests/1", bytes, "Content-Type", Caller.MANIFEST + "; a=b")
          .is(201);
      caller.call("PUT", "/v2/app/manifests/1", bytes).is(201);
    }
  }

  /// Case 128: size.
  @Test
  void fourMebibytesAreTakenAndMoreAreNot() throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      var caller = served.caller;
      caller.push("app", config);
      int room = Document.LARGEST - Caller.manifest(",\"x\":\"\"", config).length;
      var largest = Caller.manifest(",\"x\":\"" + "A".repeat(room) + "\"", config);
      assertEquals(4 << 20, largest.length);
      caller.put("app", "large", largest).is(201);
      assertArrayEquals(largest, caller.call("GET", "/v2/app/manifests/large").bytes());
      var larger = Caller.manifest(",\"x\":\"" + "A".repeat(room + 1) + "\"", config);
      caller.put("app", "larger", larger).is(413, "SIZE_INVALID");
      caller.stream("PUT", "/v2/app/manifests/larger", larger).is(413, "SIZE_INVALID");
    }
  }

  /// Case 128: what is missing.
  @ParameterizedTest
  @EnumSource
  void aManifestIsRefusedWithoutWhatItNames(Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      var manifest = Caller.manifest("", config, layer);
      var answer = caller.put("app", "1", manifest).is(400, "MANIFEST_BLOB_UNKNOWN");
      assertTrue(answer.text().contains(Caller.digest(config)), answer.text());
      assertTrue(answer.text().contains(Caller.digest(layer)), answer.text());
      caller.push("other", config);
      caller.push("other", layer);
      caller.put("app", "1", manifest).is(400, "MANIFEST_BLOB_UNKNOWN");
      caller.call("GET", "/v2/app/tags/list").is(404, "NAME_UNKNOWN");

      // layers that are had elsewhere need not be here
      caller.push("app", config);
      var foreign = Caller.manifest("", config, layer).clone();
      var text =
          new String(foreign, UTF_8)
              .replace(
                  Caller.LAYER, "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip");
      caller.put("app", "foreign", text.getBytes(UTF_8)).is(201);
      var index =
          ("{\"schemaVersion\":2,\"mediaType\":\""
                  + Caller.INDEX
                  + "\",\"manifests\":["
                  + Caller.descriptor(Caller.MANIFEST, manifest)
                  + "]}")
              .getBytes(UTF_8);
      caller
          .call("PUT", "/v2/app/manifests/i", index, "Content-Type", Caller.INDEX)
          .is(400, "MANIFEST_BLOB_UNKNOWN");
    }
  }

  @ParameterizedTest
  @EnumSource
  void anIndexNamesManifestsAndIndexesOrBlobs(Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      caller.push("app", config);
      caller.push("app", layer);
      var amd64 = Caller.manifest("", config, layer);
      caller.put("app", Caller.digest(amd64), amd64).is(201);
      var descriptor =
          Caller.descriptor(Caller.MANIFEST, amd64)
              .replace("}", ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}");
      // a build cache of others is an index of layers
      var inner = index(descriptor, Caller.descriptor(Caller.LAYER, layer));
      caller.call("PUT", "/v2/app/manifests/i", inner, "Content-Type", Caller.INDEX).is(201);
      var outer = index(Caller.descriptor(Caller.INDEX, inner));
      caller.call("PUT", "/v2/app/manifests/o", outer, "Content-Type", Caller.INDEX).is(201);
      var empty = index();
      caller.call("PUT", "/v2/app/manifests/e", empty, "Content-Type", Caller.INDEX).is(201);
      for (var each : List.of(amd64, inner, outer, empty)) {
        assertArrayEquals(
            each, caller.call("GET", "/v2/app/manifests/" + Caller.digest(each)).is(200).bytes());
      }

      // who does not take an index gets its image; by digest there is no choice
      var plain = caller.call("GET", "/v2/app/manifests/i", "Accept", Caller.MANIFEST).is(200);
      assertArrayEquals(amd64, plain.bytes());
      assertEquals(Optional.of(Caller.digest(amd64)), plain.header("Docker-Content-Digest"));
      for (var accept :
          List.of("*/*", "application/json", Caller.MANIFEST + ", " + Caller.INDEX, DOCKER)) {
        assertArrayEquals(
            inner, caller.call("GET", "/v2/app/manifests/i", "Accept", accept).is(200).bytes());
      }
      var byDigest = "/v2/app/manifests/" + Caller.digest(inner);
      assertArrayEquals(
          inner, caller.call("GET", byDigest, "Accept", Caller.MANIFEST).is(200).bytes());
    }
  }

  private static byte[] index(String... descriptors) {
    return ("{\"schemaVersion\":2,\"mediaType\":\""
            + Caller.INDEX
            + "\",\"manifests\":["
            + String.join(",", descriptors)
            + "]}")
        .getBytes(UTF_8);
  }

  /// Case 123: manifests and all that they name by sha512.
  @Test
  void sha512NamesManifestsToo() throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      var caller = served.caller;
      for (var blob : List.of(config, layer)) {
        caller.call("PUT", caller.begin("app") + "?digest=" + sha512(blob), blob).is(201);
      }
      var text =
          new String(Caller.manifest("", config, layer), UTF_8)
              .replace(Caller.digest(config), sha512(config))
              .replace(Caller.digest(layer), sha512(layer))
              .getBytes(UTF_8);
      var created = caller.put("app", sha512(text) + "?tag=big", text).is(201);
      assertEquals(Optional.of(sha512(text)), created.header("Docker-Content-Digest"));
      var pulled = caller.call("GET", "/v2/app/manifests/big").is(200);
      assertArrayEquals(text, pulled.bytes());
      assertEquals(Optional.of(sha512(text)), pulled.header("Docker-Content-Digest"));
      caller.call("DELETE", "/v2/app/manifests/" + sha512(text)).is(202);
      caller.call("GET", "/v2/app/manifests/big").is(404);
    }
  }

  private static String sha512(byte[] bytes) {
    return ContentDigest.of(ContentDigest.Algorithm.SHA512, bytes).toString();
  }

  @ParameterizedTest
  @EnumSource
  void referrersAreListedAndFiltered(Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      caller.push("app", config);
      caller.push("app", layer);
      var image = Caller.manifest("", config, layer);
      var subject = Caller.digest(image);
      var list = "/v2/app/referrers/" + subject;
      var empty = caller.call("GET", list).is(200);
      assertEquals(Optional.of(Caller.INDEX), empty.header("Content-Type"));
      assertEquals(
          "{\"schemaVersion\":2,\"mediaType\":\"" + Caller.INDEX + "\",\"manifests\":[]}",
          empty.text());
      caller.call("GET", "/v2/app/referrers/sha256:x").is(400, "DIGEST_INVALID");

      // referrers may come before their subject
      var about = ",\"subject\":" + Caller.descriptor(Caller.MANIFEST, image);
      var signature =
          Caller.manifest(
              about
                  + ",\"artifactType\":\"application/x.signature+json\""
                  + ",\"annotations\":{\"by\":\"me\"}",
              config);
      var created = caller.put("app", Caller.digest(signature), signature).is(201);
      assertEquals(Optional.of(subject), created.header("OCI-Subject"));
      var other = Caller.manifest(about, config, layer);
      caller.put("app", "tagged", other).is(201);
      caller.put("app", "1", image).is(201);

      var all = caller.call("GET", list).is(200).text();
      assertTrue(
          all.contains(
              "\"digest\":\""
                  + Caller.digest(signature)
                  + "\",\"size\":"
                  + signature.length
                  + ",\"artifactType\":\"application/x.signature+json\""
                  + ",\"annotations\":{\"by\":\"me\"}}"),
          all);
      // without an artifact type it is the config's type
      assertTrue(
          all.contains(
              "\"digest\":\""
                  + Caller.digest(other)
                  + "\",\"size\":"
                  + other.length
                  + ",\"artifactType\":\""
                  + Caller.CONFIG
                  + "\"}"),
          all);
      var filtered =
          caller.call("GET", list + "?artifactType=application/x.signature%2Bjson").is(200);
      assertEquals(Optional.of("artifactType"), filtered.header("OCI-Filters-Applied"));
      assertTrue(filtered.text().contains(Caller.digest(signature)), filtered.text());
      assertFalse(filtered.text().contains(Caller.digest(other)), filtered.text());

      caller.call("DELETE", "/v2/app/manifests/" + Caller.digest(signature)).is(202);
      assertFalse(caller.call("GET", list).text().contains(Caller.digest(signature)));
    }
  }

  @Test
  void manyReferrersComeInPages() throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      var caller = served.caller;
      caller.push("app", config);
      var about = ",\"subject\":" + Caller.descriptor(Caller.MANIFEST, layer);
      for (int i = 0; i < 5; i++) {
        var text = ",\"annotations\":{\"a\":\"" + i + "A".repeat(1 << 20) + "\"}";
        var referrer = Caller.manifest(about + text, config);
        caller.put("app", Caller.digest(referrer), referrer).is(201);
      }
      int found = 0;
      var next = Optional.of("/v2/app/referrers/" + Caller.digest(layer));
      while (next.isPresent()) {
        var page = caller.call("GET", next.get()).is(200);
        assertTrue(page.bytes().length < 4 << 20);
        found += page.text().split("\"digest\"", -1).length - 1;
        next = page.header("Link").map(link -> link.substring(1, link.indexOf('>')));
      }
      assertEquals(5, found);
    }
  }

  @ParameterizedTest
  @EnumSource
  void tagsAndManifestsAreDeleted(Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      var digest = caller.pushImage("app", "1", "layer");
      caller.put("app", "2", caller.call("GET", "/v2/app/manifests/1").bytes()).is(201);
      caller.call("DELETE", "/v2/app/manifests/1").is(202);
      caller.call("DELETE", "/v2/app/manifests/1").is(404, "MANIFEST_UNKNOWN");
      caller.call("GET", "/v2/app/manifests/1").is(404);
      caller.call("GET", "/v2/app/manifests/2").is(200);
      caller.call("GET", "/v2/app/manifests/" + digest).is(200);
      caller.call("DELETE", "/v2/app/manifests/" + digest).is(202);
      caller.call("GET", "/v2/app/manifests/2").is(404);
      caller.call("GET", "/v2/app/manifests/" + digest).is(404);
      caller.call("DELETE", "/v2/app/manifests/" + digest).is(404, "MANIFEST_UNKNOWN");
      caller.call("DELETE", "/v2/never/manifests/" + digest).is(404, "MANIFEST_UNKNOWN");
      // its blobs are still there, so there still is a repository (conformance suite 1.1)
      var tags = caller.call("GET", "/v2/app/tags/list").is(200);
      assertEquals(List.of(), caller.list(tags, "tags"));
      assertEquals(List.of(), caller.list(caller.call("GET", "/v2/_catalog"), "repositories"));
      caller.call("GET", "/v2/never/tags/list").is(404, "NAME_UNKNOWN");
    }
  }

  /// Case 131 (CVE-2026-41888): by tag and by digest alike.
  @Test
  void nothingIsDeletedWhereThatIsNotAllowed() throws Exception {
    try (var served = ServedRegistry.of(temp, options -> options.withDelete(false))) {
      var caller = served.caller;
      var digest = caller.pushImage("app", "1", "layer");
      var layer = Caller.digest("layer".getBytes(UTF_8));
      for (var path : List.of("manifests/1", "manifests/" + digest, "blobs/" + layer)) {
        caller.call("DELETE", "/v2/app/" + path).is(405, "DENIED");
        caller.call("GET", "/v2/app/" + path).is(200);
      }
      caller.call("DELETE", caller.begin("app")).is(204); // an upload may be cancelled
    }
  }

  @Test
  void aReadOnlyRegistryTakesNothing() throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      served.caller.pushImage("app", "1", "layer");
    }
    try (var served = ServedRegistry.of(temp, options -> options.withReadOnly(true))) {
      var caller = served.caller;
      var manifest = caller.call("GET", "/v2/app/manifests/1").is(200).bytes();
      caller.put("app", "2", manifest).is(405, "DENIED");
      caller.call("POST", "/v2/app/blobs/uploads/").is(405, "DENIED");
      caller.call("DELETE", "/v2/app/manifests/1").is(405, "DENIED");
      caller.call("GET", "/v2/app/manifests/2").is(404);
    }
  }
}
