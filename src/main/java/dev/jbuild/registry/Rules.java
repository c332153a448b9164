package dev.jbuild.registry;

import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import dev.jbuild.image.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All that configuration files say of registries: jbuild's own config.json, then containers'
/// registries.conf with what lies in registries.conf.d.
final class Rules {

  private final List<RegistryRule> rules;

  Rules(List<RegistryRule> rules) {
    this.rules = List.copyOf(rules);
  }

  /// Reads the files that the environment leads to.
  static Rules read(Map<String, String> environment) {
    var home = new Home(environment);
    var rules = new ArrayList<RegistryRule>();
    home.config("jbuild", "config.json").ifPresent(file -> rules.addAll(own(file)));
    for (var file : tomlFiles(home)) {
      rules.addAll(TomlRules.read(file));
    }
    return new Rules(rules);
  }

  private static List<Path> tomlFiles(Home home) {
    var named = home.absolute("CONTAINERS_REGISTRIES_CONF");
    if (named.isPresent()) {
      return existing(named.get());
    }
    var own = home.config("containers", "registries.conf").map(Rules::existing).orElse(List.of());
    if (!own.isEmpty()) {
      return own;
    }
    var files = new ArrayList<Path>();
    try (var more = Files.list(Path.of("/etc/containers/registries.conf.d"))) {
      more.filter(file -> file.toString().endsWith(".conf"))
          .sorted((one, other) -> other.compareTo(one)) // the last one has the last word
          .forEach(files::add);
    } catch (IOException e) {
      files.clear(); // there is no such directory
    }
    files.addAll(existing(Path.of("/etc/containers/registries.conf")));
    // The library that reads them is loaded only for one that speaks of registries.
    return files.stream().filter(Rules::speaksOfRegistries).toList();
  }

  private static boolean speaksOfRegistries(Path file) {
    try {
      return Files.readAllLines(file).stream()
          .map(String::strip)
          .anyMatch(line -> line.startsWith("[[") || line.startsWith("[reg"));
    } catch (IOException e) {
      return false; // not ours to read
    }
  }

  private static List<Path> existing(Path file) {
    return Files.isReadable(file) ? List.of(file) : List.of();
  }

  /// The member `registries` of jbuild's own configuration.
  private static List<RegistryRule> own(Path file) {
    if (!Files.isReadable(file)) {
      return List.of();
    }
    try {
      var json = JsonObject.parse(Files.readAllBytes(file), "it");
      var registries = json.object("registries");
      var rules = new ArrayList<RegistryRule>();
      if (registries.isPresent()) {
        for (var host : registries.get().members().keySet()) {
          rules.add(own(host, registries.get().requiredObject(host)));
        }
      }
      return rules;
    } catch (ImageFormatException e) {
      throw Failures.file(file, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw Failures.file(file, "it cannot be read");
    }
  }

  private static RegistryRule own(String host, JsonObject json) throws ImageFormatException {
    boolean insecure = json.flag("insecure");
    var mirrors =
        json.strings("mirrors").stream()
            .map(place -> new RegistryRule.Mirror(place, insecure, "all"))
            .toList();
    var authorities = json.string("ca").map(Path::of).stream().toList();
    return new RegistryRule(host, Optional.empty(), insecure, false, false, mirrors, authorities);
  }

  /// The rule for a repository, `host/path`: the one with the longest prefix, of equals the first.
  private Optional<RegistryRule> rule(String name) {
    RegistryRule found = null;
    for (var rule : rules) {
      boolean longer = found == null || rule.prefix().length() > found.prefix().length();
      if (longer && rule.isFor(name)) {
        found = rule;
      }
    }
    return Optional.ofNullable(found);
  }

  /// Where the images of a repository are, in the order in which to ask.
  ///
  /// @param reading whether mirrors will do
  /// @throws dev.jbuild.failure.BuildFailure if the configuration blocks it
  List<Place> places(Reference reference, boolean reading) {
    var name = reference.domain() + "/" + reference.path();
    var rule = rule(name);
    if (rule.isEmpty()) {
      return List.of(Place.of(name, false, List.of()));
    }
    var found = rule.get();
    if (found.blocked()) {
      throw Failures.of("registries.conf blocks " + found.prefix());
    }
    boolean byDigest = reference.digest().isPresent();
    var places = new ArrayList<Place>();
    for (var mirror : found.mirrors()) {
      if (reading && mirror.serves(byDigest) && (byDigest || !found.byDigestOnly())) {
        places.add(Place.of(found.moved(name, mirror.location()), mirror.insecure(), List.of()));
      }
    }
    var own = found.location().map(place -> found.moved(name, place)).orElse(name);
    places.add(Place.of(own, found.insecure(), found.authorities()));
    return places;
  }

  /// What is to be known of a host that is asked as a whole.
  Place place(String host) {
    var rule = rule(host);
    return new Place(
        host,
        "",
        rule.map(RegistryRule::insecure).orElse(false),
        rule.map(RegistryRule::authorities).orElse(List.of()));
  }

  /// A repository where it really is.
  ///
  /// @param host with its port
  record Place(String host, String path, boolean insecure, List<Path> authorities) {

    static Place of(String name, boolean insecure, List<Path> authorities) {
      int slash = name.indexOf('/');
      return new Place(name.substring(0, slash), name.substring(slash + 1), insecure, authorities);
    }
  }
}
