package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Reference;
import dev.jbuild.registry.Access;
import dev.jbuild.registry.Credential;
import dev.jbuild.registry.Registries;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The options that every command has which speaks to a registry.
final class RegistryAccess {

  static final String HUB = "docker.io";

  private static final String TLS_VERIFY = "--tls-verify";
  private static final String INSECURE = "--insecure-registry";
  static final String CREDS = "--creds";
  private static final String AUTHFILE = "--authfile";
  private static final String MIRROR = "--mirror";
  private static final String MIRRORS_ONLY = "--mirrors-only";

  /// `host`, `host:port` and more below it.
  private static final String PLACE = "[a-zA-Z0-9][a-zA-Z0-9.-]*(:[0-9]{1,5})?(/[a-z0-9._-]+)*";

  private RegistryAccess() {}

  /// Adds the options to those of a command.
  static Syntax addTo(Syntax syntax) {
    return addTo(syntax, "Who you are to the registry.");
  }

  /// @param whose what is said of `--creds`
  static Syntax addTo(Syntax syntax, String whose) {
    return addSecurity(syntax)
        .value("USER:PASSWORD", whose, CREDS)
        .value("FILE", "Credentials in this file, instead of the usual ones.", AUTHFILE);
  }

  private static Syntax addSecurity(Syntax syntax) {
    return syntax
        .optional(
            "BOOL",
            "true",
            "false: trust any certificate of the registry, and accept http.",
            TLS_VERIFY)
        .values("HOST", "The same for this registry only; again for more.", INSECURE);
  }

  /// Adds those of commands that read base images from mirrors.
  static Syntax addMirrors(Syntax syntax) {
    return syntax
        .values(
            "HOST=PLACE",
            "Read images of the registry HOST from PLACE first; again for more places.",
            MIRROR)
        .flag("Do not ask a registry itself that has a --mirror.", MIRRORS_ONLY);
  }

  private static List<Access.Mirror> mirrors(Options options) {
    var mirrors = new ArrayList<Access.Mirror>();
    for (var text : options.values(MIRROR)) {
      int equals = text.indexOf('=');
      var host = equals < 0 ? "" : text.substring(0, equals);
      var place = text.substring(equals + 1);
      if (host.isEmpty() || !place.matches(PLACE)) {
        throw Options.usage(MIRROR + " takes HOST=PLACE, not " + Printable.of(text))
            .hint(
                "a place is a host, with a path where its images lie below one:"
                    + " mirror.example/hub");
      }
      mirrors.add(new Access.Mirror(mirrored(host), place));
    }
    return mirrors;
  }

  /// A mirror is for all of a registry: a path would name a part of it.
  private static String mirrored(String text) {
    var address = text.toLowerCase(Locale.ROOT).replaceFirst("^https?://", "");
    if (address.matches("[^/]*/.+")) {
      throw notRegistry(MIRROR + ": ", text);
    }
    try {
      return host(address);
    } catch (BuildFailure e) {
      throw notRegistry(MIRROR + ": ", text);
    }
  }

  /// Whether any of them is given.
  static boolean isGiven(Options options) {
    return List.of(TLS_VERIFY, INSECURE, CREDS, AUTHFILE).stream().anyMatch(options::has);
  }

  /// The registries as the options and the session's environment want them, for a command that asks
  /// one of them.
  static Registries open(Options options, Session session) {
    return open(session, read(options));
  }

  /// The same with credentials for these alone, by `host` or `host/path`: others are asked as well.
  static Registries open(Options options, Session session, Map<String, Credential> logins) {
    return open(session, read(options).with(Optional.empty(), logins));
  }

  /// The same, with mirrors, and with registries of which other options said that they are not
  /// secure.
  static Registries open(
      Options options, Session session, Map<String, Credential> logins, List<String> insecure) {
    return open(
        session,
        read(options)
            .with(Optional.empty(), logins)
            .withInsecure(insecure)
            .withMirrors(mirrors(options), options.has(MIRRORS_ONLY)));
  }

  private static Registries open(Session session, Access access) {
    return new Registries(session.environment(), access, session.console()::warning);
  }

  /// Whose `--creds` are: of the registry that the command line names. It may be one only, since
  /// each would see what is the other's.
  static Map<String, Credential> logins(Options options, Set<String> hosts) {
    var given = credential(options, CREDS);
    if (given.isEmpty()) {
      return Map.of();
    }
    if (hosts.size() != 1) {
      throw Options.usage(
              CREDS
                  + " is for one registry, and the names say "
                  + (hosts.isEmpty() ? "none" : String.join(", ", hosts)))
          .hint("log in to the registries that are needed: jbuild login HOST");
    }
    return Map.of(hosts.iterator().next(), given.get());
  }

  /// For a command that names no registry: whose password it is cannot be told.
  static void refuseLogin(Options options) {
    if (options.has(CREDS)) {
      throw Options.usage(CREDS + " is for a registry that is named, and here none is")
          .hint("log in to the registry that has the layers: jbuild login HOST");
    }
  }

  /// Adds the options to those of a command that names no registry.
  static Syntax addWithoutLogin(Syntax syntax) {
    return addSecurity(syntax)
        .value("FILE", "Credentials in this file, instead of the usual ones.", AUTHFILE)
        .hidden(CREDS, true);
  }

  /// The value of an option with credentials.
  static Optional<Credential> credential(Options options, String option) {
    return options.value(option).map(text -> credential(option, text));
  }

  static Access read(Options options) {
    Optional<Boolean> verify =
        options.has(TLS_VERIFY) ? Optional.of(options.isOn(TLS_VERIFY, true)) : Optional.empty();
    return new Access(
        verify,
        options.values(INSECURE),
        credential(options, CREDS),
        Map.of(),
        options.value(AUTHFILE).map(file -> Path.of(file).toAbsolutePath()));
  }

  private static Credential credential(String option, String text) {
    try {
      return Credential.parse(text);
    } catch (IllegalArgumentException e) {
      throw Options.usage(option + " takes USER:PASSWORD");
    }
  }

  /// A registry as it is typed: a host, perhaps with what precedes or follows it in an address.
  static String host(String text) {
    var host = text.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
    host = host.equals("index.docker.io") || host.equals("registry-1.docker.io") ? HUB : host;
    if (Reference.problem(host + "/x").isPresent()
        || !Reference.parse(host + "/x").domain().equals(host)) {
      throw notRegistry("", text);
    }
    return host;
  }

  private static BuildFailure notRegistry(String option, String text) {
    return Options.usage(option + "\"" + Printable.of(text) + "\" is not a registry")
        .hint("a registry is written as its host, with a port if need be: registry.example:5000");
  }
}
