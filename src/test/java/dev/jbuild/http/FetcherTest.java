package dev.jbuild.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.jbuild.failure.BuildFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Fetching, against a server of its own on the loopback address.
class FetcherTest {

  /// No test waits for so long, and no machine is so slow.
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
  private final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private HttpServer other;
  private Fetcher fetcher;
  private final Memory memory = new Memory();

  private static final class Memory implements Sink {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int begun;

    @Override
    public void begin() {
      begun++;
      bytes.reset();
    }

    @Override
    public void write(ByteBuffer piece) {
      var copy = new byte[piece.remaining()];
      piece.get(copy);
      bytes.writeBytes(copy);
    }

    String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }

  @BeforeEach
  void start() throws IOException {
    server = started();
    other = started();
    fetcher = new Fetcher(Map.of(), PATIENCE, pauses::add);
  }

  private static HttpServer started() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(loopback(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    return server;
  }

  private static InetAddress loopback() throws IOException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  }

  @AfterEach
  void stop() {
    fetcher.close();
    server.stop(0);
    other.stop(0);
  }

  private static URI on(HttpServer server, String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private Fetched get(URI uri) throws IOException, InterruptedException {
    return fetcher.get(FetchRequest.of(uri, 1000), memory);
  }

  private BuildFailure failing(URI uri) {
    return assertThrows(BuildFailure.class, () -> get(uri));
  }

  private void answer(HttpServer on, String path, int status, String body, String... headers) {
    on.createContext(
        path,
        exchange -> {
          authorizations.add(
              Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                  .orElse("none"));
          for (int i = 0; i < headers.length; i += 2) {
            exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
          }
          send(exchange, status, body);
        });
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Test
  void bodyAndHeadersArrive() throws Exception {
    answer(server, "/f", 200, "hello", "ETag", "\"1\"", "Last-Modified", "then", "X", "y");
    var fetched = get(on(server, "/f"));
    assertEquals("hello", memory.text());
    assertEquals(5, fetched.bytes());
    assertEquals(Optional.of("\"1\""), fetched.etag());
    assertEquals(Optional.of("then"), fetched.lastModified());
    assertEquals(on(server, "/f"), fetched.address());
  }

  @Test
  void conditionsAreSentAndUnchangedContentIsNotFetched() throws Exception {
    server.createContext(
        "/f",
        exchange -> {
          boolean known =
              "\"1\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"))
                  && "then".equals(exchange.getRequestHeaders().getFirst("If-Modified-Since"));
          send(exchange, known ? 304 : 200, "");
        });
    var request =
        new FetchRequest(
            on(server, "/f"), Optional.of("\"1\""), Optional.of("then"), Optional.empty(), 10);
    assertTrue(fetcher.get(request, memory).isUnmodified());
    assertEquals(0, memory.begun);
    assertFalse(get(on(server, "/f")).isUnmodified());
  }

  @Test
  void missingAddressIsAFailureWithoutItsSecrets() { // case 81, CVE-2023-26054
    answer(server, "/none", 404, "no");
    var uri = URI.create("http://user:hunter2@" + on(server, "").getAuthority() + "/none?sig=s3");
    var failure = failing(uri);
    assertEquals(BuildFailure.Kind.CONTEXT, failure.kind());
    assertEquals(on(server, "/none") + "?…: the server answers 404", failure.message());
    assertEquals(List.of(), pauses);
  }

  @Test
  void passwordOfTheAddressGoesToItsServerOnly() throws Exception {
    answer(server, "/a", 302, "", "Location", "/b");
    answer(server, "/b", 307, "", "Location", on(other, "/c").toString());
    answer(other, "/c", 200, "done");
    get(URI.create("http://user:pass@" + on(server, "").getAuthority() + "/a"));
    assertEquals(List.of("Basic dXNlcjpwYXNz", "Basic dXNlcjpwYXNz", "none"), authorizations);
    assertEquals("done", memory.text());
  }

  @Test
  void authorizationHeaderGoesToItsServerOnly() throws Exception {
    answer(server, "/a", 302, "", "Location", on(other, "/c").toString());
    answer(other, "/c", 302, "", "Location", on(server, "/d").toString());
    answer(server, "/d", 200, "done");
    var request =
        new FetchRequest(
            on(server, "/a"), Optional.empty(), Optional.empty(), Optional.of("Bearer t"), 10);
    assertEquals(on(server, "/d"), fetcher.get(request, memory).address());
    assertEquals(List.of("Bearer t", "none", "Bearer t"), authorizations);
  }

  @Test
  void redirectsToOtherSchemesAreRefused() { // case 82
    answer(server, "/file", 302, "", "Location", "file:///etc/passwd");
    answer(server, "/none", 302, "");
    answer(server, "/bad", 302, "", "Location", "http://[");
    assertTrue(failing(on(server, "/file")).message().endsWith("which is not allowed"));
    assertTrue(failing(on(server, "/none")).message().contains("without saying where"));
    assertTrue(failing(on(server, "/bad")).message().contains("malformed"));
  }

  @Test
  void redirectsAreCounted() throws Exception {
    for (int i = 0; i < 11; i++) {
      answer(server, "/r" + i + ".", 302, "", "Location", "/r" + (i + 1) + ".");
    }
    answer(server, "/r11.", 200, "far");
    get(on(server, "/r1."));
    assertEquals("far", memory.text());
    assertTrue(failing(on(server, "/r0.")).message().contains("more than 10 times"));
  }

  @Test
  void passingFailuresAreTriedAgain() throws Exception {
    var calls = new AtomicInteger();
    server.createContext(
        "/busy",
        exchange -> {
          if (calls.getAndIncrement() == 0) {
            exchange.getResponseHeaders().set("Retry-After", "7");
            send(exchange, 429, "wait");
          } else {
            send(exchange, calls.get() < 4 ? 503 : 200, "at last");
          }
        });
    get(on(server, "/busy"));
    assertEquals("at last", memory.text());
    assertEquals(
        List.of(Duration.ofSeconds(7), Duration.ofSeconds(2), Duration.ofSeconds(5)), pauses);
  }

  @Test
  void triesAreCounted() {
    answer(server, "/down", 500, "no");
    assertTrue(failing(on(server, "/down")).message().endsWith("the server answers 500"));
    assertEquals(3, pauses.size());
    assertEquals(4, authorizations.size());
  }

  @Test
  void refusedConnectionIsTriedAgainThenAFailure() throws Exception {
    int port;
    try (var free = new ServerSocket(0, 1, loopback())) {
      port = free.getLocalPort();
    }
    var failure = failing(URI.create("http://127.0.0.1:" + port + "/f?token=s3"));
    assertTrue(failure.message().startsWith("http://127.0.0.1:" + port + "/f?…: "));
    assertEquals(3, pauses.size());
  }

  @Test
  void bodyThatBreaksOffIsFetchedAnew() throws Exception {
    var calls = new AtomicInteger();
    server.createContext(
        "/cut",
        exchange -> {
          exchange.sendResponseHeaders(200, 10);
          exchange.getResponseBody().write("01234".getBytes(StandardCharsets.UTF_8));
          exchange.getResponseBody().flush();
          if (calls.getAndIncrement() > 0) {
            exchange.getResponseBody().write("56789".getBytes(StandardCharsets.UTF_8));
          }
          exchange.close();
        });
    assertEquals(10, get(on(server, "/cut")).bytes());
    assertEquals("0123456789", memory.text());
    assertEquals(2, memory.begun);
  }

  @Test
  void silentBodyIsAFailure() throws Exception { // case 82
    var release = new CountDownLatch(1);
    server.createContext(
        "/silent",
        exchange -> {
          exchange.sendResponseHeaders(200, 10);
          exchange.getResponseBody().write('x');
          exchange.getResponseBody().flush();
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    try (var hasty = new Fetcher(Map.of(), Duration.ofMillis(400), pauses::add)) {
      var request = FetchRequest.of(on(server, "/silent"), 1000);
      var failure = assertThrows(BuildFailure.class, () -> hasty.get(request, memory));
      // of the last attempt, whose head may be late on a busy machine
      assertTrue(failure.message().contains(" came for 0 s"), failure.message());
    } finally {
      release.countDown();
    }
  }

  @Test
  void endlessBodyIsCutOff() { // case 82
    server.createContext(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          var block = new byte[100];
          try (var out = exchange.getResponseBody()) {
            while (true) {
              out.write(block);
            }
          } catch (IOException e) {
            // the client left
          }
        });
    assertTrue(failing(on(server, "/endless")).message().endsWith("is larger than 1000 bytes"));
    answer(server, "/long", 200, "x".repeat(1001));
    assertTrue(failing(on(server, "/long")).message().endsWith("is larger than 1000 bytes"));
    assertEquals(List.of(), pauses);
  }

  @Test
  void failureOfTheSinkIsItsOwn() {
    answer(server, "/f", 200, "hello");
    var broken =
        new Sink() {
          @Override
          public void begin() throws IOException {
            throw new IOException("disk full");
          }

          @Override
          public void write(ByteBuffer bytes) {}
        };
    var failure =
        assertThrows(
            IOException.class, () -> fetcher.get(FetchRequest.of(on(server, "/f"), 1000), broken));
    assertEquals("disk full", failure.getMessage());
    assertEquals(List.of(), pauses);
  }

  @Test
  void proxyIsAskedForOtherHosts() throws Exception {
    server.createContext(
        "/", exchange -> send(exchange, 200, "proxied " + exchange.getRequestURI()));
    var proxy = "http://127.0.0.1:" + server.getAddress().getPort();
    try (var proxied = new Fetcher(Map.of("http_proxy", proxy), PATIENCE, pauses::add)) {
      proxied.get(FetchRequest.of(URI.create("http://example.invalid/x"), 1000), memory);
    }
    assertEquals("proxied http://example.invalid/x", memory.text());
  }

  @Test
  void redirectFromElsewhereToThisMachineIsRefused() throws Exception { // case 82
    var targets = List.of("http://169.254.169.254/creds", "http://localhost/", "http://[::1]/x");
    var next = new AtomicInteger();
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Location", targets.get(next.getAndIncrement()));
          send(exchange, 302, "");
        });
    var proxy = "127.0.0.1:" + server.getAddress().getPort();
    try (var proxied = new Fetcher(Map.of("HTTP_PROXY", proxy), PATIENCE, pauses::add)) {
      for (var target : targets) {
        var request = FetchRequest.of(URI.create("http://example.invalid/x"), 1000);
        var failure = assertThrows(BuildFailure.class, () -> proxied.get(request, memory), target);
        assertTrue(failure.message().contains("this machine itself"), failure.message());
      }
    }
  }
}
