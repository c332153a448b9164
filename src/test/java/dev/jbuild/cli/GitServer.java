package dev.jbuild.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// The git repositories of a directory on a web server of this machine: `git http-backend`, started
/// for each request as a web server starts it.
final class GitServer implements AutoCloseable {

  private final Path directory;
  private final String moved;
  private final HttpServer server;
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final AtomicInteger fetches = new AtomicInteger();
  private volatile boolean oldProtocol;

  GitServer(Path directory) throws IOException {
    this(directory, "");
  }

  /// @param moved redirects all requests to this address; empty for none
  GitServer(Path directory, String moved) throws IOException {
    this.directory = directory;
    this.moved = moved;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", this::answer);
    server.start();
  }

  /// As servers before protocol version 2 do, which give what they name and nothing else.
  void speakOldProtocol() {
    oldProtocol = true;
  }

  /// `http://127.0.0.1:port/`.
  String url() {
    return "http://" + host() + "/";
  }

  String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /// How often objects were asked for, and not only names.
  int fetches() {
    return fetches.get();
  }

  /// The Authorization headers that came; empty texts for requests without one.
  List<String> authorizations() {
    return authorizations;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var headers = exchange.getRequestHeaders();
      var authorization = Optional.ofNullable(headers.getFirst("Authorization")).orElse("");
      authorizations.add(authorization);
      var path = exchange.getRequestURI().getPath();
      if (!moved.isEmpty()) {
        var place = moved + exchange.getRequestURI().toString().substring(1);
        exchange.getResponseHeaders().set("Location", place);
        exchange.sendResponseHeaders(301, -1);
        return;
      }
      if (path.startsWith("/private") && authorization.isEmpty()) {
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      var body = exchange.getRequestBody().readAllBytes();
      if (new String(body, ISO_8859_1).contains("command=fetch")) {
        fetches.incrementAndGet();
      }
      var builder = new ProcessBuilder("git", "http-backend");
      var environment = builder.environment();
      environment.put("GIT_PROJECT_ROOT", directory.toString());
      environment.put("GIT_HTTP_EXPORT_ALL", "1");
      environment.put("GIT_CONFIG_COUNT", "1");
      environment.put("GIT_CONFIG_KEY_0", "safe.directory");
      environment.put("GIT_CONFIG_VALUE_0", "*");
      environment.put("PATH_INFO", path);
      environment.put("REQUEST_METHOD", exchange.getRequestMethod());
      var query = exchange.getRequestURI().getRawQuery();
      environment.put("QUERY_STRING", query == null ? "" : query);
      put(builder, "CONTENT_TYPE", headers.getFirst("Content-Type"));
      put(builder, "HTTP_CONTENT_ENCODING", headers.getFirst("Content-Encoding"));
      if (!oldProtocol) {
        put(builder, "GIT_PROTOCOL", headers.getFirst("Git-Protocol"));
      }
      environment.put("CONTENT_LENGTH", String.valueOf(body.length));
      var process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try (var in = process.getOutputStream()) {
        new ByteArrayInputStream(body).transferTo(in);
      }
      reply(exchange, process.getInputStream().readAllBytes());
    }
  }

  private static void put(ProcessBuilder builder, String name, String value) {
    if (value != null) {
      builder.environment().put(name, value);
    }
  }

  /// Headers, an empty line, the body (RFC 3875).
  private static void reply(HttpExchange exchange, byte[] answer) throws IOException {
    var text = new String(answer, ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    int status = 200;
    for (var line : text.substring(0, end).split("\r\n", -1)) {
      int colon = line.indexOf(':');
      var value = line.substring(colon + 1).strip();
      if (line.startsWith("Status:")) {
        status = Integer.parseInt(value.substring(0, 3));
      } else {
        exchange.getResponseHeaders().set(line.substring(0, colon), value);
      }
    }
    exchange.sendResponseHeaders(status, 0);
    exchange.getResponseBody().write(answer, end + 4, answer.length - end - 4);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
