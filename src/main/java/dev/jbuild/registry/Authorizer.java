package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Says who we are to one registry: as it asked when it was first met, with tokens kept as long as
/// they are good. Safe for use by many threads.
final class Authorizer {

  private final String host;
  private final Credentials credentials;
  private final Tokens tokens;
  private final Map<List<String>, Tokens.Token> known = new HashMap<>();
  private final Map<String, Optional<Credential>> people = new HashMap<>();
  private List<Challenge> challenges = List.of();

  Authorizer(String host, Credentials credentials, Tokens tokens) {
    this.host = host;
    this.credentials = credentials;
    this.tokens = tokens;
  }

  /// Takes what a registry answered to a request without credentials.
  synchronized void challenged(List<Challenge> by) {
    challenges = List.copyOf(by);
  }

  /// Forgets what a registry did not accept.
  ///
  /// @param by what it asks for instead, if it says so
  synchronized void rejected(Scope scope, List<Challenge> by) {
    known.remove(scope.words());
    if (!by.isEmpty()) {
      challenges = List.copyOf(by);
    }
  }

  /// The value of the Authorization header for a request; empty if the registry asks for none.
  synchronized Optional<String> header(URI registry, Scope scope)
      throws IOException, InterruptedException {
    var bearer = challenge("bearer");
    if (bearer.isPresent()) {
      return Optional.of("Bearer " + token(bearer.get(), registry, scope));
    }
    if (challenge("basic").isEmpty()) {
      if (!challenges.isEmpty()) {
        throw Failures.of(
            host
                + " asks for a way of logging in that is not known: "
                + challenges.getFirst().scheme());
      }
      return Optional.empty();
    }
    var who = who(scope);
    return switch (who.orElseThrow(this::loginNeeded)) {
      case Credential.Password password -> Optional.of(password.basic());
      case Credential.RegistryToken(var token) -> Optional.of("Bearer " + token);
      case Credential.IdentityToken _ ->
          throw Failures.of(host + " wants a password, but only an identity token is stored");
    };
  }

  private Optional<Challenge> challenge(String scheme) {
    return challenges.stream().filter(each -> each.scheme().equals(scheme)).findFirst();
  }

  private String token(Challenge challenge, URI registry, Scope scope)
      throws IOException, InterruptedException {
    var there = known.get(scope.words());
    if (there != null && there.isGood()) {
      return there.value();
    }
    var who = who(scope);
    if (who.isPresent() && who.get() instanceof Credential.RegistryToken(var token)) {
      return token;
    }
    var fresh = tokens.fetch(challenge, registry, scope.words(), who);
    known.put(scope.words(), fresh);
    return fresh.value();
  }

  /// Whether there is a credential for a repository.
  boolean isKnown(Scope scope) throws InterruptedException {
    return who(scope).isPresent();
  }

  /// Looked for once: a helper may ask the person something.
  private synchronized Optional<Credential> who(Scope scope) throws InterruptedException {
    var found = people.get(scope.repository());
    if (found == null) {
      found = credentials.find(host, scope.repository());
      people.put(scope.repository(), found);
    }
    return found;
  }

  private BuildFailure loginNeeded() {
    return Failures.of(host + " wants a user and a password").hint("jbuild login " + host);
  }
}
