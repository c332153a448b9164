package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `jbuild import URL`.
class WebImportTest {

  @TempDir Path directory;
  private HttpServer server;
  private byte[] tar;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    var context = Files.createDirectory(directory.resolve("context"));
    Files.writeString(context.resolve("f"), "content ".repeat(50_000));
    Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY f /f\n");
    var file = directory.resolve("root.tar");
    run("-o", "type=tar,dest=" + file, context.toString());
    tar = Files.readAllBytes(file);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Jbuild run(String... words) {
    return new Jbuild(directory.resolve("store")).run(words);
  }

  /// Answers with `body`, at the first `breaks` times only half of it.
  private void answer(String path, byte[] body, int breaks) {
    var asked = new AtomicInteger();
    server.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          boolean whole = asked.getAndIncrement() >= breaks;
          try (exchange) {
            exchange.getResponseBody().write(whole ? body : Arrays.copyOf(body, body.length / 2));
            exchange.getResponseBody().flush();
          }
        });
  }

  private Jbuild importFrom(String path, String name) {
    var address = "http://127.0.0.1:" + server.getAddress().getPort() + path;
    return run("import", "-q", address, name);
  }

  @Test
  void theImageIsTheOneOfTheFile() {
    answer("/root.tar", tar, 0);
    answer("/breaks.tar", tar, 1);
    var expected = run("import", "-q", directory.resolve("root.tar").toString(), "a");
    var layer = layer("a");

    assertEquals(0, expected.code(), expected.err());
    assertEquals(0, importFrom("/root.tar", "b").code());
    assertEquals(layer, layer("b"));
    assertEquals(0, importFrom("/breaks.tar", "c").code());
    assertEquals(layer, layer("c"));
  }

  private String layer(String image) {
    return run("inspect", "--format={{json .RootFS}}", image).out();
  }

  @Test
  void whatIsNoTarOrNotThereIsNamed() {
    answer("/page", "<html>not a tar</html>".repeat(9000).getBytes(StandardCharsets.UTF_8), 0);
    var page = importFrom("/page?token=s3cr3t", "a");
    assertEquals(5, page.code(), page.err());
    assertTrue(page.err().contains("/page?…: not a tar"), page.err());
    assertTrue(!page.err().contains("s3cr3t"), page.err());
    var missing = importFrom("/missing", "a");
    assertEquals(5, missing.code());
    assertTrue(missing.err().contains("the server answers 404"), missing.err());
    assertEquals(7, run("inspect", "a").code());
  }
}
