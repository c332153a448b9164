package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.http.LocalHosts;
import dev.jbuild.http.PassingException;
import dev.jbuild.http.Redirects;
import dev.jbuild.http.Retry;
import dev.jbuild.http.WebAddress;
import dev.jbuild.http.WebAnswer;
import dev.jbuild.http.WebClient;
import dev.jbuild.http.WebRequest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// One registry: how it is reached, and requests to it with all that they need to be answered.
///
/// It is asked by https. http is spoken to loopback addresses and where a person allowed it, never
/// because https failed in some way (reliability case 50). Credentials go to the registry itself
/// only; what it redirects to gets the bare request. Safe for use by many threads.
final class RegistryHost implements AutoCloseable {

  private static final Redirects REDIRECTS = new Redirects(BuildFailure.Kind.REGISTRY);
  private static final String HUB = "docker.io";

  /// What servers of https answer to plain http.
  private static final int TLS_WANTED = 400;

  /// How many requests with bodies are under way at once.
  private static final int AT_ONCE = 4;

  /// `</v2/_catalog?last=x>; rel="next"`.
  private static final Pattern LINK = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"?next\"?");

  /// Longer lists are cut off: so many names, and so many characters in them.
  private static final int MOST_NAMES = 1_000_000;

  private static final long MOST_CHARACTERS = 32L << 20;

  /// A registry may leave out what is not for us, but not lead from page to page for ever.
  private static final int MOST_EMPTY = 100;

  private static final int LONGEST_WARNING = 4096;
  private static final int MOST_WARNINGS = 10;

  private final String name;
  private final String authority;
  private final boolean insecure;
  private final WebClient own;
  private final WebClient neighbour;
  private final WebClient foreign;
  private final Certificates certificates;
  private final Authorizer authorizer;
  private final Retry retry;
  private final Consumer<String> warnings;
  private final Set<String> warned = ConcurrentHashMap.newKeySet();
  private final Semaphore transfers = new Semaphore(AT_ONCE);
  private @Nullable URI address;

  /// @param insecure whether http and certificates that nobody trusts will do
  RegistryHost(String name, boolean insecure, Surroundings around, Certificates certificates) {
    this.name = name;
    this.authority = name.equals(HUB) ? "registry-1.docker.io" : name;
    this.insecure = insecure;
    this.retry = around.retry();
    this.warnings = around.warnings();
    this.certificates = certificates;
    this.own =
        new WebClient(
            around.environment(), around.patience(), () -> certificates.context(!insecure, true));
    this.neighbour =
        new WebClient(
            around.environment(), around.patience(), () -> certificates.context(!insecure, false));
    this.foreign =
        new WebClient(
            around.environment(), around.patience(), () -> certificates.context(true, false));
    this.authorizer =
        new Authorizer(name, around.credentials(), new Tokens(this::other, around.retry()));
  }

  /// The client for an address that is not the registry's own. Where a person said that the
  /// registry need not prove who it is, that is said of its host alone: where it leads to, or
  /// wants a token fetched, must be a server that is trusted.
  private WebClient other(URI at) {
    var host = URI.create("//" + authority).getHost();
    return at.getHost().equalsIgnoreCase(host) ? neighbour : foreign;
  }

  /// `docker.io`, `localhost:5000`.
  String name() {
    return name;
  }

  Retry retry() {
    return retry;
  }

  /// Bounds what is under way; acquired for each blob.
  Semaphore transfers() {
    return transfers;
  }

  /// Whether a password or token is known for a repository.
  boolean hasCredential(Scope scope) throws InterruptedException {
    return authorizer.isKnown(scope);
  }

  /// Sends a request until it is answered: signs it, follows redirects if it only reads, tries
  /// again what may pass by itself.
  ///
  /// @return an answer of any status but those; the caller closes it
  /// @throws BuildFailure REGISTRY for whatever the network or the registry does
  /// @throws IOException only what the request's own body throws
  WebAnswer exchange(Call call) throws IOException, InterruptedException {
    try {
      return retry.run(() -> attempt(call));
    } catch (PassingException e) {
      throw failure(e);
    }
  }

  /// The same, once.
  ///
  /// @throws PassingException for what may pass by itself
  WebAnswer attempt(Call call) throws IOException, InterruptedException {
    var registry = address();
    for (int tries = 0; ; tries++) {
      var answer = follow(call, registry);
      tellWarnings(answer);
      if (answer.status() == 401 && WebAddress.isSameOrigin(answer.address(), registry)) {
        var by = Challenge.parse(answer.headers("WWW-Authenticate"));
        var said = Failures.said(answer.read(Failures.LONGEST_ANSWER));
        answer.close();
        if (tries > 0) {
          throw refused(call, said);
        }
        authorizer.rejected(call.scope(), by);
        continue;
      }
      if (answer.isPassing()) {
        try (answer) {
          throw new PassingException(
              "the registry answers " + answer.status(), answer.retryAfter());
        }
      }
      return answer;
    }
  }

  private WebAnswer follow(Call call, URI registry) throws IOException, InterruptedException {
    var first = call.address(registry);
    var at = first;
    for (int hops = 0; ; hops++) {
      var answer = send(call, at, registry);
      if (!call.isReading() || !Redirects.isRedirect(answer.status())) {
        return answer;
      }
      try (answer) {
        at = REDIRECTS.target(first, at, hops, answer.header("Location"));
      }
    }
  }

  private WebAnswer send(Call call, URI at, URI registry) throws IOException, InterruptedException {
    boolean home = WebAddress.isSameOrigin(at, registry);
    var headers = new LinkedHashMap<>(call.headers());
    headers.put("Accept-Encoding", "identity");
    if (home) {
      authorizer
          .header(registry, call.scope())
          .ifPresent(value -> headers.put("Authorization", value));
    }
    var request = new WebRequest(call.method(), at, headers, call.body());
    try {
      return (home ? own : other(at)).send(request);
    } catch (PassingException e) {
      if (!home) {
        Failures.refuseUntrusted(at, name, e);
      }
      throw e;
    }
  }

  /// A registry may say something to its user in any answer (distribution-spec, warnings).
  private void tellWarnings(WebAnswer answer) {
    for (var header : answer.headers("Warning")) {
      if (!header.startsWith("299 - \"") || warned.size() >= MOST_WARNINGS) {
        continue;
      }
      int end = Math.min(header.lastIndexOf('"'), LONGEST_WARNING);
      var text = header.substring("299 - \"".length(), Math.max("299 - \"".length(), end));
      if (warned.add(text)) {
        warnings.accept(name + " says: " + Printable.of(text));
      }
    }
  }

  /// All pages of a list of names.
  ///
  /// @param member of the answers that holds them
  List<String> list(String place, String member, Scope scope)
      throws IOException, InterruptedException {
    var names = new ArrayList<String>();
    var next = Optional.of(place);
    long characters = 0;
    int empty = 0;
    while (next.isPresent() && names.size() < MOST_NAMES && characters < MOST_CHARACTERS) {
      var call = Call.get(next.get(), scope);
      var answer = exchange(call);
      if (answer.status() == 404 && !scope.repository().isEmpty()) {
        answer.close();
        throw Failures.of("there is no repository " + scope.repository() + " on " + name)
            .hint("check the name; jbuild registry ls " + name + " lists what there is");
      }
      if (answer.status() != 200) {
        throw unexpected(call, answer);
      }
      try (answer) {
        var json = JsonObject.parse(answer.read(Json.DOCUMENT_LIMIT), "the answer");
        var page = json.strings(member).stream().map(Printable::of).toList();
        names.addAll(page);
        characters += page.stream().mapToLong(String::length).sum();
        empty = page.isEmpty() ? empty + 1 : 0;
        if (empty == MOST_EMPTY) {
          throw Failures.of(name + " gives no list: " + empty + " pages on end are empty");
        }
        next = next(call, answer);
      } catch (PassingException | ImageFormatException e) {
        throw Failures.of(name + " gives no list: " + e.getMessage());
      }
    }
    return names;
  }

  /// The next page of a list that comes in pages (RFC 8288), as an answer says.
  static Optional<String> next(Call call, WebAnswer answer) {
    var at = answer.address();
    return answer
        .header("Link")
        .map(LINK::matcher)
        .filter(Matcher::find)
        .map(link -> REDIRECTS.target(at, at, 0, Optional.of(link.group(1))).toString())
        .filter(following -> !following.equals(call.place()));
  }

  /// Where an upload goes on, as an answer says.
  ///
  /// @throws BuildFailure REGISTRY if it leads where nothing may be sent (reliability case 52)
  URI uploadPlace(URI from, String location) {
    return REDIRECTS.target(from, from, 0, Optional.of(location));
  }

  /// What a request that was not allowed comes out as.
  BuildFailure refused(Call call, String said) throws InterruptedException {
    if (call.scope().equals(Scope.NONE)) {
      return Failures.of(name + " does not accept the user or the password" + said);
    }
    var repository = call.scope().repository();
    var what = repository.isEmpty() ? "its list of repositories" : repository;
    if (authorizer.isKnown(call.scope())) {
      return Failures.of(name + " refuses access to " + what + " for this login" + said)
          .hint("jbuild login " + name + " logs in as somebody else");
    }
    return Failures.of(name + " refuses access to " + what + " without a login" + said)
        .hint(
            "jbuild login "
                + name
                + (repository.isEmpty() ? "" : "; or there is no such repository"));
  }

  BuildFailure failure(PassingException e) {
    return Failures.of(
        name + ": " + e.getMessage() + " (" + Retry.mostAttempts() + " attempts)", e);
  }

  /// The failure of an answer with a status that nobody expects. Closes the answer.
  BuildFailure unexpected(Call call, WebAnswer answer) throws InterruptedException {
    try (answer) {
      var said = Failures.said(answer.read(Failures.LONGEST_ANSWER));
      if (answer.status() == 403 || answer.status() == 401) {
        return refused(call, said);
      }
      var from = WebAddress.redacted(answer.address());
      return Failures.of(call.method() + " " + from + ": the answer is " + answer.status() + said);
    } catch (PassingException e) {
      return Failures.of(name + ": the answer is " + answer.status());
    }
  }

  /// The address under which the registry answers; it is looked for once.
  private synchronized URI address() throws IOException, InterruptedException {
    var known = address;
    if (known == null) {
      known = find();
      address = known;
    }
    return known;
  }

  private URI find() throws IOException, InterruptedException {
    PassingException plain = null;
    var host = URI.create("//" + authority).getHost();
    boolean local = host != null && LocalHosts.isLoopback(host);
    for (var scheme : schemes(local)) {
      var base = URI.create(scheme + "://" + authority + "/");
      try {
        // A server on this machine that does not answer will not do so in a moment.
        int status = local ? probe(base) : retry.run(() -> probe(base));
        if (isRegistry(status)) {
          return base;
        }
        if (status != TLS_WANTED || scheme.equals("https")) {
          throw Failures.of(name + " does not speak the registry protocol: /v2/ answers " + status);
        }
      } catch (PassingException e) {
        if (!isOtherScheme(e, scheme)) {
          throw unreachable(e);
        }
        plain = e;
      }
    }
    throw plain == null
        ? Failures.of(name + " does not speak the registry protocol")
        : unreachable(plain);
  }

  /// Where both are allowed, the one that is the more likely comes first.
  private List<String> schemes(boolean local) {
    var schemes = new ArrayList<String>();
    if (local) {
      schemes.add("http");
    }
    schemes.add("https");
    if (insecure && !local) {
      schemes.add("http");
    }
    return schemes;
  }

  /// Whether the failure says that the server speaks http where https was tried, or the reverse, or
  /// that nobody is at the usual port of the one scheme.
  private boolean isOtherScheme(PassingException e, String scheme) {
    if (scheme.equals("https")) {
      return isPlainServer(e) || (insecure && authority.indexOf(':') < 0 && isRefused(e));
    }
    return !isRefused(e) || authority.indexOf(':') < 0;
  }

  private static boolean isPlainServer(Throwable e) {
    return has(e, SSLException.class, "Unsupported or unrecognized SSL message")
        || has(e, SSLException.class, "plaintext connection");
  }

  private static boolean isRefused(Throwable e) {
    return has(e, ConnectException.class, "");
  }

  private static boolean has(Throwable e, Class<? extends Throwable> type, String text) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      var message = String.valueOf(cause.getMessage());
      if (type.isInstance(cause) && message.contains(text)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isRegistry(int status) {
    return status < 400 || status == 401 || status == 403;
  }

  /// Asks whether the registry is there, without credentials, and what it wants to see.
  ///
  /// @return the status of its answer
  private int probe(URI base) throws IOException, InterruptedException {
    var request = WebRequest.get(base.resolve("v2/"), Map.of());
    try (var answer = own.send(request)) {
      if (answer.isPassing()) {
        throw new PassingException("the registry answers " + answer.status(), answer.retryAfter());
      }
      tellWarnings(answer);
      if (answer.status() == 401) {
        authorizer.challenged(Challenge.parse(answer.headers("WWW-Authenticate")));
      }
      return answer.status();
    } catch (PassingException e) {
      if (isFinal(e)) {
        throw unreachable(e);
      }
      throw e;
    }
  }

  /// Whether another attempt is of no use.
  private boolean isFinal(PassingException e) {
    boolean tls = has(e, SSLException.class, "") && !(insecure && isPlainServer(e));
    return tls || has(e, UnresolvedAddressException.class, "");
  }

  private BuildFailure unreachable(PassingException e) {
    if (isPlainServer(e)) {
      return Failures.of(name + " speaks plain http, not https", e)
          .hint(
              "if that is meant, give --insecure-registry "
                  + name
                  + ", or set insecure = true for it in registries.conf");
    }
    if (Failures.isUntrusted(e)) {
      return Failures.of("the certificate of " + name + " is not trusted: " + e.getMessage(), e)
          .hint(
              "put the certificate of its authority into /etc/containers/certs.d/"
                  + name
                  + "/ca.crt, or give --tls-verify=false");
    }
    if (certificates.areWanted()) {
      return Failures.of(
              name
                  + " wants a certificate of its clients, and takes none of ours: "
                  + e.getMessage(),
              e)
          .hint(
              "put it and its key into /etc/containers/certs.d/"
                  + name
                  + "/, as client.cert and client.key");
    }
    if (has(e, UnresolvedAddressException.class, "")) {
      return Failures.of("there is no host called " + name, e)
          .hint("check the name and the network");
    }
    return Failures.of(name + " cannot be reached: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    own.close();
    neighbour.close();
    foreign.close();
  }
}
