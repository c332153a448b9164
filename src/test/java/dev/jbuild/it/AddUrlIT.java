package dev.jbuild.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// ADD of a URL: fetched once, asked for again at each build, keyed by what it holds (case 82).
class AddUrlIT {

  @RegisterExtension final Workbench bench = new Workbench();

  private final List<Integer> answers = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private volatile String content = "one";
  private volatile String modified = "Sat, 03 Feb 2001 04:05:06 GMT";

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/file",
        exchange -> {
          var etag = "\"" + content + "\"";
          exchange.getResponseHeaders().set("ETag", etag);
          exchange.getResponseHeaders().set("Last-Modified", modified);
          boolean known = etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
          answers.add(known ? 304 : 200);
          exchange.sendResponseHeaders(known ? 304 : 200, known ? -1 : content.length());
          if (!known) {
            exchange.getResponseBody().write(content.getBytes(UTF_8));
          }
          exchange.close();
        });
    server.start();
    bench.dockerfile("FROM scratch\nADD " + url() + "?x=y /d/\n");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/file";
  }

  @Test
  void theFileHasItsNameModeTimeAndContent() {
    bench.jbuild("-q", "-o", "type=tar,dest=o.tar", "context").succeeds();
    assertEquals("one", bench.sh("tar -xOf o.tar d/file").text());
    var listing = bench.sh("TZ=UTC tar --numeric-owner -tvf o.tar d/file").text();
    assertEquals("-rw------- 0/0               3 2001-02-03 04:05 d/file", listing);
  }

  @Test
  void aTimeInTheFutureIsNow() {
    modified = "Wed, 01 Jan 2200 00:00:00 GMT";
    bench.jbuild("-q", "-o", "type=tar,dest=o.tar", "context").succeeds();
    assertEquals("", bench.sh("tar -xf o.tar && find d -newermt '+1 hour'").text());
  }

  /// Also where the launcher would answer if all came from files.
  @Test
  void itIsAskedForAtEachBuild() {
    bench.longRuns().sh("sleep 0.3");
    for (int i = 0; i < 3; i++) {
      bench.jbuild("build", "-t", "it:1", "context").succeeds();
    }
    assertEquals(List.of(200, 304, 304), answers);
  }

  @Test
  void anUnchangedFileIsAskedForAndNotSentAgain() {
    bench.jbuild("context").succeeds();
    bench.jbuild("context").succeeds().saysOnError("1 of 1 steps cached");
    assertEquals(List.of(200, 304), answers);
    content = "two";
    bench.jbuild("context").succeeds().saysOnError("0 of 1 steps cached");
  }

  @Test
  void aWrongChecksumFails() {
    bench.dockerfile(
        "FROM scratch\nADD --checksum=sha256:" + "0".repeat(64) + " " + url() + " /\n");
    bench.jbuild("context").failsWith(5).saysOnError("Dockerfile:2:").saysOnError("checksum");
    assertEquals("", bench.sh("find store/blobs store/cache/steps -type f").text());
  }
}
