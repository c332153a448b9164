package dev.jbuild.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Pulling and pushing blobs: distribution-spec, Pulling blobs and Pushing blobs.
class BlobTest {

  @TempDir Path temp;

  private final byte[] blob = Caller.bytes(300_000, 1);
  private final String digest = Caller.digest(blob);

  @ParameterizedTest
  @EnumSource
  void aBlobIsPushedInEveryWayAndPulled(ServedRegistry.Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      var here = "/v2/team/app/blobs/" + digest;
      caller.call("GET", here).is(404, "BLOB_UNKNOWN");
      caller.call("HEAD", here).is(404);

      // POST then PUT
      var upload = caller.call("POST", "/v2/team/app/blobs/uploads/").is(202);
      var location = upload.header("Location").orElseThrow();
      assertTrue(location.matches("/v2/team/app/blobs/uploads/[0-9a-f-]{36}"), location);
      var created = caller.call("PUT", location + "?digest=" + digest, blob).is(201);
      assertEquals(Optional.of(here), created.header("Location"));
      assertEquals(Optional.of(digest), created.header("Docker-Content-Digest"));
      caller.call("GET", location).is(404, "BLOB_UPLOAD_UNKNOWN");

      var pulled = caller.call("GET", here).is(200);
      assertArrayEquals(blob, pulled.bytes());
      assertEquals(Optional.of(digest), pulled.header("Docker-Content-Digest"));
      var head = caller.call("HEAD", here).is(200);
      assertEquals(Optional.of("300000"), head.header("Content-Length"));
      assertEquals(Optional.of(digest), head.header("Docker-Content-Digest"));

      // one POST; the address as Go's url.Values writes it
      var second = "second".getBytes(UTF_8);
      var escaped = Caller.digest(second).replace(":", "%3A");
      caller.call("POST", "/v2/team/app/blobs/uploads/?digest=" + escaped, second).is(201);
      assertTrue(caller.has("team/app", Caller.digest(second)));

      // one PATCH without a range, in chunks of HTTP
      var third = Caller.bytes(100_000, 3);
      var where = caller.stream("PATCH", caller.begin("team/app"), third).is(202);
      assertEquals(Optional.of("0-99999"), where.header("Range"));
      caller
          .call("PUT", where.header("Location").orElseThrow() + "?digest=" + Caller.digest(third))
          .is(201);
      assertArrayEquals(
          third, caller.call("GET", "/v2/team/app/blobs/" + Caller.digest(third)).bytes());

      // nothing at all is a blob too
      caller.push("team/app", new byte[0]);
      assertEquals(
          0,
          caller
              .call("GET", "/v2/team/app/blobs/" + Caller.digest(new byte[0]))
              .is(200)
              .bytes()
              .length);
      assertEquals(List.of(), served.troubles);
    }
  }

  /// Case 125: the chunks of an upload.
  @ParameterizedTest
  @EnumSource
  void chunksComeInOrder(ServedRegistry.Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      var upload = caller.begin("app");
      var first = Caller.slice(blob, 0, 100_000);
      var second = Caller.slice(blob, 100_000, 300_000);
      var answer = caller.call("PATCH", upload, first, "Content-Range", "0-99999").is(202);
      assertEquals(Optional.of("0-99999"), answer.header("Range"));

      var refused = caller.call("PATCH", upload, second, "Content-Range", "100001-300000");
      refused.is(416, "BLOB_UPLOAD_INVALID");
      assertEquals(Optional.of("0-99999"), refused.header("Range"));
      assertEquals(Optional.of(upload), refused.header("Location"));
      caller.call("PATCH", upload, first, "Content-Range", "0-99999").is(416);
      caller.call("PUT", upload + "?digest=" + digest, second, "Content-Range", "0-199999").is(416);
      caller
          .call("PATCH", upload, second, "Content-Range", "100000-100001")
          .is(400, "SIZE_INVALID");
      for (var range : List.of("x", "5", "100000-", "-5", "200000-100000", "100000-+299999")) {
        caller.call("PATCH", upload, second, "Content-Range", range).is(400, "BLOB_UPLOAD_INVALID");
      }

      var status = caller.call("GET", upload).is(204);
      assertEquals(Optional.of("0-99999"), status.header("Range"));
      assertEquals(Optional.of(upload), status.header("Location"));
      caller
          .call("PUT", upload + "?digest=" + digest, second, "Content-Range", "100000-299999")
          .is(201);
      assertArrayEquals(blob, caller.call("GET", "/v2/app/blobs/" + digest).bytes());
    }
  }

  @ParameterizedTest
  @EnumSource
  void anUploadIsCancelled(ServedRegistry.Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      var upload = caller.begin("app");
      caller.call("PATCH", upload, blob).is(202);
      caller.call("GET", upload.replace("/app/", "/other/")).is(404, "BLOB_UPLOAD_UNKNOWN");
      caller.call("DELETE", upload).is(204);
      caller.call("DELETE", upload).is(404, "BLOB_UPLOAD_UNKNOWN");
      caller.call("PATCH", upload, blob).is(404, "BLOB_UPLOAD_UNKNOWN");
      caller.call("PUT", upload + "?digest=" + digest, blob).is(404, "BLOB_UPLOAD_UNKNOWN");
      for (var id :
          List.of(
              "nothing",
              "..",
              "%2e%2e",
              "%2e%2e%2f%2e%2e",
              "00000000-0000-0000-0000-000000000000")) {
        assertNotEquals(204, caller.call("GET", "/v2/app/blobs/uploads/" + id).status(), id);
      }
    }
  }

  /// Case 127: lies about digest and size.
  @ParameterizedTest
  @EnumSource
  void whatIsNotItsDigestIsNotKept(ServedRegistry.Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      var wrong = Caller.digest("other".getBytes(UTF_8));
      caller.call("PUT", caller.begin("app") + "?digest=" + wrong, blob).is(400, "DIGEST_INVALID");
      caller.call("POST", "/v2/app/blobs/uploads/?digest=" + wrong, blob).is(400, "DIGEST_INVALID");
      var upload = caller.begin("app");
      caller.call("PATCH", upload, blob).is(202);
      caller.call("PUT", upload + "?digest=" + wrong).is(400, "DIGEST_INVALID");
      for (var digest :
          List.of(
              "sha256:../../../../etc/passwd",
              "sha256:%2e%2e%2f%2e%2e",
              "md5:d41d8cd98f00b204e9800998ecf8427e",
              "sha256:",
              "sha256:" + "A".repeat(64),
              "sha256:" + "0".repeat(63),
              "sha256:" + "0".repeat(65),
              "sha512:" + "0".repeat(64),
              "%C2%B2")) {
        caller
            .call("PUT", caller.begin("app") + "?digest=" + digest, blob)
            .is(400, "DIGEST_INVALID");
        caller.call("POST", "/v2/app/blobs/uploads/?mount=" + digest).is(400, "DIGEST_INVALID");
      }
      caller.call("PUT", caller.begin("app"), blob).is(400, "DIGEST_INVALID");
      caller.call("GET", "/v2/app/blobs/sha256:short").is(400, "DIGEST_INVALID");
      assertFalse(caller.has("app", wrong));
      assertFalse(caller.has("app", digest));
      if (kind == ServedRegistry.Kind.DATA) {
        assertEquals(List.of(), served.blobFiles());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBlobIsMountedFromAnotherRepository(ServedRegistry.Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      caller.push("from/here", blob);
      assertFalse(caller.has("to/there", digest));
      var mount = "/v2/to/there/blobs/uploads/?mount=" + digest;
      var elsewhere = caller.call("POST", mount + "&from=not/known").is(202);
      assertTrue(elsewhere.header("Location").orElseThrow().contains("/blobs/uploads/"));
      var created = caller.call("POST", mount + "&from=from%2Fhere").is(201);
      assertEquals(Optional.of("/v2/to/there/blobs/" + digest), created.header("Location"));
      assertArrayEquals(blob, caller.call("GET", "/v2/to/there/blobs/" + digest).bytes());
      // without a source any repository will do
      caller.call("POST", "/v2/third/blobs/uploads/?mount=" + digest).is(201);
      assertTrue(caller.has("third", digest));
      var missing = Caller.digest("missing".getBytes(UTF_8));
      caller.call("POST", "/v2/third/blobs/uploads/?mount=" + missing).is(202);
      caller.call("POST", mount + "&from=Not%20a%20name").is(400, "NAME_INVALID");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=500-1499, 206, 500, 1500",
    "bytes=500-, 206, 500, 300000",
    "bytes=-500, 206, 299500, 300000",
    "bytes=299000-400000, 206, 299000, 300000",
    "bytes=-400000, 206, 0, 300000",
    "bytes=0-0, 206, 0, 1",
    "bytes=500-0, 416, 0, 0",
    "bytes=300000-, 416, 0, 0",
    "bytes=-0, 416, 0, 0",
    "bytes=x-y, 200, 0, 300000",
    "bytes=-, 200, 0, 300000",
    "pages=1-2, 200, 0, 300000"
  })
  void aRangeOfABlobIsPulled(String range, int status, int from, int to) throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      served.caller.push("app", blob);
      var answer = served.caller.call("GET", "/v2/app/blobs/" + digest, "Range", range).is(status);
      if (status == 416) {
        assertEquals(Optional.of("bytes */300000"), answer.header("Content-Range"));
        return;
      }
      assertArrayEquals(Caller.slice(blob, from, to), answer.bytes());
      assertEquals(
          status == 206
              ? Optional.of("bytes " + from + "-" + (to - 1) + "/300000")
              : Optional.empty(),
          answer.header("Content-Range"));
    }
  }

  @Test
  void aRangeOfAnotherVersionIsAllOfThisOne() throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      served.caller.push("app", blob);
      var path = "/v2/app/blobs/" + digest;
      var tag = served.caller.call("HEAD", path).header("ETag").orElseThrow();
      served.caller.call("GET", path, "Range", "bytes=0-9", "If-Range", tag).is(206);
      served.caller.call("GET", path, "Range", "bytes=0-9", "If-Range", "\"other\"").is(200);
      served.caller.call("GET", path, "If-None-Match", tag).is(304);
    }
  }

  /// Case 123, the part of it that needs sha512.
  @Test
  void sha512IsADigestToo() throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      var caller = served.caller;
      var sha512 = ContentDigest.of(ContentDigest.Algorithm.SHA512, blob).toString();
      for (var query : List.of("?digest-algorithm=sha512", "")) {
        var upload =
            caller
                .call("POST", "/v2/app/blobs/uploads/" + query)
                .is(202)
                .header("Location")
                .orElseThrow();
        caller.call("PATCH", upload, blob, "Content-Range", "0-299999").is(202);
        caller.call("PUT", upload + "?digest=" + sha512).is(201);
        var pulled = caller.call("GET", "/v2/app/blobs/" + sha512).is(200);
        assertEquals(Optional.of(sha512), pulled.header("Docker-Content-Digest"));
        assertArrayEquals(blob, pulled.bytes());
        caller.call("DELETE", "/v2/app/blobs/" + sha512).is(202);
        caller.call("GET", "/v2/app/blobs/" + sha512).is(404);
      }
      caller.call("POST", "/v2/app/blobs/uploads/?digest-algorithm=md5").is(400, "DIGEST_INVALID");
      caller.call("PUT", caller.begin("app") + "?digest=" + sha512, new byte[1]).is(400);
    }
  }

  @Test
  void theStoreSaysThatItKnowsSha256Only() throws Exception {
    try (var served = ServedRegistry.of(temp, ServedRegistry.Kind.STORE)) {
      var sha512 = ContentDigest.of(ContentDigest.Algorithm.SHA512, blob).toString();
      served
          .caller
          .call("PUT", served.caller.begin("app") + "?digest=" + sha512, blob)
          .is(400, "DIGEST_INVALID");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBlobIsDeletedWhereNothingNeedsIt(ServedRegistry.Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      caller.push("one", blob);
      caller.push("two", blob);
      caller.call("DELETE", "/v2/one/blobs/" + digest).is(202);
      caller.call("DELETE", "/v2/one/blobs/" + digest).is(404, "BLOB_UNKNOWN");
      assertFalse(caller.has("one", digest));
      assertTrue(caller.has("two", digest));
      var manifest = caller.pushImage("one", "1", "layer");
      var layer = Caller.digest("layer".getBytes(UTF_8));
      caller.call("DELETE", "/v2/one/blobs/" + layer).is(405, "DENIED");
      caller.call("DELETE", "/v2/one/manifests/" + manifest).is(202);
      if (kind == ServedRegistry.Kind.DATA) {
        caller.call("DELETE", "/v2/one/blobs/" + layer).is(202);
      }
    }
  }
}
