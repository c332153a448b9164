package dev.jbuild.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One client of a server that speaks http and of one that speaks https.
class WebClientTest {

  @TempDir private static Path keys;
  private static SSLContext tls;

  private final AtomicInteger asked = new AtomicInteger();

  private HttpServer plain;
  private HttpsServer secure;
  private WebClient client;

  @BeforeAll
  static void makeCertificate() throws Exception {
    tls = OwnCertificate.make(keys);
  }

  @BeforeEach
  void start() throws IOException {
    var anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    plain = HttpServer.create(anywhere, 0);
    secure = HttpsServer.create(anywhere, 0);
    secure.setHttpsConfigurator(new HttpsConfigurator(tls));
    for (var server : new HttpServer[] {plain, secure}) {
      server.createContext("/", exchange -> exchange.sendResponseHeaders(200, -1));
      server.start();
    }
    client =
        new WebClient(
            Map.of(),
            Duration.ofMinutes(1),
            () -> {
              asked.incrementAndGet();
              return tls;
            });
  }

  @AfterEach
  void stop() {
    client.close();
    plain.stop(0);
    secure.stop(0);
  }

  private static URI address(HttpServer server) {
    var scheme = server instanceof HttpsServer ? "https" : "http";
    return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  private void getTwice(HttpServer server) throws IOException, InterruptedException {
    for (int i = 0; i < 2; i++) {
      try (var answer = client.send(WebRequest.get(address(server), Map.of()))) {
        assertEquals(200, answer.status());
      }
    }
  }

  @Test
  void tlsIsSetUpForTheFirstRequestByHttpsAndForNoneByHttp() throws Exception {
    getTwice(plain);
    assertEquals(0, asked.get());
    getTwice(secure);
    assertEquals(1, asked.get());
  }

  @Test
  void whatIsClosedHasNoThreadsAndBeginsNone() throws Exception {
    var before = selectors();
    getTwice(plain);
    getTwice(secure);
    assertEquals(before.size() + 2, selectors().size());
    client.close();
    assertEquals(before, selectors());
    for (var server : new HttpServer[] {plain, secure}) {
      refusedAsClosed(server);
    }
    assertEquals(before, selectors());
  }

  @Test
  void whatIsClosedUnusedBeginsNothing() {
    client.close();
    refusedAsClosed(plain);
    refusedAsClosed(secure);
    assertEquals(0, asked.get());
  }

  private void refusedAsClosed(HttpServer server) {
    var request = WebRequest.get(address(server), Map.of());
    var failure = assertThrows(PassingException.class, () -> client.send(request).close());
    assertEquals("the client is closed", failure.getMessage());
  }

  /// The threads of the JDK's clients: each has one.
  private static Set<Thread> selectors() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(each -> each.getName().endsWith("SelectorManager"))
        .collect(Collectors.toSet());
  }
}
