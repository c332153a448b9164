package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import dev.jbuild.image.Reference;
import dev.jbuild.registry.Access;
import dev.jbuild.registry.Credential;
import dev.jbuild.registry.Registries;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The options that every command has which speaks to a registry.
final class RegistryAccess {

  static final String HUB = "docker.io";

  private static final String TLS_VERIFY = "--tls-verify";
  private static final String INSECURE = "--insecure-registry";
  static final String CREDS = "--creds";
  private static final String AUTHFILE = "--authfile";

  private RegistryAccess() {}

  /// Adds the options to those of a command.
  static Syntax addTo(Syntax syntax) {
    return syntax
        .optional(
            "BOOL",
            "true",
            "false: trust any certificate of the registry, and accept http.",
            TLS_VERIFY)
        .values("HOST", "The same for this registry only; again for more.", INSECURE)
        .value("USER:PASSWORD", "Who you are to the registry.", CREDS)
        .value("FILE", "Credentials in this file, instead of the usual ones.", AUTHFILE);
  }

  /// The registries as the options and the session's environment want them.
  static Registries open(Options options, Session session) {
    return new Registries(session.environment(), read(options), session.console()::warning);
  }

  /// The same, with registries of which other options said that they are not secure.
  static Registries open(Options options, Session session, List<String> insecure) {
    var access = read(options);
    var all = new ArrayList<>(access.insecure());
    all.addAll(insecure);
    return new Registries(
        session.environment(),
        new Access(access.tlsVerify(), all, access.credentials(), access.authfile()),
        session.console()::warning);
  }

  static Access read(Options options) {
    Optional<Boolean> verify =
        options.has(TLS_VERIFY) ? Optional.of(options.isOn(TLS_VERIFY, true)) : Optional.empty();
    return new Access(
        verify,
        options.values(INSECURE),
        options.value(CREDS).map(RegistryAccess::credential),
        options.value(AUTHFILE).map(file -> Path.of(file).toAbsolutePath()));
  }

  private static Credential credential(String text) {
    try {
      return Credential.parse(text);
    } catch (IllegalArgumentException e) {
      throw Options.usage(CREDS + " takes USER:PASSWORD");
    }
  }

  /// A registry as it is typed: a host, perhaps with what precedes or follows it in an address.
  static String host(String text) {
    var host = text.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
    host = host.equals("index.docker.io") || host.equals("registry-1.docker.io") ? HUB : host;
    if (Reference.problem(host + "/x").isPresent()
        || !Reference.parse(host + "/x").domain().equals(host)) {
      throw Options.usage("\"" + Printable.of(text) + "\" is not a registry")
          .hint("a registry is written as its host, with a port if need be: registry.example:5000");
    }
    return host;
  }
}
