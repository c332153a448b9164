package dev.jbuild.serve;

import dev.jbuild.failure.BuildFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Finds out what a request asks for, has it done, and answers what went wrong.
final class Router implements Connection.Service {

  private static final String API = "/v2/";
  private static final List<String> FULL =
      List.of("no space left on device", "disk quota exceeded", "no room");

  private final RegistryOptions options;
  private final @Nullable Credentials credentials;
  private final RequestLog log;
  private final BlobEndpoint blobs;
  private final UploadEndpoint uploads;
  private final ManifestEndpoint manifests;
  private final ListEndpoint lists;
  private final PageEndpoint pages;

  /// @param credentials if not everybody may ask
  Router(
      RegistryOptions options,
      Content content,
      @Nullable Credentials credentials,
      RequestLog log,
      Limits limits) {
    this.options = options;
    this.credentials = credentials;
    this.log = log;
    this.blobs = new BlobEndpoint(content);
    this.uploads = new UploadEndpoint(content);
    var room = new Room(limits.stall().dividedBy(6));
    this.manifests = new ManifestEndpoint(content, room);
    this.lists = new ListEndpoint(content, room);
    this.pages = new PageEndpoint(content, room);
  }

  @Override
  public void serve(Exchange exchange, String client) throws IOException {
    long start = System.nanoTime();
    try {
      authorize(exchange);
      route(exchange);
    } catch (Refusal e) {
      refuse(exchange, e);
    } catch (ClientGoneException e) {
      gone(exchange, e);
    } catch (BuildFailure e) {
      log.trouble(e.message());
      refuse(exchange, failed(e.message()));
    } catch (IOException e) {
      log.trouble(RequestLog.reason(e));
      refuse(exchange, failed(RequestLog.reason(e)));
    } catch (RuntimeException | Error e) {
      log.trouble("this is a bug in jbuild: " + trace(e));
      refuse(exchange, Refusal.of(500, ErrorCode.UNKNOWN, "the registry failed; its log says how"));
    } finally {
      log.request(client, exchange, System.nanoTime() - start);
    }
  }

  private static Refusal failed(String message) {
    var lower = message.toLowerCase(Locale.ROOT);
    return FULL.stream().anyMatch(lower::contains)
        ? Refusal.of(507, ErrorCode.UNKNOWN, "the registry's disk is full")
        : Refusal.of(500, ErrorCode.UNKNOWN, "the registry failed; its log says how");
  }

  private static String trace(Throwable e) {
    var text = new StringWriter();
    e.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  private static void refuse(Exchange exchange, Refusal refusal) throws IOException {
    if (exchange.isAnswered()) {
      return; // too late for words: the answer ends too early, which its reader sees
    }
    refusal.headers().forEach(exchange::field);
    exchange.reply(refusal.status(), "application/json", refusal.json());
  }

  /// One that has only said that nothing more will come can still be answered.
  private static void gone(Exchange exchange, ClientGoneException e) throws IOException {
    if (exchange.isAnswered()) {
      throw e;
    }
    refuse(exchange, Refusal.bad(ErrorCode.SIZE_INVALID, String.valueOf(e.getMessage())));
  }

  private void authorize(Exchange exchange) {
    var known = credentials;
    if (known != null && !known.accepts(exchange.headers().first("Authorization"))) {
      throw Refusal.of(401, ErrorCode.UNAUTHORIZED, "a name and a password are needed")
          .with("WWW-Authenticate", "Basic realm=\"jbuild registry\", charset=\"UTF-8\"");
    }
  }

  private void route(Exchange exchange) throws IOException {
    var path = exchange.target().path();
    if (path.equals("/v2") || path.equals(API)) {
      allow(exchange, "GET");
      exchange.reply(200, "application/json", "{}".getBytes(StandardCharsets.US_ASCII));
    } else if (path.equals("/v2/_catalog")) {
      allow(exchange, "GET");
      lists.catalog(exchange);
    } else if (path.startsWith(API)) {
      route(exchange, List.of(path.substring(API.length()).split("/", -1)));
    } else if (PageEndpoint.has(path)) {
      allow(exchange, "GET");
      pages.get(exchange);
    } else {
      throw Refusal.notFound(
          ErrorCode.UNSUPPORTED, "there is nothing here; a registry's address begins with /v2/");
    }
  }

  /// A name may have components like `blobs` itself: what counts is the end.
  private void route(Exchange exchange, List<String> words) throws IOException {
    int n = words.size();
    if (n >= 3 && ends(words, 2, "tags", "list")) {
      allow(exchange, "GET");
      lists.tags(exchange, name(words, n - 2));
    } else if (n >= 4 && ends(words, 3, "blobs", "uploads")) {
      upload(exchange, name(words, n - 3), words.getLast());
    } else if (n >= 3 && ends(words, 2, "blobs", "uploads")) {
      upload(exchange, name(words, n - 2), "");
    } else if (n >= 3 && ends(words, 2, "blobs")) {
      blob(exchange, name(words, n - 2), words.getLast());
    } else if (n >= 3 && ends(words, 2, "manifests")) {
      manifest(exchange, name(words, n - 2), words.getLast());
    } else if (n >= 3 && ends(words, 2, "referrers")) {
      allow(exchange, "GET");
      lists.referrers(exchange, name(words, n - 2), ContentDigest.parse(words.getLast()));
    } else {
      throw misplaced(words);
    }
  }

  private static boolean ends(List<String> words, int before, String... wanted) {
    int from = words.size() - before;
    return words.subList(from, from + wanted.length).equals(List.of(wanted));
  }

  private static RepositoryName name(List<String> words, int count) {
    return new RepositoryName(String.join("/", words.subList(0, count)));
  }

  private static Refusal misplaced(List<String> words) {
    for (var word : List.of("manifests", "blobs", "tags", "referrers")) {
      if (words.contains(word)) {
        return Refusal.bad(
            ErrorCode.NAME_INVALID, "what follows /" + word + "/ is not a tag or a digest");
      }
    }
    return Refusal.notFound(ErrorCode.UNSUPPORTED, "this is no address of a registry");
  }

  private void upload(Exchange exchange, RepositoryName name, String id) throws IOException {
    if (id.isEmpty()) {
      allow(exchange, "POST");
      uploads.start(exchange, name);
      return;
    }
    allow(exchange, "GET", "PATCH", "PUT", "DELETE");
    switch (exchange.method()) {
      case "PATCH" -> uploads.append(exchange, name, id);
      case "PUT" -> uploads.finish(exchange, name, id);
      case "DELETE" -> uploads.cancel(exchange, name, id);
      default -> uploads.status(exchange, name, id);
    }
  }

  private void blob(Exchange exchange, RepositoryName name, String digest) throws IOException {
    allow(exchange, "GET", "DELETE");
    if (exchange.method().equals("DELETE")) {
      allowDelete();
      blobs.delete(exchange, name, ContentDigest.parse(digest));
    } else {
      blobs.get(exchange, name, ContentDigest.parse(digest));
    }
  }

  private void manifest(Exchange exchange, RepositoryName name, String reference)
      throws IOException {
    allow(exchange, "GET", "PUT", "DELETE");
    switch (exchange.method()) {
      case "PUT" -> manifests.put(exchange, name, reference);
      case "DELETE" -> {
        allowDelete();
        manifests.delete(exchange, name, reference);
      }
      default -> manifests.get(exchange, name, reference);
    }
  }

  /// Lets pass what asks with one of `methods`; HEAD goes with GET.
  private void allow(Exchange exchange, String... methods) {
    var method = exchange.isHead() ? "GET" : exchange.method();
    if (!List.of(methods).contains(method)) {
      throw Refusal.of(
              405, ErrorCode.UNSUPPORTED, "this address takes " + String.join(", ", methods))
          .with("Allow", String.join(", ", methods).replace("GET", "GET, HEAD"));
    }
    if (options.readOnly() && !method.equals("GET")) {
      throw Refusal.of(405, ErrorCode.DENIED, "this registry is read-only")
          .with("Allow", "GET, HEAD");
    }
  }

  /// For tags, manifests and blobs alike (CVE-2026-41888).
  private void allowDelete() {
    if (!options.delete()) {
      throw Refusal.of(
              405,
              ErrorCode.DENIED,
              "this registry does not delete; it was started without --delete")
          .with("Allow", "GET, HEAD");
    }
  }
}
