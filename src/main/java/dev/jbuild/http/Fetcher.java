package dev.jbuild.http;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// Fetches what `http` and `https` addresses name.
///
/// Redirects are followed here, ten at most: credentials never go to another server, https never
/// leads to http, nothing leads to another scheme, or from another machine to this one. What may
/// pass by itself (429, 5xx, a broken or silent connection) is tried again, with growing pauses.
/// Every failure is a [BuildFailure] of CONTEXT that names the address without its secrets. Safe
/// for use by many threads.
public final class Fetcher implements AutoCloseable {

  private static final int MOST_REDIRECTS = 10;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final List<Duration> PAUSES =
      List.of(Duration.ofMillis(500), Duration.ofSeconds(2), Duration.ofSeconds(5));
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /// How a thread waits.
  interface Pause {
    void sleep(Duration time) throws InterruptedException;
  }

  private final Proxies proxies;
  private final Duration patience;
  private final Pause pause;
  private @Nullable HttpClient client;

  /// @param environment of the process: its proxies
  public Fetcher(Map<String, String> environment) {
    this(environment, PATIENCE, Thread::sleep);
  }

  /// @param patience how long an answer, and each next byte of it, may take
  Fetcher(Map<String, String> environment, Duration patience, Pause pause) {
    this.proxies = new Proxies(environment);
    this.patience = patience;
    this.pause = pause;
  }

  /// An attempt that may go better the next time.
  private static final class Passing extends IOException {
    private final Optional<Duration> wait;

    Passing(String message, Optional<Duration> wait, @Nullable Throwable cause) {
      super(message, cause);
      this.wait = wait;
    }
  }

  /// Fetches one address. The sink gets a whole body, or the call fails.
  ///
  /// @throws BuildFailure CONTEXT for whatever the network or the server does
  /// @throws IOException only what the sink throws
  public Fetched get(FetchRequest request, Sink sink) throws IOException, InterruptedException {
    for (int attempt = 0; ; attempt++) {
      try {
        return follow(request, sink);
      } catch (Passing e) {
        if (attempt == PAUSES.size()) {
          throw BuildFailure.of(
              BuildFailure.Kind.CONTEXT,
              WebAddress.redacted(request.address()) + ": " + e.getMessage(),
              e);
        }
        pause.sleep(e.wait.orElse(PAUSES.get(attempt)));
      }
    }
  }

  private Fetched follow(FetchRequest request, Sink sink) throws IOException, InterruptedException {
    var at = request.address();
    for (int hops = 0; ; hops++) {
      var response = send(request, at);
      try (var body = new Body(response.body(), patience)) {
        if (!REDIRECTS.contains(response.statusCode())) {
          return answer(request, at, response, body, sink);
        }
      }
      if (hops == MOST_REDIRECTS) {
        throw failure(request.address(), "redirects more than " + MOST_REDIRECTS + " times");
      }
      at = target(request.address(), at, response.headers().firstValue("Location"));
    }
  }

  private HttpResponse<Flow.Publisher<List<ByteBuffer>>> send(FetchRequest request, URI at)
      throws IOException, InterruptedException {
    var draft = HttpRequest.newBuilder(withoutUser(at)).timeout(patience).GET();
    draft.setHeader("User-Agent", "jbuild");
    request.etag().ifPresent(value -> draft.setHeader("If-None-Match", value));
    request.lastModified().ifPresent(value -> draft.setHeader("If-Modified-Since", value));
    if (WebAddress.isSameOrigin(request.address(), at)) {
      credentials(request).ifPresent(value -> draft.setHeader("Authorization", value));
    }
    try {
      return client().send(draft.build(), HttpResponse.BodyHandlers.ofPublisher());
    } catch (IOException e) {
      throw new Passing(why(e), Optional.empty(), e);
    }
  }

  private static Optional<String> credentials(FetchRequest request) {
    if (request.authorization().isPresent()) {
      return request.authorization();
    }
    return Optional.ofNullable(request.address().getUserInfo())
        .map(user -> user.getBytes(StandardCharsets.UTF_8))
        .map(user -> "Basic " + Base64.getEncoder().encodeToString(user));
  }

  private static URI withoutUser(URI uri) {
    if (uri.getRawUserInfo() == null) {
      return uri;
    }
    var raw = uri.toString();
    int at = raw.indexOf('@');
    return URI.create(raw.substring(0, raw.indexOf("//") + 2) + raw.substring(at + 1));
  }

  private Fetched answer(
      FetchRequest request, URI at, HttpResponse<?> response, Body body, Sink sink)
      throws IOException, InterruptedException {
    int status = response.statusCode();
    if (PASSING.contains(status)) {
      throw new Passing("the server answers " + status, retryAfter(response), null);
    }
    long bytes = 0;
    if (status == 200) {
      bytes = copy(request, response, body, sink);
    } else if (status != 304) {
      throw failure(at, "the server answers " + status);
    }
    var headers = response.headers();
    return new Fetched(
        status,
        withoutUser(at),
        headers.firstValue("ETag"),
        headers.firstValue("Last-Modified"),
        headers.firstValue("Content-Type"),
        bytes);
  }

  private static long copy(FetchRequest request, HttpResponse<?> response, Body body, Sink sink)
      throws IOException, InterruptedException {
    long most = request.mostBytes();
    if (response.headers().firstValueAsLong("Content-Length").orElse(0) > most) {
      throw failure(request.address(), "is larger than " + most + " bytes");
    }
    sink.begin();
    long bytes = 0;
    for (var pieces = next(body); pieces != null; pieces = next(body)) {
      for (var piece : pieces) {
        bytes += piece.remaining();
        if (bytes > most) {
          throw failure(request.address(), "is larger than " + most + " bytes");
        }
        sink.write(piece);
      }
    }
    return bytes;
  }

  private static @Nullable List<ByteBuffer> next(Body body)
      throws IOException, InterruptedException {
    try {
      return body.next();
    } catch (IOException e) {
      throw new Passing(why(e), Optional.empty(), e);
    }
  }

  private static Optional<Duration> retryAfter(HttpResponse<?> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(value -> value.matches("[0-9]{1,6}"))
        .map(value -> Duration.ofSeconds(Long.parseLong(value)))
        .map(wait -> wait.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : wait);
  }

  /// Where a redirect leads, if it may be followed. What it says of users is dropped.
  private static URI target(URI first, URI from, Optional<String> location) {
    if (location.isEmpty()) {
      throw failure(from, "redirects without saying where to");
    }
    URI to;
    try {
      to = from.resolve(URI.create(location.get()));
    } catch (IllegalArgumentException e) {
      throw failure(from, "redirects to a malformed address");
    }
    if (!WebAddress.isWeb(to)) {
      throw failure(from, "redirects to " + WebAddress.redacted(to) + ", which is not allowed");
    }
    if (WebAddress.isSecure(from) && !WebAddress.isSecure(to)) {
      throw failure(from, "redirects from https to http, which is not allowed");
    }
    if (LocalHosts.isPrivateToMachine(to.getHost())
        && !LocalHosts.isPrivateToMachine(first.getHost())) {
      throw failure(from, "redirects to this machine itself, which is not allowed");
    }
    return withoutUser(to);
  }

  private static BuildFailure failure(URI uri, String what) {
    var verb = what.startsWith("the ") ? ": " : " ";
    return BuildFailure.of(BuildFailure.Kind.CONTEXT, WebAddress.redacted(uri) + verb + what);
  }

  /// What went wrong, in the words of the deepest exception that has any.
  private static String why(Throwable failure) {
    var text = "the connection failed";
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      text = cause.getMessage() == null ? text : cause.getMessage();
    }
    return Printable.of(text);
  }

  private synchronized HttpClient client() {
    var known = client;
    if (known == null) {
      var draft =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(patience)
              .proxy(proxies)
              .executor(Executors.newVirtualThreadPerTaskExecutor());
      if (proxies.needPassword()) {
        // Basic is switched off for tunnels in the JDK; without it a proxy's password is no use.
        System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
        draft.authenticator(proxies.authenticator());
      }
      known = draft.build();
      client = known;
    }
    return known;
  }

  /// Drops all connections.
  @Override
  public synchronized void close() {
    if (client != null) {
      client.shutdownNow();
      client.close();
    }
  }
}
