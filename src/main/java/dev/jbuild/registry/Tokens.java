package dev.jbuild.registry;

import dev.jbuild.failure.Printable;
import dev.jbuild.http.LocalHosts;
import dev.jbuild.http.PassingException;
import dev.jbuild.http.Redirects;
import dev.jbuild.http.Retry;
import dev.jbuild.http.WebAddress;
import dev.jbuild.http.WebAnswer;
import dev.jbuild.http.WebBody;
import dev.jbuild.http.WebClient;
import dev.jbuild.http.WebRequest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Fetches access tokens from the server that a registry sends us to (distribution's token
/// authentication; with an identity token its OAuth 2.0 form).
final class Tokens {

  private static final Duration SHORTEST = Duration.ofSeconds(60);
  private static final Redirects REDIRECTS =
      new Redirects(dev.jbuild.failure.BuildFailure.Kind.REGISTRY);

  private final Function<URI, WebClient> clients;
  private final Retry retry;

  /// @param clients the client for an address
  Tokens(Function<URI, WebClient> clients, Retry retry) {
    this.clients = clients;
    this.retry = retry;
  }

  /// A token and until when it is good, by the monotonic clock: the wall clock may be wrong
  /// (reliability case 119).
  record Token(String value, long expires) {

    boolean isGood() {
      return System.nanoTime() - expires < 0;
    }

    @Override
    public String toString() {
      return "Token[…]";
    }
  }

  /// A token for `scopes`.
  ///
  /// @param registry the address of the registry that asks for it
  /// @param who goes to the token server, if its address is one that may be trusted with it
  Token fetch(Challenge challenge, URI registry, List<String> scopes, Optional<Credential> who)
      throws IOException, InterruptedException {
    var realm = realm(challenge, registry);
    try {
      return retry.run(() -> ask(challenge, realm, scopes, who));
    } catch (PassingException e) {
      throw Failures.of("the token server " + WebAddress.redacted(realm) + ": " + e.getMessage());
    }
  }

  /// Checked before any credential leaves (reliability case 51): a registry must not send us, and
  /// a password, to whatever this machine alone can reach.
  private static URI realm(Challenge challenge, URI registry) {
    var text = challenge.parameter("realm").orElse("");
    URI realm;
    try {
      realm = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw refused(registry, text, "it is no address");
    }
    if (!WebAddress.isWeb(realm)) {
      throw refused(registry, text, "it is no http or https address");
    }
    if (WebAddress.isSecure(registry) && !WebAddress.isSecure(realm)) {
      throw refused(registry, text, "passwords are not sent over http");
    }
    if (!WebAddress.isSecure(registry)
        && !WebAddress.isSecure(realm)
        && !realm.getHost().equalsIgnoreCase(registry.getHost())
        && !LocalHosts.isLoopback(realm.getHost())) {
      throw refused(registry, text, "passwords are not sent over http");
    }
    boolean elsewhere = !realm.getHost().equalsIgnoreCase(registry.getHost());
    if (elsewhere && LocalHosts.isPrivate(realm.getHost()) && !isPrivate(registry.getHost())) {
      throw refused(registry, text, "it is an address that only this network reaches");
    }
    return realm;
  }

  private static boolean isPrivate(String host) {
    if (LocalHosts.isPrivate(host)) {
      return true;
    }
    try {
      return Arrays.stream(InetAddress.getAllByName(host))
          .map(InetAddress::getHostAddress)
          .anyMatch(LocalHosts::isPrivate);
    } catch (UnknownHostException e) {
      return false; // reached through a proxy
    }
  }

  private static dev.jbuild.failure.BuildFailure refused(URI registry, String realm, String why) {
    return Failures.of(
        registry.getAuthority()
            + " wants a token from "
            + (realm.isEmpty() ? "nowhere" : Printable.of(realm.replaceFirst("[?#].*", "?…")))
            + ", which is refused: "
            + why);
  }

  private Token ask(Challenge challenge, URI realm, List<String> scopes, Optional<Credential> who)
      throws IOException, InterruptedException {
    var fields = new ArrayList<String>();
    challenge.parameter("service").ifPresent(service -> fields.add(field("service", service)));
    if (who.isPresent() && who.get() instanceof Credential.IdentityToken(var token)) {
      fields.add(field("client_id", "jbuild"));
      fields.add(field("grant_type", "refresh_token"));
      fields.add(field("refresh_token", token));
      fields.add(field("scope", String.join(" ", scopes)));
      var form = String.join("&", fields).getBytes(StandardCharsets.UTF_8);
      var headers = Map.of("Content-Type", "application/x-www-form-urlencoded");
      var request = new WebRequest("POST", realm, headers, Optional.of(WebBody.of(form)));
      return read(realm, send(request));
    }
    scopes.forEach(scope -> fields.add(field("scope", scope)));
    var headers = new LinkedHashMap<String, String>();
    if (who.isPresent() && who.get() instanceof Credential.Password password) {
      fields.add(field("account", password.user()));
      headers.put("Authorization", password.basic());
    }
    return read(realm, follow(withQuery(realm, fields), headers));
  }

  private WebAnswer follow(URI first, Map<String, String> headers)
      throws IOException, InterruptedException {
    var at = first;
    for (int hops = 0; ; hops++) {
      boolean own = WebAddress.isSameOrigin(first, at);
      var answer = send(WebRequest.get(at, own ? headers : Map.of()));
      if (!Redirects.isRedirect(answer.status())) {
        return answer;
      }
      try (answer) {
        at = REDIRECTS.target(first, at, hops, answer.header("Location"));
        if (LocalHosts.isPrivate(at.getHost()) && !LocalHosts.isPrivate(first.getHost())) {
          throw Failures.of(
              "the token server "
                  + WebAddress.redacted(first)
                  + " redirects to "
                  + WebAddress.redacted(at)
                  + ", which only this network reaches");
        }
      }
    }
  }

  private WebAnswer send(WebRequest request) throws IOException, InterruptedException {
    try {
      return clients.apply(request.address()).send(request);
    } catch (PassingException e) {
      Failures.refuseUntrusted(request.address(), "the registry", e);
      throw e;
    }
  }

  private static Token read(URI realm, WebAnswer answer) throws IOException, InterruptedException {
    try (answer) {
      var server = "the token server " + realm.getAuthority();
      if (answer.isPassing()) {
        throw new PassingException("it answers " + answer.status(), answer.retryAfter());
      }
      var body = answer.read(Failures.LONGEST_ANSWER);
      if (answer.status() == 401 || answer.status() == 403) {
        throw Failures.of(
                server + " does not accept the user or the password" + Failures.said(body))
            .hint("log in again with jbuild login");
      }
      if (answer.status() != 200) {
        throw Failures.of(server + " answers " + answer.status() + Failures.said(body));
      }
      return parse(server, body);
    }
  }

  private static Token parse(String server, byte[] body) {
    try {
      var json = JsonObject.parse(body, "its answer");
      var value = json.string("token").or(() -> unchecked(json)).orElse("");
      if (value.isEmpty() || !value.chars().allMatch(c -> c > 0x20 && c < 0x7F)) {
        throw Failures.of(server + " answers without a token");
      }
      long seconds = Math.clamp(json.number("expires_in").orElse(0), SHORTEST.toSeconds(), 3600);
      // A token is not used in its last moments, when it could expire on the way.
      long good = Duration.ofSeconds(seconds).minusSeconds(10).toNanos();
      return new Token(value, System.nanoTime() + good);
    } catch (ImageFormatException e) {
      throw Failures.of(server + " gives no token: " + e.getMessage());
    }
  }

  private static Optional<String> unchecked(JsonObject json) {
    return json.members().get("access_token") instanceof String text
        ? Optional.of(text)
        : Optional.empty();
  }

  private static URI withQuery(URI realm, List<String> fields) {
    if (fields.isEmpty()) {
      return realm;
    }
    var query = fields.stream().collect(Collectors.joining("&"));
    var text = realm.toString().replaceFirst("#.*", "");
    return URI.create(text + (realm.getRawQuery() == null ? "?" : "&") + query);
  }

  private static String field(String name, String value) {
    return name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
