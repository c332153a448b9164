package dev.jbuild.registry;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Logs in to registries and out of them. A password is kept only after the registry took it.
public final class Logins {

  private final Map<String, String> environment;
  private final Access access;
  private final Consumer<String> warnings;

  public Logins(Map<String, String> environment, Access access, Consumer<String> warnings) {
    this.environment = environment;
    this.access = access;
    this.warnings = warnings;
  }

  /// Where a password lies.
  ///
  /// @param helper that has it; empty if the file has
  public record Kept(Path file, Optional<String> helper) {}

  /// Tries a password and keeps it.
  ///
  /// @throws dev.jbuild.failure.BuildFailure REGISTRY if the registry refuses it
  public Kept login(String host, String user, String password)
      throws IOException, InterruptedException {
    var credential = new Credential.Password(user, password);
    var file = LoginFile.of(environment, access);
    var as = access.with(Optional.of(credential), Map.of());
    try (var registries = new Registries(environment, as, warnings)) {
      check(registries.host(host));
    }
    return new Kept(file.path(), file.put(host, credential));
  }

  private static void check(RegistryHost host) throws IOException, InterruptedException {
    var call = Call.get("v2/", Scope.NONE);
    try (var answer = host.exchange(call)) {
      if (answer.status() >= 400) {
        throw host.unexpected(call, answer);
      }
    }
  }

  /// Forgets a login.
  ///
  /// @return whether there was one
  public boolean logout(String host) throws InterruptedException {
    return LoginFile.of(environment, access).remove(host);
  }

  /// The user that is logged in, if that is known.
  public Optional<String> user(String host) throws InterruptedException {
    var found = new Credentials(environment, access, warnings).find(host, "");
    return found.isPresent() && found.get() instanceof Credential.Password password
        ? Optional.of(password.user())
        : Optional.empty();
  }
}
