package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
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
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One registry, and requests to it with all that they need to be answered.
///
/// Credentials go to the registry itself only; what it redirects to gets the bare request. Safe for
/// use by many threads.
final class RegistryHost implements AutoCloseable {

  private static final Redirects REDIRECTS = new Redirects(BuildFailure.Kind.REGISTRY);

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
  private final RegistryAddress address;
  private final WebClient own;
  private final WebClient neighbour;
  private final WebClient foreign;
  private final Authorizer authorizer;
  private final Retry retry;
  private final Consumer<String> warnings;
  private final Set<String> warned = ConcurrentHashMap.newKeySet();
  private final Semaphore transfers = new Semaphore(AT_ONCE);

  /// @param insecure whether http and certificates that nobody trusts will do
  RegistryHost(String name, boolean insecure, Surroundings around, Certificates certificates) {
    this.name = name;
    this.retry = around.retry();
    this.warnings = around.warnings();
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
    this.address = new RegistryAddress(name, insecure, own, certificates, retry, this::seen);
  }

  /// The client for an address that is not the registry's own. Where a person said that the
  /// registry need not prove who it is, that is said of its host alone: where it leads to, or
  /// wants a token fetched, must be a server that is trusted.
  private WebClient other(URI at) {
    return at.getHost().equalsIgnoreCase(address.host()) ? neighbour : foreign;
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
    var registry = address.get();
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

  /// The registry's first answer says what it wants to see.
  private void seen(WebAnswer answer) {
    tellWarnings(answer);
    if (answer.status() == 401) {
      authorizer.challenged(Challenge.parse(answer.headers("WWW-Authenticate")));
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
      int end = Math.max("299 - \"".length(), header.lastIndexOf('"'));
      var text = shortened(Printable.of(shortened(header.substring("299 - \"".length(), end))));
      if (warned.add(text)) {
        warnings.accept(name + " says: " + text);
      }
    }
  }

  private static String shortened(String warning) {
    return warning.substring(0, Math.min(warning.length(), LONGEST_WARNING));
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

  @Override
  public void close() {
    own.close();
    neighbour.close();
    foreign.close();
  }
}
