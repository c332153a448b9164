package dev.jbuild.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.serve.ServedRegistry.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Case 126: the server is killed at any moment of pushes. What it said is done is there
/// afterwards, and nothing is there that is not whole.
///
/// `-Djbuild.kills=N` kills more often.
class KillTest {

  private static final int KILLS = Integer.getInteger("jbuild.kills", 3);
  private static final int PUSHERS = 4;

  @TempDir Path temp;

  @ParameterizedTest
  @EnumSource
  void aKilledServerHasKeptItsWord(Kind kind) throws Exception {
    var random = new Random(126);
    Map<String, byte[]> promised = new ConcurrentHashMap<>();
    for (int kill = 0; kill < KILLS; kill++) {
      pushUntilKilled(kind, random.nextInt(400), random.nextLong(), promised);
      try (var served = ServedRegistry.of(temp, kind)) {
        var caller = served.caller;
        for (var promise : promised.entrySet()) {
          assertArrayEquals(
              promise.getValue(),
              caller.call("GET", promise.getKey()).is(200).bytes(),
              promise.getKey());
        }
        if (kind == Kind.DATA) {
          for (var file : served.blobFiles()) {
            assertEquals(
                file.getFileName().toString(),
                Caller.digest(Files.readAllBytes(file)).substring("sha256:".length()));
          }
          for (var upload : served.uploads()) { // it goes on, or was never said to be there
            var repository = upload.resolve("repository");
            if (Files.exists(repository)) {
              var id =
                  "/v2/" + Files.readString(repository) + "/blobs/uploads/" + upload.getFileName();
              int status = caller.call("GET", id).status();
              assertTrue(status == 204 || !Files.exists(upload.resolve("data")), id);
            }
          }
        } else {
          try (var store = dev.jbuild.store.Store.open(temp.resolve("store"))) {
            assertEquals(List.of(), store.check());
          }
        }
        served.registry.collect();
        assertEquals(List.of(), served.troubles);
      }
    }
    assertTrue(promised.size() >= KILLS, "too little was pushed: " + promised.size());
  }

  private void pushUntilKilled(Kind kind, int millis, long seed, Map<String, byte[]> promised)
      throws Exception {
    var process = serve(temp, kind);
    var pushers = new ArrayList<Thread>();
    try (var out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      var url = out.readLine();
      assertNotNull(url, "the server failed");
      for (int i = 0; i < PUSHERS; i++) {
        int number = i;
        pushers.add(
            Thread.ofVirtual().start(() -> push(kind, url, number, seed + number, promised)));
      }
      int before = promised.size();
      while (promised.size() == before && pushers.stream().allMatch(Thread::isAlive)) {
        Thread.sleep(5);
      }
      Thread.sleep(millis); // the moment is what is tried
    } finally {
      process.destroyForcibly().waitFor();
    }
    for (var pusher : pushers) {
      pusher.join();
    }
  }

  /// Starts the process; its first line is the registry's address.
  static Process serve(Path directory, Kind kind) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xms48m",
            "-Xmn32m",
            "-XX:SurvivorRatio=2",
            "-Xmx512m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Server.class.getName(),
            directory.toString(),
            kind.name())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /// Pushes image after image until there is no server any more.
  private static void push(
      Kind kind, String url, int number, long seed, Map<String, byte[]> promised) {
    try (var caller = new Caller(url)) {
      for (int i = 0; ; i++) {
        var repository = "app" + number;
        var layer = Caller.bytes(50_000, seed + 1000L * i);
        var upload = caller.begin(repository);
        caller.call("PATCH", upload, Caller.slice(layer, 0, 20_000)).is(202);
        var digest = Caller.digest(layer);
        caller
            .call("PUT", upload + "?digest=" + digest, Caller.slice(layer, 20_000, 50_000))
            .is(201);
        if (kind == Kind.DATA) { // in the store a blob is a repository's through a manifest only
          promised.put("/v2/" + repository + "/blobs/" + digest, layer);
        }
        var config = ("{\"n\":" + seed + i + "}").getBytes(UTF_8);
        caller.push(repository, config);
        var manifest = Caller.manifest("", config, layer);
        // a tag of its own: in the store an image that loses its tag is no repository's any more
        caller.put(repository, Long.toHexString(seed) + "-" + i, manifest).is(201);
        promised.put("/v2/" + repository + "/manifests/" + Caller.digest(manifest), manifest);
        promised.put("/v2/" + repository + "/blobs/" + digest, layer);
      }
    } catch (UncheckedIOException e) {
      return; // killed
    }
  }

  /// The process that is killed.
  static final class Server {

    private Server() {}

    /// @param arguments the directory, and what is served in it
    public static void main(String[] arguments) throws IOException, InterruptedException {
      var served = ServedRegistry.of(Path.of(arguments[0]), Kind.valueOf(arguments[1]));
      System.out.println(served.registry.url());
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
