package dev.jbuild.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The rules of one registries.conf. The library that reads TOML is loaded with this class, where
/// there is such a file and a registry is asked.
final class TomlRules {

  private static final int LONGEST = 4 << 20;

  private TomlRules() {}

  /// Reads a file.
  ///
  /// @throws dev.jbuild.failure.BuildFailure if it is none that can be understood
  static List<RegistryRule> read(Path file) {
    try {
      if (Files.size(file) > LONGEST) {
        throw Failures.file(file, "it is larger than " + LONGEST + " bytes");
      }
      var root = new TomlMapper().readTree(Files.readString(file));
      if (root.has("registries")) {
        throw Failures.file(file, "[registries.…] is of version 1 of its format")
            .hint("write it as [[registry]], see man containers-registries.conf");
      }
      var rules = new ArrayList<RegistryRule>();
      for (var each : root.path("registry")) {
        rules.add(rule(file, each));
      }
      return rules;
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      var line = at == null ? "" : "line " + at.getLineNr() + ": ";
      throw Failures.file(file, line + Printable.of(e.getOriginalMessage()));
    } catch (IOException e) {
      throw Failures.file(file, "it cannot be read");
    }
  }

  private static RegistryRule rule(Path file, JsonNode node) {
    var location = text(node, "location");
    var prefix = text(node, "prefix").or(() -> location);
    if (prefix.isEmpty()) {
      throw Failures.file(file, "a [[registry]] has neither prefix nor location");
    }
    var mirrors = new ArrayList<RegistryRule.Mirror>();
    for (var mirror : node.path("mirror")) {
      var place = text(mirror, "location");
      if (place.isEmpty()) {
        throw Failures.file(file, "a [[registry.mirror]] has no location");
      }
      mirrors.add(
          new RegistryRule.Mirror(
              place.get(),
              mirror.path("insecure").asBoolean(false),
              text(mirror, "pull-from-mirror").orElse("all")));
    }
    return new RegistryRule(
        prefix.get(),
        location.filter(place -> !place.equals(prefix.get())),
        node.path("insecure").asBoolean(false),
        node.path("blocked").asBoolean(false),
        node.path("mirror-by-digest-only").asBoolean(false),
        mirrors,
        List.of());
  }

  private static Optional<String> text(JsonNode node, String name) {
    return Optional.of(node.path(name).asText("")).filter(text -> !text.isEmpty());
  }
}
