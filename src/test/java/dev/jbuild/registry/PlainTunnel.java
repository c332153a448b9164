package dev.jbuild.registry;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// A proxy whose tunnels lead to a registry without images that speaks plain http.
final class PlainTunnel implements AutoCloseable {

  /// The first byte of a handshake.
  private static final int TLS_RECORD = 0x16;

  final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final ServerSocket socket;
  private final String challenge;

  PlainTunnel() throws IOException {
    this("");
  }

  /// @param challenge a header for the answer to who asks whether it is a registry; may be empty
  PlainTunnel(String challenge) throws IOException {
    this.challenge = challenge;
    socket = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    Thread.ofVirtual().start(this::accept);
  }

  String host() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        var client = socket.accept();
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException e) {
      return; // it is closed
    }
  }

  private void serve(Socket client) {
    try (client) {
      var in = new PushbackInputStream(client.getInputStream());
      while (true) {
        int next = in.read();
        if (next == TLS_RECORD) {
          answer(client, "400 Bad Request", "");
          return;
        }
        in.unread(next);
        var head = head(in);
        if (head.startsWith("CONNECT ")) {
          requests.add(head.substring(0, head.lastIndexOf(" HTTP")));
          client.getOutputStream().write(bytes("HTTP/1.1 200 OK\r\n\r\n"));
        } else if (head.contains("/v2/ HTTP")) {
          answer(client, challenge.isEmpty() ? "200 OK" : "401 Unauthorized", challenge);
        } else if (head.contains("/token")) {
          answer(client, "307 Temporary Redirect", challenge);
        } else {
          answer(client, "404 Not Found", "");
        }
      }
    } catch (IOException e) {
      return; // the client left
    }
  }

  /// The lines of a request up to the empty one.
  private static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException();
      }
      head.append((char) b);
    }
    return head.toString();
  }

  private static void answer(Socket client, String status, String header) throws IOException {
    var text = "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n" + header + "\r\n";
    client.getOutputStream().write(bytes(text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
