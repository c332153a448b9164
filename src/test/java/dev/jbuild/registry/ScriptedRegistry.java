package dev.jbuild.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Index;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;

/// A registry that does what a test tells it, and else what a registry should. It listens on a port
/// of its own on the loopback address.
public final class ScriptedRegistry implements AutoCloseable {

  /// Answers one request, in whatever way.
  public interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  /// What is answered to the next request that is so.
  private record Scripted(String method, String path, boolean always, Answer answer) {}

  /// A document under a tag or digest.
  public record Stored(String type, byte[] bytes) {}

  private final HttpServer server;
  private final List<Scripted> script = Collections.synchronizedList(new ArrayList<>());
  public final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  public final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());
  /// The names of certificates that clients have shown.
  final List<String> clients = Collections.synchronizedList(new ArrayList<>());

  public final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  final Map<String, byte[]> sessions = new ConcurrentHashMap<>();
  private final AtomicInteger lastSession = new AtomicInteger();
  public final Map<String, Stored> manifests = new ConcurrentHashMap<>();

  public ScriptedRegistry() throws IOException {
    this(HttpServer.create(address(), 0));
  }

  static ScriptedRegistry secure(SSLContext tls) throws IOException {
    var server = HttpsServer.create(address(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    return new ScriptedRegistry(server);
  }

  /// The same for clients that have a certificate which `tls` trusts.
  static ScriptedRegistry secureForKnownClients(SSLContext tls) throws IOException {
    var server = HttpsServer.create(address(), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            var wanted = tls.getDefaultSSLParameters();
            wanted.setNeedClientAuth(true);
            parameters.setSSLParameters(wanted);
          }
        });
    return new ScriptedRegistry(server);
  }

  private ScriptedRegistry(HttpServer server) {
    this.server = server;
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  private static InetSocketAddress address() throws IOException {
    return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
  }

  public String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /// The next request of `method` for a path that contains `path` is answered so, before what is
  /// always answered; there the longest path counts.
  public ScriptedRegistry next(String method, String path, Answer answer) {
    script.add(new Scripted(method, path, false, answer));
    return this;
  }

  /// All such requests are.
  public ScriptedRegistry always(String method, String path, Answer answer) {
    script.add(new Scripted(method, path, true, answer));
    return this;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = exchange.getRequestURI().toString();
      var method = exchange.getRequestMethod();
      requests.add(method + " " + path);
      if (exchange instanceof HttpsExchange secure) {
        client(secure).ifPresent(clients::add);
      }
      authorizations.add(
          Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
              .orElse("none"));
      var scripted = take(method, path);
      if (scripted.isPresent()) {
        scripted.get().to(exchange);
      } else {
        usual(exchange);
      }
    }
  }

  private static Optional<String> client(HttpsExchange exchange) {
    try {
      return Optional.of(exchange.getSSLSession().getPeerPrincipal().getName());
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty(); // it did not say who it is
    }
  }

  /// What a registry in order answers.
  public void usual(HttpExchange exchange) throws IOException {
    usual(exchange, exchange.getRequestURI().getPath());
  }

  private Optional<Answer> take(String method, String path) {
    synchronized (script) {
      var found =
          script.stream()
              .filter(each -> method.equals(each.method) && path.contains(each.path))
              .min(
                  Comparator.comparing(Scripted::always)
                      .thenComparingInt(each -> -each.path.length()));
      found.filter(each -> !each.always).ifPresent(script::remove);
      return found.map(Scripted::answer);
    }
  }

  private void usual(HttpExchange exchange, String path) throws IOException {
    var method = exchange.getRequestMethod();
    if (path.contains("/blobs/uploads/")) {
      upload(exchange, method, path);
      return;
    }
    if (method.equals("PUT")) {
      var type = exchange.getRequestHeaders().getFirst("Content-Type");
      var bytes = exchange.getRequestBody().readAllBytes();
      manifests.put(path.substring("/v2/".length()), new Stored(type, bytes));
      exchange.getResponseHeaders().set("Docker-Content-Digest", Digest.of(bytes).toString());
      send(exchange, 201, new byte[0]);
      return;
    }
    if (path.equals("/v2/")) {
      send(exchange, 200, new byte[0]);
      return;
    }
    int at = path.indexOf("/manifests/");
    if (at > 0) {
      var stored = manifests.get(path.substring("/v2/".length()));
      if (stored == null) {
        send(exchange, 404, bytes("{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}"));
        return;
      }
      exchange.getResponseHeaders().set("Content-Type", stored.type);
      exchange
          .getResponseHeaders()
          .set("Docker-Content-Digest", Digest.of(stored.bytes).toString());
      send(exchange, 200, stored.bytes);
      return;
    }
    var blob = blobs.get(path.substring(path.lastIndexOf('/') + 1));
    if (blob == null) {
      send(exchange, 404, bytes("{\"errors\":[{\"code\":\"BLOB_UNKNOWN\"}]}"));
    } else {
      ranged(exchange, blob);
    }
  }

  private void upload(HttpExchange exchange, String method, String path) throws IOException {
    if (method.equals("POST")) {
      var session = path + "s" + lastSession.incrementAndGet();
      sessions.put(session, new byte[0]);
      exchange.getResponseHeaders().set("Location", session + "?state=1");
      send(exchange, 202, new byte[0]);
      return;
    }
    var there = sessions.get(path);
    if (there == null) {
      send(exchange, 404, new byte[0]);
      return;
    }
    exchange.getResponseHeaders().set("Location", path);
    if (method.equals("GET")) {
      exchange.getResponseHeaders().set("Range", "0-" + (there.length - 1));
      send(exchange, 204, new byte[0]);
      return;
    }
    var bytes = joined(there, exchange.getRequestBody().readAllBytes());
    sessions.put(path, bytes);
    if (method.equals("PATCH")) {
      send(exchange, 202, new byte[0]);
      return;
    }
    var digest = exchange.getRequestURI().getQuery().replaceFirst(".*digest=", "");
    if (digest.equals(Digest.of(bytes).toString())) {
      blobs.put(digest, bytes);
      send(exchange, 201, new byte[0]);
    } else {
      send(exchange, 400, bytes("{\"errors\":[{\"code\":\"DIGEST_INVALID\"}]}"));
    }
  }

  static byte[] joined(byte[] a, byte[] b) {
    var both = java.util.Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /// A blob, or the rest of it that a Range header asks for.
  public static void ranged(HttpExchange exchange, byte[] blob) throws IOException {
    var range = exchange.getRequestHeaders().getFirst("Range");
    if (range == null) {
      send(exchange, 200, blob);
      return;
    }
    int from = Integer.parseInt(range.replaceAll("bytes=([0-9]+)-", "$1"));
    exchange
        .getResponseHeaders()
        .set("Content-Range", "bytes " + from + "-" + (blob.length - 1) + "/" + blob.length);
    send(exchange, 206, java.util.Arrays.copyOfRange(blob, from, blob.length));
  }

  public static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    boolean bare = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, bare ? -1 : body.length);
    if (!bare) {
      exchange.getResponseBody().write(body);
    }
  }

  /// An answer with a status, a body and headers, given when the request is read to its end: an
  /// earlier one may cut the connection, and then a client tries again.
  public static Answer answer(int status, String body, String... headers) {
    return exchange -> {
      exchange.getRequestBody().readAllBytes();
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      send(exchange, status, bytes(body));
    };
  }

  /// The first bytes of a body that promises more.
  static Answer cut(byte[] body, int after) {
    return exchange -> {
      var range = exchange.getRequestHeaders().getFirst("Range");
      int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=([0-9]+)-", "$1"));
      if (from > 0) {
        exchange
            .getResponseHeaders()
            .set("Content-Range", "bytes " + from + "-" + (body.length - 1) + "/" + body.length);
      }
      exchange.sendResponseHeaders(from > 0 ? 206 : 200, body.length - from);
      exchange.getResponseBody().write(body, from, Math.min(after, body.length - from));
      exchange.getResponseBody().flush();
    };
  }

  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// Puts a blob and says what it is.
  public Descriptor blob(MediaType type, byte[] content) {
    var digest = Digest.of(content);
    blobs.put(digest.toString(), content);
    return new Descriptor(type, digest, content.length);
  }

  /// Puts a document under its digest and, if there is one, a tag.
  public Descriptor document(String repository, Optional<String> tag, String type, byte[] content) {
    var stored = new Stored(type, content);
    var digest = Digest.of(content);
    manifests.put(repository + "/manifests/" + digest, stored);
    tag.ifPresent(name -> manifests.put(repository + "/manifests/" + name, stored));
    return new Descriptor(new MediaType(type), digest, content.length);
  }

  /// Puts an image of plain layers with these contents.
  public Manifest image(String repository, String tag, byte[]... layers) throws IOException {
    var descriptors = new ArrayList<Descriptor>();
    var diffIds = new ArrayList<String>();
    for (var layer : layers) {
      descriptors.add(blob(MediaType.OCI_LAYER, layer));
      diffIds.add("\"" + Digest.of(layer) + "\"");
    }
    var config =
        bytes(
            "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\","
                + "\"diff_ids\":["
                + String.join(",", diffIds)
                + "]}}");
    ImageConfig.parse(config);
    var manifest = Manifest.of(blob(MediaType.OCI_CONFIG, config), descriptors, new TreeMap<>());
    document(repository, Optional.of(tag), manifest.mediaType().name(), manifest.bytes());
    return manifest;
  }

  /// Answers the question for referrers from now on, by what its manifests say.
  public ScriptedRegistry listingReferrers() {
    return always(
        "GET",
        "/referrers/",
        exchange -> {
          var path = exchange.getRequestURI().getPath();
          int at = path.indexOf("/referrers/");
          var repository = path.substring("/v2/".length(), at);
          var subject = Digest.parse(path.substring(at + "/referrers/".length()));
          var found = new LinkedHashMap<Digest, Descriptor>();
          for (var stored : manifests.entrySet()) {
            var type = new MediaType(stored.getValue().type);
            if (stored.getKey().startsWith(repository + "/manifests/") && type.isManifest()) {
              var manifest = Manifest.parse(stored.getValue().bytes, type);
              if (manifest.subject().filter(each -> each.digest().equals(subject)).isPresent()) {
                found.put(
                    manifest.digest(),
                    new Descriptor(
                        type,
                        manifest.digest(),
                        manifest.bytes().length,
                        manifest.annotations(),
                        null,
                        manifest.artifactType().orElse("")));
              }
            }
          }
          var index = Index.of(List.copyOf(found.values()), Map.of());
          exchange.getResponseHeaders().set("Content-Type", index.mediaType().name());
          send(exchange, 200, index.bytes());
        });
  }

  /// Attaches to a manifest what are said to be indexes of its layers, in the place of all others.
  public void attachIndexes(
      String repository, Descriptor subject, SortedMap<Digest, byte[]> indexes) throws IOException {
    var artifact = IndexArtifact.of(subject, indexes);
    manifests
        .entrySet()
        .removeIf(
            each ->
                new String(each.getValue().bytes, StandardCharsets.UTF_8)
                    .contains(IndexArtifact.TYPE));
    artifact.blobs().forEach((digest, bytes) -> blobs.put(digest.toString(), bytes));
    var manifest = artifact.manifest();
    document(repository, Optional.empty(), manifest.mediaType().name(), manifest.bytes());
  }

  /// The blob that was put under a digest; empty if there is none.
  byte[] content(Digest digest) {
    return blobs.getOrDefault(digest.toString(), new byte[0]);
  }

  public long count(String request) {
    return List.copyOf(requests).stream().filter(each -> each.startsWith(request)).count();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
