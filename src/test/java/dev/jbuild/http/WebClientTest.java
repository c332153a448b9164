package dev.jbuild.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What a client does before it sends anything.
class WebClientTest {

  @Test
  void tlsIsSetUpForTheFirstRequestByHttpsAndForNoneByHttp() throws Exception {
    var asked = new AtomicInteger();
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> exchange.sendResponseHeaders(200, -1));
    server.start();
    try (var client =
        new WebClient(
            Map.of(),
            Duration.ofMinutes(1),
            () -> {
              asked.incrementAndGet();
              return null;
            })) {
      var place = "://127.0.0.1:" + server.getAddress().getPort() + "/";
      for (int i = 0; i < 2; i++) {
        try (var answer = client.send(WebRequest.get(URI.create("http" + place), Map.of()))) {
          assertEquals(200, answer.status());
        }
      }
      assertEquals(0, asked.get());
      server.stop(0);
      for (int i = 0; i < 2; i++) {
        var secure = WebRequest.get(URI.create("https" + place), Map.of());
        assertThrows(PassingException.class, () -> client.send(secure).close());
      }
      assertEquals(1, asked.get());
    } finally {
      server.stop(0); // again, if it was
    }
  }
}
