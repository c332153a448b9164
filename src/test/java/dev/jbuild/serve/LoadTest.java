package dev.jbuild.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.serve.ServedRegistry.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Fifty clients push images, pull them, list and delete, all at once, while garbage is collected:
/// no error, and the server's memory stays where it is.
///
/// `-Djbuild.load.seconds=60` goes on for longer, and prints what was seen.
class LoadTest {

  private static final int CLIENTS = 50;
  private static final int SECONDS = Integer.getInteger("jbuild.load.seconds", 1);
  private static final int LAYER = 512 << 10;

  /// Of the process that serves, whatever it has done.
  private static final long MOST_MEMORY_KIB = 300 << 10;

  @TempDir Path temp;

  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  @ParameterizedTest
  @EnumSource
  void manyClientsForAWhile(Kind kind) throws Exception {
    var process = KillTest.serve(temp, kind);
    try (var clients = Executors.newVirtualThreadPerTaskExecutor();
        var out = process.inputReader(UTF_8)) {
      var url = out.readLine();
      var end = Instant.now().plus(Duration.ofSeconds(SECONDS));
      var all = new ArrayList<Future<?>>();
      for (int i = 0; i < CLIENTS; i++) {
        int number = i;
        all.add(clients.submit(() -> pushAndPull(url, number, end)));
      }
      var seen = new ArrayList<Long>();
      while (!all.stream().allMatch(Future::isDone)) {
        seen.add(memory(process.pid()));
        Thread.sleep(Math.clamp(SECONDS * 50L, 50, 5000));
      }
      for (var each : all) {
        each.get();
      }
      try (var caller = new Caller(url)) {
        assertEquals(200, caller.call("GET", "/v2/_catalog").status());
      }
      if (SECONDS > 10) {
        System.out.printf(
            "%s: %d requests, %d MiB moved in %d s; KiB of memory: %s%n",
            kind, requests.get(), bytes.get() >> 20, SECONDS, seen);
      }
      assertTrue(seen.stream().allMatch(kib -> kib < MOST_MEMORY_KIB), seen::toString);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private void pushAndPull(String url, int number, Instant end) {
    var repository = "load/app" + number % 10;
    try (var caller = new Caller(url)) {
      int i = 0;
      do {
        var layer = Caller.bytes(LAYER, number * 1000L + i % 5);
        var config = ("{\"n\":" + number + "}").getBytes(UTF_8);
        caller.push(repository, config);
        var digest = caller.push(repository, layer);
        var manifest = Caller.manifest("", config, layer);
        var tag = "t" + number;
        caller.put(repository, tag, manifest).is(201);
        assertArrayEquals(
            manifest,
            caller.call("GET", "/v2/" + repository + "/manifests/" + tag).is(200).bytes());
        assertArrayEquals(
            layer, caller.call("GET", "/v2/" + repository + "/blobs/" + digest).is(200).bytes());
        caller.call("GET", "/v2/" + repository + "/tags/list?n=5").is(200);
        if (i % 7 == 6) {
          caller.call("DELETE", "/v2/" + repository + "/manifests/" + tag).is(202);
        }
        requests.addAndGet(8);
        bytes.addAndGet(2L * LAYER);
        i++;
      } while (Instant.now().isBefore(end));
    }
  }

  private static long memory(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElse(0);
  }
}
