package dev.jbuild.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.serve.ServedRegistry.Kind;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// HTTP as it goes over the line: what no well-behaved client sends, too.
class WireTest {

  private static final int TRIES = 10;

  private static final String HOST = "\r\nHost: x\r\n";

  @TempDir Path temp;

  /// Sends bytes, says that nothing more will come, and reads to the end.
  private static String talk(int port, String request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  private static String status(String answer) {
    return answer.substring(0, Math.min(answer.length(), 12));
  }

  /// Case 127, smuggling: what two programs could read in two ways is read in none.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v2/ HTTP/1.1||",
        "GET /v2/ HTTP|Host: b||",
        "GET /v2/ HTTP/1.1\nHost: a\n\n",
        "GET /v2/ HTTP/1.1|Host: a\rX: b||",
        "GET  /v2/ HTTP||",
        "GET /v2/|Host: a||",
        "GET v2 HTTP||",
        "G(T /v2/ HTTP||",
        "GET /v2/ HTTP|X : b||",
        "GET /v2/ HTTP| folded||",
        "GET /v2/ HTTP|X: a\u0000b||",
        "GET /v2/%zz HTTP||",
        "GET /v2/% HTTP||",
        "GET /v2/a/../../etc/manifests/x HTTP||",
        "GET /v2/../../etc/manifests/x HTTP||",
        "POST /v2/a/blobs/uploads/ HTTP|Content-Length: 1|Transfer-Encoding: chunked||0||",
        "POST /v2/a/blobs/uploads/ HTTP|Content-Length: 1|Content-Length: 2||xx",
        "POST /v2/a/blobs/uploads/ HTTP|Content-Length: 1, 1||x",
        "POST /v2/a/blobs/uploads/ HTTP|Content-Length: -1||x",
        "POST /v2/a/blobs/uploads/ HTTP|Content-Length: +1||x",
        "POST /v2/a/blobs/uploads/ HTTP|Content-Length: 0x1||x",
        "POST /v2/a/blobs/uploads/ HTTP/1.0|Transfer-Encoding: chunked||0||",
        "PUT /v2/a/manifests/1 HTTP|Transfer-Encoding: chunked||zz|",
        "PUT /v2/a/manifests/1 HTTP|Transfer-Encoding: chunked||ffffffffffffffff|",
        "PUT /v2/a/manifests/1 HTTP|Transfer-Encoding: chunked||1|xy|0||",
        "PUT /v2/a/manifests/1 HTTP|Content-Length: 10||short",
        "PUT /v2/a/manifests/1 HTTP|Transfer-Encoding: chunked||5|ab",
      })
  void whatIsNoRequestIsRefused(String request) throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      var spelled = request.replace("HTTP|", "HTTP/1.1|Host: a|").replace("|", "\r\n");
      var answer = talk(served.registry.port(), spelled);
      assertEquals("HTTP/1.1 400", status(answer));
      assertTrue(answer.contains("{\"errors\":[{\"code\":\""), answer);
      assertEquals(1, answer.split("HTTP/1.1 ", -1).length - 1, answer);
      served.caller.call("GET", "/v2/").is(200);
      assertEquals(List.of(), served.troubles);
    }
  }

  @Test
  void otherLimitsHaveTheirOwnWords() throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      int port = served.registry.port();
      assertEquals(
          "HTTP/1.1 431",
          status(talk(port, "GET /" + "x".repeat(1 << 20) + " HTTP/1.1" + HOST + "\r\n")));
      assertEquals(
          "HTTP/1.1 431",
          status(
              talk(port, "GET /v2/ HTTP/1.1" + HOST + "X: " + "x".repeat(1 << 20) + "\r\n\r\n")));
      assertEquals(
          "HTTP/1.1 431",
          status(talk(port, "GET /v2/ HTTP/1.1" + HOST + "X: y\r\n".repeat(500) + "\r\n")));
      assertEquals("HTTP/1.1 505", status(talk(port, "GET /v2/ HTTP/2.0" + HOST + "\r\n")));
      assertEquals(
          "HTTP/1.1 501",
          status(talk(port, "PUT /v2/ HTTP/1.1" + HOST + "Transfer-Encoding: gzip\r\n\r\n")));
    }
  }

  @Test
  void closingTwiceIsClosingOnce() throws Exception {
    for (var kind : Kind.values()) {
      var served = ServedRegistry.of(temp.resolve(kind.name()), kind);
      assertEquals(200, served.caller.call("GET", "/v2/").status());
      served.registry.close();
      served.registry.close();
    }
  }

  @Test
  void severalRequestsUseOneConnection() throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      int port = served.registry.port();
      var one = "GET /v2/ HTTP/1.1" + HOST + "\r\n";
      var chunked =
          "PUT /v2/a/manifests/x HTTP/1.1"
              + HOST
              + "Transfer-Encoding: chunked\r\n\r\n"
              + "3;ext=1\r\n"
              + "abc\r\n"
              + "2\r\n"
              + "de\r\n"
              + "0\r\n"
              + "Trailer: x\r\n\r\n";
      var unread = "POST /v2/ HTTP/1.1" + HOST + "Content-Length: 5\r\n\r\nabcde";
      var all = talk(port, one + chunked + unread + "HEAD /v2/ HTTP/1.1" + HOST + "\r\n" + one);
      var statuses = new ArrayList<String>();
      for (var part : all.split("HTTP/1.1 ", -1)) {
        if (!part.isEmpty()) {
          statuses.add(part.substring(0, 3));
        }
      }
      assertEquals(List.of("200", "400", "405", "200", "200"), statuses);
      // HTTP/1.0, and a target with its host
      assertTrue(talk(port, "GET /v2/ HTTP/1.0\r\n\r\n").contains("Connection: close"));
      assertEquals("HTTP/1.1 200", status(talk(port, "GET http://x/v2/ HTTP/1.1" + HOST + "\r\n")));
    }
  }

  @Test
  void aBodyWaitsUntilItIsWanted() throws Exception {
    try (var served = ServedRegistry.of(temp);
        var socket = new Socket(InetAddress.getLoopbackAddress(), served.registry.port())) {
      socket.setSoTimeout(20_000);
      var upload = served.caller.begin("app");
      var head = HOST + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n";
      socket.getOutputStream().write(("PATCH " + upload + " HTTP/1.1" + head).getBytes(ISO_8859_1));
      var in = socket.getInputStream();
      assertEquals("HTTP/1.1 100 Continue\r\n\r\n", new String(in.readNBytes(25), ISO_8859_1));
      socket.getOutputStream().write("abc".getBytes(ISO_8859_1));
      assertEquals("HTTP/1.1 202", new String(in.readNBytes(12), ISO_8859_1));

      // one that is not wanted is not asked for
      var refused = talk(served.registry.port(), "POST /v2/ HTTP/1.1" + head);
      assertEquals("HTTP/1.1 405", status(refused));
      assertTrue(refused.contains("Connection: close"), refused);
    }
  }

  /// Case 133: large manifests that come slowly, of which each takes its length from the heap.
  @Test
  void slowSendersOfLargeManifestsKeepNobodyElseOut() throws Exception {
    var limits =
        new Limits(
            Duration.ofSeconds(75),
            Duration.ofSeconds(12),
            4096,
            Duration.ofHours(1),
            Limits.DEFAULT.uploads(),
            Duration.ofHours(1));
    var senders = new ArrayList<Socket>();
    try (var served =
        ServedRegistry.of(temp, ServedRegistry.Kind.DATA, options -> options, limits)) {
      var head = HOST + "Expect: 100-continue\r\nContent-Length: " + (4 << 20) + "\r\n\r\n";
      var answer = "";
      while (senders.size() < 100 && !answer.equals("HTTP/1.1 503")) {
        var sender = new Socket(InetAddress.getLoopbackAddress(), served.registry.port());
        senders.add(sender);
        sender.setSoTimeout(20_000);
        var request = "PUT /v2/app/manifests/" + senders.size() + " HTTP/1.1" + head;
        sender.getOutputStream().write(request.getBytes(ISO_8859_1));
        answer = new String(sender.getInputStream().readNBytes(12), ISO_8859_1);
      }
      assertEquals(9, senders.size(), "so many are taken at once");
      served.caller.pushImage("app", "1", "small");
      served.caller.call("GET", "/v2/app/manifests/1").is(200);
    } finally {
      for (var sender : senders) {
        sender.close();
      }
    }
  }

  /// A sender of much does not look for an answer before he has sent it.
  @Test
  void aLargeBodyThatIsRefusedStillGetsItsAnswer() throws Exception {
    try (var served = ServedRegistry.of(temp, options -> options.withReadOnly(true))) {
      var answer = served.caller.call("POST", "/v2/a/blobs/uploads/", new byte[8 << 20]);
      answer.is(405, "DENIED");
    }
  }

  /// Clients that try https first would wait for ever.
  @Test
  void aClientWithTlsIsToldThatThereIsNone() throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      var answer = talk(served.registry.port(), "\u0016\u0003\u0001\u0002\u0000\u0001\u0000");
      assertEquals("HTTP/1.1 400", status(answer));
      assertTrue(answer.endsWith("this registry speaks http, not https\n"), answer);
    }
  }

  /// Case 133: those who say nothing, or little, keep nobody from being served. A machine that
  /// stands still is silent itself: what is to be answered is asked for more than once.
  @Test
  void silentClientsAreEnded() throws Exception {
    var hasty =
        new Limits(
            Duration.ofSeconds(1),
            Duration.ofMillis(300),
            50,
            Duration.ofHours(1),
            Limits.DEFAULT.uploads(),
            Duration.ofHours(1));
    var sockets = new ArrayList<Socket>();
    try (var served =
        ServedRegistry.of(temp, ServedRegistry.Kind.DATA, options -> options, hasty)) {
      var upload = served.caller.begin("app");
      for (int i = 0; i < 200; i++) {
        sockets.add(new Socket(InetAddress.getLoopbackAddress(), served.registry.port()));
      }
      served.caller.call("GET", "/v2/").is(200);
      int port = served.registry.port();
      var patch = "PATCH " + upload + " HTTP/1.1" + HOST + "Content-Length: ";
      var answer = "";
      for (int i = 0; i < TRIES && answer.isEmpty(); i++) {
        answer = answer(port, patch + "10\r\n\r\nabc", false);
      }
      assertEquals("HTTP/1.1 400", status(answer));
      assertTrue(answer.contains("sent nothing for too long"), answer);
      // what had come before is kept for whoever goes on
      assertEquals("0-2", served.caller.call("GET", upload).is(204).header("Range").orElseThrow());
      // a byte now and then does not count as life either
      for (int i = 0; i < TRIES && !answer.contains("sends too slowly"); i++) {
        answer = answer(port, patch + "1000000\r\n\r\n", true);
      }
      assertTrue(answer.contains("sends too slowly"), answer);
      for (var socket : sockets.subList(0, 200)) {
        socket.setSoTimeout(20_000);
        assertTrue(isAtEnd(socket));
      }
    } finally {
      for (var socket : sockets) {
        socket.close();
      }
    }
  }

  /// What is answered to a request whose end never comes; nothing if the connection is ended
  /// without an answer.
  ///
  /// @param trickles whether a byte is sent whenever there has been no answer for a moment
  private static String answer(int port, String request, boolean trickles) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      var in = new PushbackInputStream(socket.getInputStream());
      socket.setSoTimeout(20);
      while (trickles && !hasBegun(in)) {
        socket.getOutputStream().write('x');
      }
      socket.setSoTimeout(20_000);
      return new String(in.readAllBytes(), ISO_8859_1);
    } catch (SocketException e) {
      return "";
    }
  }

  /// Whether there is something to be read, or the end.
  private static boolean hasBegun(PushbackInputStream in) throws IOException {
    try {
      int first = in.read();
      if (first >= 0) {
        in.unread(first);
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    }
  }

  private static boolean isAtEnd(Socket socket) {
    try {
      var rest = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
      return rest.isEmpty() || rest.startsWith("HTTP/1.1 503");
    } catch (IOException e) {
      return true; // reset
    }
  }
}
