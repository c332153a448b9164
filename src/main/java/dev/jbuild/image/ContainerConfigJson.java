package dev.jbuild.image;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A [ContainerConfig] as JSON: members in the order of image-spec's Go structure, then Docker's,
/// then unknown ones by name; empty ones are left out.
final class ContainerConfigJson {

  private static final Set<String> KNOWN =
      Set.of(
          "User",
          "ExposedPorts",
          "Env",
          "Entrypoint",
          "Cmd",
          "Volumes",
          "WorkingDir",
          "Labels",
          "StopSignal",
          "ArgsEscaped",
          "Healthcheck",
          "OnBuild",
          "Shell");

  private ContainerConfigJson() {}

  static ContainerConfig read(JsonObject json) throws ImageFormatException {
    var healthcheck = json.object("Healthcheck");
    var unknown = new TreeMap<>(json.members());
    unknown.keySet().removeAll(KNOWN);
    return new ContainerConfig(
        json.string("User").orElse(""),
        keys(json, "ExposedPorts"),
        json.strings("Env"),
        words(json, "Entrypoint"),
        words(json, "Cmd"),
        keys(json, "Volumes"),
        json.string("WorkingDir").orElse(""),
        json.stringMap("Labels"),
        json.string("StopSignal").orElse(""),
        json.flag("ArgsEscaped"),
        healthcheck.isPresent() ? Healthcheck.read(healthcheck.get()) : null,
        json.strings("OnBuild"),
        words(json, "Shell"),
        unknown);
  }

  private static SortedSet<String> keys(JsonObject json, String key) throws ImageFormatException {
    var object = json.object(key);
    return object.isEmpty() ? new TreeSet<>() : new TreeSet<>(object.get().members().keySet());
  }

  /// An array of strings; Docker once wrote a single word as a string.
  private static @Nullable List<String> words(JsonObject json, String key)
      throws ImageFormatException {
    if (!json.has(key)) {
      return null;
    }
    return json.members().get(key) instanceof String word ? List.of(word) : json.strings(key);
  }

  static Map<String, Object> write(ContainerConfig config) {
    var json = new LinkedHashMap<String, Object>();
    putText(json, "User", config.user());
    putSet(json, "ExposedPorts", config.exposedPorts());
    putList(json, "Env", config.env());
    putList(json, "Entrypoint", config.entrypoint());
    putList(json, "Cmd", config.cmd());
    putSet(json, "Volumes", config.volumes());
    putText(json, "WorkingDir", config.workingDir());
    DescriptorJson.putUnlessEmpty(json, "Labels", config.labels());
    putText(json, "StopSignal", config.stopSignal());
    if (config.argsEscaped()) {
      json.put("ArgsEscaped", true);
    }
    var healthcheck = config.healthcheck();
    if (healthcheck != null) {
      json.put("Healthcheck", healthcheck.write());
    }
    putList(json, "OnBuild", config.onBuild());
    putList(json, "Shell", config.shell());
    json.putAll(config.unknown());
    return json;
  }

  private static void putText(Map<String, Object> json, String key, String text) {
    if (!text.isEmpty()) {
      json.put(key, text);
    }
  }

  private static void putList(
      Map<String, Object> json, String key, @Nullable Collection<String> list) {
    if (list != null && !list.isEmpty()) {
      json.put(key, list);
    }
  }

  private static void putSet(Map<String, Object> json, String key, SortedSet<String> names) {
    if (!names.isEmpty()) {
      var set = new LinkedHashMap<String, Object>();
      names.forEach(name -> set.put(name, Map.of()));
      json.put(key, set);
    }
  }
}
