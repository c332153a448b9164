package dev.jbuild.http;

import dev.jbuild.failure.BuildFailure;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Fetches what `http` and `https` addresses name.
///
/// Redirects are followed here, ten at most: credentials never go to another server, https never
/// leads to http, nothing leads to another scheme, or from another machine to this one. What may
/// pass by itself (429, 5xx, a broken or silent connection) is tried again, with growing pauses.
/// Every failure is a [BuildFailure] of CONTEXT that names the address without its secrets. Safe
/// for use by many threads.
public final class Fetcher implements AutoCloseable {

  private static final Redirects REDIRECTS = new Redirects(BuildFailure.Kind.CONTEXT);

  private final WebClient client;
  private final Retry retry;

  /// @param environment of the process: its proxies
  public Fetcher(Map<String, String> environment) {
    this.client = new WebClient(environment);
    this.retry = new Retry();
  }

  /// @param patience how long an answer, and each next byte of it, may take
  Fetcher(Map<String, String> environment, Duration patience, Retry.Pause pause) {
    this.client = new WebClient(environment, patience, () -> null);
    this.retry = new Retry(pause, () -> 0);
  }

  /// Fetches one address. The sink gets a whole body, or the call fails.
  ///
  /// @throws BuildFailure CONTEXT for whatever the network or the server does
  /// @throws IOException only what the sink throws
  public Fetched get(FetchRequest request, Sink sink) throws IOException, InterruptedException {
    try {
      return retry.run(() -> follow(request, sink));
    } catch (PassingException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.CONTEXT,
          WebAddress.redacted(request.address()) + ": " + e.getMessage(),
          e);
    }
  }

  private Fetched follow(FetchRequest request, Sink sink) throws IOException, InterruptedException {
    var at = request.address();
    for (int hops = 0; ; hops++) {
      try (var answer = client.send(WebRequest.get(at, headers(request, at)))) {
        if (!Redirects.isRedirect(answer.status())) {
          return answer(request, at, answer, sink);
        }
        at = REDIRECTS.target(request.address(), at, hops, answer.header("Location"));
      }
    }
  }

  private static Map<String, String> headers(FetchRequest request, URI at) {
    var headers = new LinkedHashMap<String, String>();
    request.etag().ifPresent(value -> headers.put("If-None-Match", value));
    request.lastModified().ifPresent(value -> headers.put("If-Modified-Since", value));
    if (WebAddress.isSameOrigin(request.address(), at)) {
      credentials(request).ifPresent(value -> headers.put("Authorization", value));
    }
    return headers;
  }

  private static Optional<String> credentials(FetchRequest request) {
    if (request.authorization().isPresent()) {
      return request.authorization();
    }
    return Optional.ofNullable(request.address().getUserInfo())
        .map(user -> user.getBytes(StandardCharsets.UTF_8))
        .map(user -> "Basic " + Base64.getEncoder().encodeToString(user));
  }

  private static Fetched answer(FetchRequest request, URI at, WebAnswer answer, Sink sink)
      throws IOException, InterruptedException {
    int status = answer.status();
    if (answer.isPassing()) {
      throw new PassingException("the server answers " + status, answer.retryAfter());
    }
    long bytes = 0;
    if (status == 200) {
      bytes = copy(request, answer, sink);
    } else if (status != 304) {
      throw failure(at, ": the server answers " + status);
    }
    return new Fetched(
        status,
        WebAddress.withoutUser(at),
        answer.header("ETag"),
        answer.header("Last-Modified"),
        answer.header("Content-Type"),
        bytes);
  }

  private static long copy(FetchRequest request, WebAnswer answer, Sink sink)
      throws IOException, InterruptedException {
    long most = request.mostBytes();
    if (answer.length().orElse(0L) > most) {
      throw failure(request.address(), " is larger than " + most + " bytes");
    }
    sink.begin();
    long bytes = 0;
    for (var pieces = answer.next(); pieces != null; pieces = answer.next()) {
      for (var piece : pieces) {
        bytes += piece.remaining();
        if (bytes > most) {
          throw failure(request.address(), " is larger than " + most + " bytes");
        }
        sink.write(piece);
      }
    }
    return bytes;
  }

  private static BuildFailure failure(URI uri, String what) {
    return BuildFailure.of(BuildFailure.Kind.CONTEXT, WebAddress.redacted(uri) + what);
  }

  /// Drops all connections.
  @Override
  public void close() {
    client.close();
  }
}
