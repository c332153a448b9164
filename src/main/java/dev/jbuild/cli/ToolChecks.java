package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.Sha256;
import dev.jbuild.registry.Access;
import dev.jbuild.registry.Registries;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// What `jbuild doctor` says of the programs and files around jbuild that it uses when they are
/// there.
final class ToolChecks {

  private static final Pattern HELPER =
      Pattern.compile("\"(?:credsStore|[^\"]+)\"\\s*:\\s*\"([A-Za-z0-9._-]+)\"");

  private final Host host;

  ToolChecks(Host host) {
    this.host = host;
  }

  List<Check> checks(Path launcher) {
    var checks = new ArrayList<Check>();
    checks.add(java(launcher));
    checks.add(sha256());
    checks.add(program("git", "contexts and ADD from git repositories need it"));
    checks.add(program("ssh", "git repositories by ssh need it"));
    checks.addAll(helpers());
    checks.add(registries());
    proxies().ifPresent(checks::add);
    return checks;
  }

  private Check java(Path launcher) {
    var version = "Java " + System.getProperty("java.vm.version");
    var snapshot = launcher.resolveSibling("../lib/jbuild.aot").normalize();
    if (!Files.exists(snapshot)) {
      return Check.note("java", version + "; without the snapshot jbuild.aot: it starts slower");
    }
    return Snapshot.isUsed()
        ? Check.good("java", version + ", with the snapshot jbuild.aot")
        : Check.note(
            "java",
            version
                + "; the snapshot jbuild.aot is there and not used: it is of another Java, or of"
                + " jars of other sizes or times");
  }

  private static Check sha256() {
    return Sha256.isOpenSsl()
        ? Check.good("sha256", "computed by OpenSSL")
        : Check.note("sha256", "computed by Java, no OpenSSL 3 was found; it starts slower");
  }

  private Check program(String name, String why) {
    return host.program(name)
        .map(path -> Check.good(name, Printable.of(path.toString())))
        .orElseGet(() -> Check.note(name, "not found; " + why));
  }

  /// Programs that docker's configuration names for passwords. Which keys stand there is nobody's
  /// business, so only values are looked at that a program could be called by.
  private List<Check> helpers() {
    var checks = new ArrayList<Check>();
    for (var helper : named()) {
      var name = "docker-credential-" + helper;
      checks.add(
          host.program(name)
              .map(path -> Check.good("login", Printable.of(path.toString())))
              .orElseGet(
                  () ->
                      Check.warning(
                          "login",
                          "config.json names the helper " + name + ", which is not found",
                          "install it, or jbuild login without it")));
    }
    return checks;
  }

  private Set<String> named() {
    var directory =
        host.variable("DOCKER_CONFIG")
            .or(() -> host.variable("HOME").map(home -> home + "/.docker"))
            .filter(path -> path.startsWith("/"));
    var text = directory.flatMap(path -> host.text(path + "/config.json")).orElse("");
    var found = new TreeSet<String>();
    collect(text, "\"credsStore\"\\s*:\\s*\"[^\"]*\"", found);
    collect(text, "(?<=\"credHelpers\")\\s*:\\s*\\{[^}]*\\}", found);
    return found;
  }

  private static void collect(String text, String where, Set<String> found) {
    for (var part = Pattern.compile(where).matcher(text); part.find(); ) {
      for (var value = HELPER.matcher(part.group()); value.find(); ) {
        found.add(value.group(1));
      }
    }
  }

  /// Reads what configures registries, without asking one.
  private Check registries() {
    var warnings = new ArrayList<String>();
    try (var registries = new Registries(host.environment(), Access.USUAL, warnings::add)) {
      registries.readConfiguration();
      return warnings.isEmpty()
          ? Check.good("registries", "what configures them can be read")
          : Check.warning("registries", String.join("; ", warnings));
    } catch (BuildFailure e) {
      return Check.failed("registries", e.message(), e.hint().stream().toArray(String[]::new));
    }
  }

  private Optional<Check> proxies() {
    var found = new ArrayList<String>();
    for (var name : List.of("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")) {
      host.variable(name.toLowerCase(Locale.ROOT))
          .or(() -> host.variable(name))
          .ifPresent(value -> found.add(name + " " + withoutPassword(value)));
    }
    var direct = host.variable("no_proxy").or(() -> host.variable("NO_PROXY"));
    direct.ifPresent(value -> found.add("NO_PROXY " + Printable.of(value)));
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(Check.note("proxies", String.join(", ", found)));
  }

  private static String withoutPassword(String address) {
    try {
      var uri = URI.create(address.contains("://") ? address : "http://" + address);
      var port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
      return Printable.of(String.valueOf(uri.getHost()) + port);
    } catch (IllegalArgumentException e) {
      return "(not an address)";
    }
  }
}
