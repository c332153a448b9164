package dev.jbuild.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.MediaType;
import dev.jbuild.serve.ServedRegistry.Kind;
import dev.jbuild.store.BlobOrigin;
import dev.jbuild.store.References;
import dev.jbuild.store.Store;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is served: names of images in the store, and places that cannot be.
class StoreTest {

  @TempDir Path temp;

  private Descriptor image(Store store, String layer) throws Exception {
    var config = "{}".getBytes(UTF_8);
    store.blobs().put(config);
    store.blobs().put(layer.getBytes(UTF_8));
    var manifest = Caller.manifest("", config, layer.getBytes(UTF_8));
    var digest = store.blobs().put(manifest);
    return new Descriptor(MediaType.OCI_MANIFEST, digest, manifest.length);
  }

  private static List<String> names(Store store) throws Exception {
    return store.references().all().stream()
        .map(References.Entry::name)
        .map(name -> name.orElse("-"))
        .sorted()
        .toList();
  }

  @Test
  void imagesOfTheStoreAreRepositories() throws Exception {
    try (var served = ServedRegistry.of(temp, Kind.STORE);
        var store = Store.open(temp.resolve("store"))) {
      var caller = served.caller;
      int port = served.registry.port();
      var image = image(store, "one");
      for (var name :
          List.of(
              "docker.io/library/app:1",
              "docker.io/team/app:1",
              "localhost:" + port + "/own:1",
              "quay.io/team/app:1",
              "localhost/built:1",
              "other.example:8443/app:7")) {
        store.references().tag(name, image);
      }
      assertEquals(
          List.of("app", "localhost/built", "own", "quay.io/team/app", "team/app"),
          caller.list(caller.call("GET", "/v2/_catalog"), "repositories"));
      for (var name : List.of("app", "library/app", "own", "team/app", "quay.io/team/app")) {
        caller.call("GET", "/v2/" + name + "/manifests/1").is(200);
        caller.call("GET", "/v2/" + name + "/manifests/" + image.digest()).is(200);
        assertTrue(caller.has(name, Caller.digest("one".getBytes(UTF_8))));
      }
      // what is in the store, but of no image of the repository, is not given out
      var secret = store.blobs().put("secret".getBytes(UTF_8));
      caller.call("GET", "/v2/app/blobs/" + secret).is(404, "BLOB_UNKNOWN");
      caller.call("GET", "/v2/app/manifests/" + secret).is(404, "MANIFEST_UNKNOWN");
      caller.call("POST", "/v2/app/blobs/uploads/?mount=" + secret).is(202);
      // the store knows no other digests: nothing is there under one, and none can be put there
      var sha512 = "sha512:" + "0".repeat(128);
      caller.call("GET", "/v2/app/blobs/" + sha512).is(404, "BLOB_UNKNOWN");
      caller.call("HEAD", "/v2/app/manifests/" + sha512).is(404);
      caller.call("PUT", caller.begin("app") + "?digest=" + sha512).is(400, "DIGEST_INVALID");

      // an image built under this registry's own name is the one that it gives
      store.references().tag("localhost:" + port + "/app:1", image(store, "two"));
      var two = caller.call("GET", "/v2/app/manifests/1").is(200);
      assertTrue(two.text().contains(Caller.digest("two".getBytes(UTF_8))));
      // a push moves both names
      caller.pushImage("app", "1", "three");
      caller.pushImage("fresh", "1", "three");
      assertEquals(
          List.of(
              "-",
              "docker.io/library/app:1",
              "docker.io/library/fresh:1",
              "docker.io/team/app:1",
              "localhost/built:1",
              "localhost:" + port + "/app:1",
              "localhost:" + port + "/own:1",
              "other.example:8443/app:7",
              "quay.io/team/app:1"),
          names(store));
      assertEquals(
          store.references().find("docker.io/library/app:1").map(Descriptor::digest),
          store.references().find("localhost:" + port + "/app:1").map(Descriptor::digest));
      caller.call("DELETE", "/v2/app/manifests/1").is(202);
      caller.call("GET", "/v2/app/manifests/1").is(404);
      assertTrue(store.references().find("docker.io/team/app:1").isPresent());
      assertEquals(List.of(), store.check());
    }
  }

  /// What clients leave behind costs a file on the disk: no thread and no descriptor, and there is
  /// an end to it. An upload goes on where it was.
  @Test
  void uploadsThatAreLeftHoldNothingAndAreCounted() throws Exception {
    try (var served = ServedRegistry.of(temp, Kind.STORE)) {
      var caller = served.caller;
      var large = new byte[5 << 20]; // the store's own blobs get a thread from 4 MiB on
      var goesOn = caller.begin("app");
      caller.call("PATCH", goesOn, large).is(202);
      for (int i = 0; isHashing() && i < 6000; i++) { // those of others end when they end
        Thread.sleep(10);
      }
      assertFalse(isHashing());
      long before = descriptors();
      for (int i = 1; i < 1000; i++) {
        caller.begin("app");
      }
      assertTrue(descriptors() < before + 100, () -> descriptors() + " after " + before);
      var refused = caller.call("POST", "/v2/app/blobs/uploads/").is(429, "TOOMANYREQUESTS");
      assertTrue(refused.text().contains("1000 uploads are open"), refused::text);
      caller.call("PATCH", goesOn, "end".getBytes(UTF_8)).is(202);
      var whole = Arrays.copyOf(large, large.length + 3);
      System.arraycopy("end".getBytes(UTF_8), 0, whole, large.length, 3);
      caller.call("PUT", goesOn + "?digest=" + Caller.digest(whole)).is(201);
      assertEquals(
          whole.length, caller.call("GET", "/v2/app/blobs/" + Caller.digest(whole)).bytes().length);
      caller.call("DELETE", caller.begin("app")).is(204);
      caller.begin("app");
    }
  }

  private static boolean isHashing() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("hash"));
  }

  /// A manifest of few bytes makes the store read and write only so many files.
  @Test
  void layersOfOneManifestAndClaimsAboutOneLayerAreCounted() throws Exception {
    try (var served = ServedRegistry.of(temp, Kind.STORE);
        var store = Store.open(temp.resolve("store"))) {
      var caller = served.caller;
      var one = "one".getBytes(UTF_8);
      var diffId = Digest.of("plain".getBytes(UTF_8));
      var config =
          ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\","
                  + "\"diff_ids\":[\""
                  + diffId
                  + "\"]}}")
              .getBytes(UTF_8);
      caller.push("app", config);
      caller.push("app", one);
      var layers = new byte[1001][];
      Arrays.fill(layers, one);
      var refused = caller.put("app", "many", Caller.manifest("", config, layers));
      assertTrue(refused.is(400, "MANIFEST_INVALID").text().contains("1001 layers"));
      caller.put("app", "1", Caller.manifest("", config, Arrays.copyOf(layers, 1000))).is(201);
      for (int i = 0; i < 20; i++) {
        var form = ("form " + i).getBytes(UTF_8);
        caller.push("app", form);
        caller.put("app", "f" + i, Caller.manifest("", config, form)).is(201);
      }
      assertEquals(16, store.layers().compressedForms(diffId).size());
    }
  }

  private static int descriptors() {
    return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
  }

  @Test
  void layerThatIsElsewhereIsBroughtWhenItIsAskedFor() throws Exception {
    var bytes = "elsewhere".getBytes(UTF_8);
    var layer = new Descriptor(MediaType.OCI_LAYER, Digest.of(bytes), bytes.length);
    var layout = temp.resolve("layout");
    var file = layout.resolve("blobs/sha256").resolve(layer.digest().hex());
    Files.createDirectories(file.getParent());
    try (var served = ServedRegistry.of(temp, Kind.STORE);
        var store = Store.open(temp.resolve("store"))) {
      var config = "{}".getBytes(UTF_8);
      store.blobs().put(config);
      var manifest = Caller.manifest("", config, bytes);
      store.remote().remember(new BlobOrigin.OciLayout(layer, layout));
      var digest = store.blobs().put(manifest);
      var image = new Descriptor(MediaType.OCI_MANIFEST, digest, manifest.length);
      store.references().tag("docker.io/library/app:1", image);
      served.caller.call("GET", "/v2/app/blobs/" + layer.digest()).is(500);
      Files.write(file, bytes);
      var answer = served.caller.call("GET", "/v2/app/blobs/" + layer.digest()).is(200);
      assertEquals("elsewhere", answer.text());
    }
  }

  @Test
  void aManifestWithoutATagIsAnImageWithoutAName() throws Exception {
    Digest digest;
    try (var served = ServedRegistry.of(temp, Kind.STORE)) {
      var caller = served.caller;
      var config = "{}".getBytes(UTF_8);
      caller.push("app", config);
      var manifest = Caller.manifest("", config);
      digest = Digest.parse(Caller.digest(manifest));
      caller.put("app", digest.toString(), manifest).is(201);
    }
    try (var served = ServedRegistry.of(temp, Kind.STORE)) {
      served.caller.call("GET", "/v2/app/manifests/" + digest).is(200);
      served.caller.call("GET", "/v2/other/manifests/" + digest).is(404);
      assertEquals(
          List.of(), served.caller.list(served.caller.call("GET", "/v2/app/tags/list"), "tags"));
      served.caller.call("DELETE", "/v2/app/manifests/" + digest).is(202);
      served.caller.call("GET", "/v2/app/manifests/" + digest).is(404);
    }
  }

  /// What a request reads and keeps is one manifest, however many the repository has: twelve of 3.9
  /// MB, of which a GET is for one, would else be 47 MB of bytes and as much again when understood.
  @Test
  void aRequestReadsTheManifestThatIsAskedForAndNoOther() throws Exception {
    int size = 3_900_000;
    try (var store = Store.open(temp.resolve("store"));
        var content =
            StoreContent.open(
                () -> Store.open(temp.resolve("store")),
                Limits.DEFAULT,
                new RequestLog(_ -> {}, _ -> {}),
                domain -> false)) {
      var config = "{}".getBytes(UTF_8);
      var layer = "layer".getBytes(UTF_8);
      store.blobs().put(config);
      store.blobs().put(layer);
      var subject = Caller.digest(config);
      var about = ",\"subject\":" + Caller.descriptor(Caller.MANIFEST, subject, config.length);
      var images = new ArrayList<Digest>();
      for (int i = 0; i < 12; i++) {
        var note = ",\"annotations\":{\"n\":\"" + i + "x".repeat(size) + "\"}";
        var manifest = Caller.manifest(about + note, config, layer);
        var digest = store.blobs().put(manifest);
        var descriptor = new Descriptor(MediaType.OCI_MANIFEST, digest, manifest.length);
        store.references().tag("docker.io/library/app:" + i, descriptor);
        images.add(digest);
      }
      var name = new RepositoryName("app");
      var last = StoreContent.content(images.getLast());
      assertEquals(12, content.referrers(name, ContentDigest.parse(subject)).size());

      var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      assertTrue(content.manifest(name, last).isPresent());
      long taken = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(taken < 12L * size, () -> taken + " bytes for one manifest");
      // what the others name is known without a look at them
      for (var each : images.subList(0, 11)) {
        Files.delete(store.blobs().path(each));
        Files.writeString(store.blobs().path(each), "damaged");
      }
      assertEquals(12, content.referrers(name, ContentDigest.parse(subject)).size());
    }
  }

  private static String refused(Path directory, RegistryOptions options) {
    var failure = assertThrows(BuildFailure.class, () -> Registry.start(options).close());
    assertEquals(BuildFailure.Kind.REGISTRY, failure.kind(), directory.toString());
    assertTrue(failure.hint().isPresent());
    return failure.message();
  }

  @Test
  void whatCannotBeServedIsToldInASentence() throws Exception {
    var data = temp.resolve("data");
    var options = RegistryOptions.of(new RegistryOptions.Place.Directory(data));
    try (var taken = new ServerSocket(0)) {
      var said = refused(data, options.withHost("0.0.0.0").withPort(taken.getLocalPort()));
      assertTrue(said.contains("in use by another program"), said);
    }
    try (var first = Registry.start(options)) {
      var said = refused(data, options);
      assertTrue(said.contains("another registry serves"), said + first.port());
    }
    Registry.start(options).close(); // both failures left nothing behind
    var other = Files.createDirectory(temp.resolve("other"));
    Files.writeString(other.resolve("file"), "x");
    var said = refused(other, RegistryOptions.of(new RegistryOptions.Place.Directory(other)));
    assertTrue(said.contains("holds other things"), said);
    Files.writeString(data.resolve("format"), "jbuild registry 99\n");
    assertTrue(refused(data, options).contains("format"));
    Files.writeString(data.resolve("format"), "jbuild registry 1\n");
    said = refused(data, options.withHost("no.such.host.invalid"));
    assertTrue(said.contains("does not know"), said);
    said = refused(data, options.withHost("192.0.2.1"));
    assertTrue(said.contains("cannot listen on"), said);
  }

  /// Case 134: a disk that takes nothing is said so, and the server lives.
  @Test
  void aDirectoryThatCannotBeWrittenIsAnAnswer() throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      var caller = served.caller;
      caller.pushImage("app", "1", "layer");
      var upload = caller.begin("app");
      var uploads = temp.resolve("data").resolve("uploads");
      Files.move(uploads, uploads.resolveSibling("gone"));
      caller.call("POST", "/v2/app/blobs/uploads/").is(500, "UNKNOWN");
      caller.call("PATCH", upload, new byte[10]).is(500, "UNKNOWN");
      caller.call("GET", "/v2/app/manifests/1").is(200);
      assertEquals(2, served.troubles.size());
      Files.move(uploads.resolveSibling("gone"), uploads);
      caller.push("app", "after".getBytes(UTF_8));
    }
  }
}
