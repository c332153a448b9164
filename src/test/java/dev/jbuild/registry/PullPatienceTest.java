package dev.jbuild.registry;

import static dev.jbuild.registry.ScriptedRegistry.answer;
import static dev.jbuild.registry.ScriptedRegistry.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Digest;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Reference;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Pulling from a registry that breaks off, is silent, slow or busy.
class PullPatienceTest extends RegistryDesk {

  private final byte[] layer = random(300_000);

  private String blob(Manifest image) {
    return "/blobs/" + image.layers().getFirst().digest();
  }

  @Test
  void cutConnectionsAreContinuedWhereTheyBroke() throws Exception { // case 56
    var image = registry.image("team/app", "1", layer);
    registry.next("GET", blob(image), ScriptedRegistry.cut(layer, 100_000));
    registry.next("GET", blob(image), ScriptedRegistry.cut(layer, 50_000));
    bench.pull(name());
    assertEquals(3, registry.count("GET /v2/team/app" + blob(image)));
    assertArrayEquals(layer, bench.store.blobs().read(Digest.of(layer), layer.length));
  }

  @Test
  void serverThatCannotContinueBeginsAnew() throws Exception { // case 56
    var image = registry.image("team/app", "1", layer);
    // ignores the range, then answers another range, then has other content by its ETag
    registry.next("GET", blob(image), ScriptedRegistry.cut(layer, 1000));
    registry.next("GET", blob(image), exchange -> ScriptedRegistry.send(exchange, 200, layer));
    bench.pull(name());
    var second = registry.image("team/app", "2", bytes("x".repeat(5000)));
    registry.next("GET", blob(second), ScriptedRegistry.cut(bytes("x".repeat(5000)), 1000));
    registry.next(
        "GET", blob(second), answer(206, "x".repeat(4999), "Content-Range", "bytes 1-4999/5000"));
    bench.pull(registry.host() + "/team/app:2");
    var third = registry.image("team/app", "3", bytes("y".repeat(5000)));
    registry.next(
        "GET",
        blob(third),
        exchange -> {
          exchange.getResponseHeaders().set("ETag", "\"old\"");
          ScriptedRegistry.cut(bytes("z".repeat(5000)), 1000).to(exchange);
        });
    registry.next(
        "GET",
        blob(third),
        answer(206, "y".repeat(4000), "Content-Range", "bytes 1000-4999/5000", "ETag", "\"n\""));
    bench.pull(registry.host() + "/team/app:3");
  }

  @Test
  void silentServerIsGivenUp() throws Exception { // case 57
    registry.image("team/app", "0", layer);
    bench.pull(registry.host() + "/team/app:0"); // classes are loaded
    bench.store.references().untag(registry.host() + "/team/app:0");
    var release = new CountDownLatch(1);
    bench.patience(Duration.ofMillis(400));
    registry.always(
        "GET",
        "/manifests/1",
        exchange -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    try {
      var said = bench.failing(name());
      assertTrue(said.contains(registry.host() + ": no answer came"), said);
    } finally {
      release.countDown();
    }
  }

  /// A byte now and then is no life: a manifest, a token or a layer would take for ever.
  @Test
  void verySlowServerIsGivenUp() throws Exception { // case 57
    registry.image("team/app", "0", layer);
    registry.image("team/app", "1", layer);
    bench.pull(registry.host() + "/team/app:0"); // classes are loaded
    bench.patience(Duration.ofSeconds(1));
    var gone = new CountDownLatch(1);
    registry.next(
        "GET",
        "/manifests/1",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", MediaType.OCI_MANIFEST.name());
          exchange.sendResponseHeaders(200, 100_000);
          try {
            do {
              exchange.getResponseBody().write('x');
              exchange.getResponseBody().flush();
            } while (!gone.await(20, TimeUnit.MILLISECONDS));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    try {
      bench.pull(name());
    } finally {
      gone.countDown();
    }
    assertTrue(registry.count("GET /v2/team/app/manifests/1") > 1, registry.requests::toString);
  }

  @Test
  void busyServerIsAskedAgainAndNotForever() throws Exception { // case 59
    var image = registry.image("team/app", "1", layer);
    registry.next("GET", "/manifests/1", answer(429, "", "Retry-After", "2"));
    registry.next("GET", "/manifests/1", answer(429, "", "Retry-After", "1000000000"));
    registry.next("GET", "/manifests/1", answer(503, "", "Retry-After", "soon"));
    registry.next("GET", blob(image), answer(502, ""));
    bench.pull(name());
    assertEquals(
        List.of(
            Duration.ofSeconds(2),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofSeconds(2)),
        bench.pauses);
    registry.always("GET", "/manifests/2", answer(500, ""));
    bench.store.references().untag(Reference.parse(name()).full());
    var said = bench.failing(registry.host() + "/team/app:2");
    assertTrue(said.endsWith("the registry answers 500 (4 attempts)"), said);
    registry.always(
        "GET", "/manifests/3", answer(400, "{\"errors\":[{\"message\":\"no\\u001b\"}]}"));
    assertTrue(
        bench.failing(registry.host() + "/team/app:3").endsWith("the answer is 400 (no\\x1b)"));
    assertEquals(1, registry.count("GET /v2/team/app/manifests/3"));
  }

  @Test
  void dateInRetryAfterIsATimeToWaitFor() throws Exception { // case 59, RFC 9110 10.2.3
    registry.image("team/app", "1", layer);
    var http = DateTimeFormatter.RFC_1123_DATE_TIME;
    var soon = ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(25);
    for (var date : List.of(soon, soon.minusYears(1), soon.plusYears(1))) {
      registry.next("GET", "/manifests/1", answer(503, "", "Retry-After", http.format(date)));
    }
    bench.pull(name());
    var first = bench.pauses.getFirst();
    assertTrue(
        first.compareTo(Duration.ofSeconds(5)) > 0 && first.compareTo(Duration.ofSeconds(26)) < 0,
        bench.pauses::toString);
    assertEquals(Duration.ofSeconds(30), bench.pauses.get(2), "for half a minute at most");
    assertTrue(bench.pauses.get(1).compareTo(Duration.ofSeconds(3)) < 0, "one that is over");
  }
}
