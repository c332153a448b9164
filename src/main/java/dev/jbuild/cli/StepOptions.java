package dev.jbuild.cli;

import dev.jbuild.build.SshAgents;
import dev.jbuild.build.StepSettings;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.sandbox.Allowance;
import dev.jbuild.sandbox.Network;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The options of a build that are for its RUN steps: what they are given, and what they may.
final class StepOptions {

  private static final String HOST_NAME = "[A-Za-z0-9_.-]+";
  private static final Set<String> GRANTS = Set.of("security.insecure", "network.host");

  /// Steps share the network of the machine, so the machine is where they are.
  private static final String GATEWAY = "127.0.0.1";

  private StepOptions() {}

  static void addTo(Syntax syntax) {
    addGiven(syntax)
        .value("MODE", "Network of RUN steps: default, host or none.", "--network")
        .values("NAME:IP", "A line of /etc/hosts; IP may be host-gateway.", "--add-host")
        .value("BYTES", "The size of /dev/shm: 256m.", "--shm-size")
        .values("TYPE=SOFT[:HARD]", "A resource limit: nofile=1024:4096.", "--ulimit");
    QuotaOptions.addResourceTo(QuotaOptions.addTo(syntax));
    SandboxOption.addTo(syntax);
  }

  /// What is given for one time only, and kept nowhere.
  static Syntax addGiven(Syntax syntax) {
    return syntax
        .values("id=ID[,src=FILE|env=NAME]", "A secret for RUN --mount=type=secret.", "--secret")
        .values(
            "default|ID[=SOCKET|KEY,…]",
            "An SSH agent for RUN --mount=type=ssh: that of SSH_AUTH_SOCK, another, or one with"
                + " these private keys.",
            "--ssh")
        .values(
            "GRANT",
            "security.insecure lets RUN --security=insecure do with the machine what it likes;"
                + " network.host is granted always.",
            "--allow");
  }

  static StepSettings read(Options options, Session session) {
    var grants = grants(options.values("--allow"));
    return new StepSettings(
        network(options),
        SecretOption.read(
            options.values("--secret"), session.environment(), session.console()::warning),
        options.values("--ssh").isEmpty()
            ? SshAgents.NONE
            : SshOption.read(options.values("--ssh"), session.environment()),
        grants.contains("security.insecure"),
        options.values("--add-host").stream().map(StepOptions::host).toList(),
        sharedMemory(options.value("--shm-size")),
        limits(options.values("--ulimit")),
        QuotaOptions.read(options),
        SandboxOption.read(options, session.environment()));
  }

  /// `--no-cache-filter`: stages are compared without case.
  static Set<String> noCacheStages(Options options) {
    return new TreeSet<>(
        options.values("--no-cache-filter").stream()
            .flatMap(StepOptions::commas)
            .map(name -> name.toLowerCase(Locale.ROOT))
            .toList());
  }

  private static Stream<String> commas(String text) {
    return Arrays.stream(text.split(",", -1)).map(String::strip).filter(each -> !each.isEmpty());
  }

  private static Set<String> grants(List<String> given) {
    var grants = new HashSet<>(given.stream().flatMap(StepOptions::commas).toList());
    for (var grant : grants) {
      if (grant.equals("device") || grant.startsWith("device=")) {
        throw Options.usage("--allow " + Printable.of(grant) + ": steps are given no devices");
      }
      if (!GRANTS.contains(grant)) {
        throw Options.usage("--allow does not know " + Printable.of(grant))
            .hint("it is security.insecure or network.host");
      }
    }
    return grants;
  }

  private static Network network(Options options) {
    return switch (options.value("--network").orElse("default")) {
      case "default", "host" -> Network.HOST;
      case "none" -> Network.NONE;
      default -> throw Options.usage("--network takes default, host or none");
    };
  }

  /// `NAME:IP` or `NAME=IP`, an IPv6 address also in brackets.
  static StepSettings.Host host(String text) {
    int colon = text.indexOf(':');
    int equals = text.indexOf('=');
    int end = equals >= 0 && (colon < 0 || equals < colon) ? equals : colon;
    if (end < 0 || !text.substring(0, end).matches(HOST_NAME)) {
      throw Options.usage("--add-host takes a name and an address, not " + Printable.of(text))
          .hint("write it as NAME:IP or NAME:host-gateway");
    }
    var name = text.substring(0, end);
    var address = text.substring(end + 1);
    if (address.equals("host-gateway")) {
      return new StepSettings.Host(name, GATEWAY);
    }
    if (address.startsWith("[") && address.endsWith("]")) {
      address = address.substring(1, address.length() - 1);
    }
    try {
      InetAddress.ofLiteral(address);
    } catch (IllegalArgumentException e) {
      throw Options.usage("--add-host: " + Printable.of(address) + " is not an IP address");
    }
    return new StepSettings.Host(name, address);
  }

  static OptionalLong sharedMemory(Optional<String> text) {
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    long size = ByteSize.parseMemory("--shm-size", text.get());
    if (size == 0) {
      throw Options.usage("--shm-size must be more than 0");
    }
    return OptionalLong.of(size);
  }

  static List<Allowance.Limit> limits(List<String> given) {
    var limits = new ArrayList<Allowance.Limit>();
    for (var each : given) {
      var limit = limit(each);
      limits.removeIf(earlier -> earlier.resource() == limit.resource());
      limits.add(limit);
    }
    return limits;
  }

  private static Allowance.Limit limit(String text) {
    int equals = text.indexOf('=');
    var resource = equals < 0 ? text : text.substring(0, equals);
    var values = equals < 0 ? "" : text.substring(equals + 1);
    var known = Allowance.Resource.find(resource);
    if (known.isEmpty()) {
      var all = Stream.of(Allowance.Resource.values()).map(Allowance.Resource::text).toList();
      throw Options.usage("--ulimit does not know " + Printable.of(resource))
          .hint("it knows " + String.join(", ", all));
    }
    int colon = values.indexOf(':');
    try {
      long soft = Long.parseLong(colon < 0 ? values : values.substring(0, colon));
      long hard = colon < 0 ? soft : Long.parseLong(values.substring(colon + 1));
      return new Allowance.Limit(known.get(), soft, hard);
    } catch (IllegalArgumentException e) {
      throw wrong(text);
    }
  }

  private static BuildFailure wrong(String text) {
    return Options.usage("--ulimit cannot be " + Printable.of(text))
        .hint("write it as TYPE=SOFT:HARD, the first not above the second; -1 stands for no limit");
  }
}
