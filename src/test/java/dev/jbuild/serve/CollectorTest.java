package dev.jbuild.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.serve.ServedRegistry.Kind;
import dev.jbuild.store.PruneOptions;
import dev.jbuild.store.Store;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Case 132: garbage is collected while the registry serves.
class CollectorTest {

  @TempDir Path temp;

  /// As if nothing had happened for a day.
  private void age(Path below) throws Exception {
    try (Stream<Path> files = Files.walk(below)) {
      for (var file : files.toList()) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
      }
    }
  }

  @Test
  void whatNothingNamesGoesAfterAWhile() throws Exception {
    String old;
    String upload;
    try (var served = ServedRegistry.of(temp)) {
      var caller = served.caller;
      caller.pushImage("app", "1", "kept layer");
      old = caller.push("app", "nobody's".getBytes(UTF_8));
      upload = caller.begin("app");
      caller.call("PATCH", upload, new byte[100]).is(202);
      served.registry.collect();
      assertTrue(caller.has("app", old));
      caller.call("GET", upload).is(204);
    }
    age(temp);
    try (var served = ServedRegistry.of(temp)) {
      var caller = served.caller;
      var young = caller.push("app", "young".getBytes(UTF_8));
      served.registry.collect();
      assertFalse(caller.has("app", old));
      assertTrue(caller.has("app", young));
      caller.call("GET", upload).is(404, "BLOB_UPLOAD_UNKNOWN");
      assertEquals(List.of(), served.uploads());
      // config, layer and manifest of the image, and the young one
      assertEquals(4, served.blobFiles().size());
      caller.call("GET", "/v2/app/manifests/1").is(200);
      assertTrue(caller.has("app", Caller.digest("kept layer".getBytes(UTF_8))));
    }
  }

  @Test
  void aBlobThatAClientAskedForStays() throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      var caller = served.caller;
      var blob = "shared".getBytes(UTF_8);
      var asked = caller.push("one", blob);
      caller.push("two", blob);
      age(temp);
      assertTrue(caller.has("one", asked)); // its client will not send it now
      served.registry.collect();
      assertTrue(caller.has("one", asked));
      assertFalse(caller.has("two", asked));
      caller.call("POST", "/v2/two/blobs/uploads/?mount=" + asked).is(201);
      served.registry.collect();
      assertTrue(caller.has("two", asked));
    }
  }

  @Test
  void whatADeletedManifestNeededGoesAndItsReaderFinishes() throws Exception {
    try (var served =
        ServedRegistry.of(temp, Kind.DATA, options -> options, ServedRegistry.NO_GRACE)) {
      var caller = served.caller;
      var large = "x".repeat(8 << 20);
      var manifest = caller.pushImage("app", "1", large);
      caller.pushImage("app", "2", "other");
      var layer = Caller.digest(large.getBytes(UTF_8));
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), served.registry.port())) {
        var request =
            "GET /v2/app/blobs/" + layer + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(UTF_8));
        var in = socket.getInputStream();
        var first = in.readNBytes(1000);
        caller.call("DELETE", "/v2/app/manifests/" + manifest).is(202);
        served.registry.collect();
        caller.call("GET", "/v2/app/blobs/" + layer).is(404);
        var rest = in.readAllBytes();
        var all = new String(first, UTF_8) + new String(rest, UTF_8);
        assertEquals(8 << 20, all.length() - all.indexOf("\r\n\r\n") - 4);
      }
      caller.call("GET", "/v2/app/manifests/2").is(200);
      assertTrue(caller.has("app", Caller.digest("other".getBytes(UTF_8))));
      assertEquals(3, served.blobFiles().size());
    }
  }

  /// Case 132: what was left for long is wanted again just while the collector looks at it. A pipe
  /// in the place of a manifest says when that is.
  @Test
  @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whatIsMountedWhileGarbageIsCollectedStays() throws Exception {
    try (var served = ServedRegistry.of(temp);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var caller = served.caller;
      var manifest = caller.pushImage("app", "1", "layer").substring("sha256:".length());
      var old = caller.push("app", "old".getBytes(UTF_8));
      var lost = caller.push("app", "lost".getBytes(UTF_8));
      age(temp);
      var blobs = temp.resolve("data/blobs/sha256");
      var file = blobs.resolve(manifest.substring(0, 2)).resolve(manifest);
      var bytes = Files.readAllBytes(file);
      Files.delete(file);
      assertEquals(0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
      var collection =
          threads.submit(
              () -> {
                served.registry.collect();
                return true;
              });
      try (var pipe = Files.newOutputStream(file, StandardOpenOption.WRITE)) { // it is read
        caller.call("POST", "/v2/other/blobs/uploads/?from=app&mount=" + old).is(201);
        pipe.write(bytes);
      }
      collection.get();
      caller.call("GET", "/v2/other/blobs/" + old).is(200);
      assertFalse(caller.has("app", lost));
    }
  }

  /// The store's own prune may run while it is served.
  @Test
  void aPruneOfTheStoreSparesWhatWasJustPushed() throws Exception {
    try (var served = ServedRegistry.of(temp, Kind.STORE)) {
      var caller = served.caller;
      var layer = "layer".getBytes(UTF_8);
      var digest = caller.push("app", layer);
      caller.call("PATCH", caller.begin("app"), layer).is(202);
      try (var store = Store.open(temp.resolve("store"))) {
        store.prune(PruneOptions.ALL);
        assertTrue(caller.has("app", digest));
        caller.pushImage("app", "1", "layer");
        store.prune(PruneOptions.ALL);
        assertEquals(List.of(), store.check());
      }
      caller.call("GET", "/v2/app/manifests/1").is(200);
      assertArrayEquals(layer, caller.call("GET", "/v2/app/blobs/" + digest).is(200).bytes());
    }
  }

  /// Case 125: an upload outlives its server; not so in the store.
  @ParameterizedTest
  @EnumSource
  void anUploadGoesOnAfterARestart(Kind kind) throws Exception {
    var blob = Caller.bytes(200_000, 5);
    String upload;
    try (var served = ServedRegistry.of(temp, kind)) {
      upload = served.caller.begin("app");
      served.caller.call("PATCH", upload, Caller.slice(blob, 0, 150_000)).is(202);
    }
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      if (kind == Kind.STORE) {
        caller.call("GET", upload).is(404, "BLOB_UPLOAD_UNKNOWN");
        return;
      }
      assertEquals("0-149999", caller.call("GET", upload).is(204).header("Range").orElseThrow());
      var rest = Caller.slice(blob, 150_000, 200_000);
      caller.call("PATCH", upload, rest, "Content-Range", "150000-199999").is(202);
      caller.call("PUT", upload + "?digest=" + Caller.digest(blob)).is(201);
      assertArrayEquals(blob, caller.call("GET", "/v2/app/blobs/" + Caller.digest(blob)).bytes());
    }
  }
}
