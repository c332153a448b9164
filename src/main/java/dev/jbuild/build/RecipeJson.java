package dev.jbuild.build;

import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import dev.jbuild.plan.RunMount;
import dev.jbuild.plan.RunStep;
import dev.jbuild.sandbox.Allowance;
import dev.jbuild.sandbox.Network;
import dev.jbuild.sandbox.Quota;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Recipes of steps as JSON.
final class RecipeJson {

  private RecipeJson() {}

  /// A recipe with what is known of the files of its mounts, one for each mount.
  record Parsed(StepRecipe recipe, List<KeptSource> sources) {
    Parsed {
      sources = List.copyOf(sources);
    }
  }

  static Map<String, Object> write(StepRecipe recipe, List<KeptSource> sources) {
    var json = new LinkedHashMap<String, Object>();
    json.put("argv", recipe.argv());
    json.put("environment", recipe.environment());
    json.put("proxies", recipe.proxies());
    json.put("user", recipe.user());
    json.put("directory", recipe.directory());
    json.put("network", recipe.network().name());
    json.put("privileged", recipe.isPrivileged());
    json.put("hostname", recipe.hostname());
    var hosts = new ArrayList<>();
    for (var host : recipe.hosts()) {
      var member = new LinkedHashMap<String, Object>();
      member.put("name", host.name());
      member.put("address", host.address());
      hosts.add(member);
    }
    json.put("hosts", hosts);
    recipe.sharedMemory().ifPresent(size -> json.put("sharedMemory", size));
    var limits = new ArrayList<>();
    for (var limit : recipe.limits()) {
      var member = new LinkedHashMap<String, Object>();
      member.put("resource", limit.resource().text());
      member.put("soft", limit.soft());
      member.put("hard", limit.hard());
      limits.add(member);
    }
    json.put("limits", limits);
    var quota = recipe.quota();
    quota.memory().ifPresent(bytes -> json.put("memory", bytes));
    quota.memoryAndSwap().ifPresent(bytes -> json.put("memoryAndSwap", bytes));
    quota.processes().ifPresent(most -> json.put("processes", most));
    recipe
        .script()
        .ifPresent(
            script -> {
              var member = new LinkedHashMap<String, Object>();
              member.put("name", script.name());
              member.put("content", script.content());
              json.put("script", member);
            });
    var mounts = new ArrayList<>();
    for (int i = 0; i < recipe.mounts().size(); i++) {
      var member = MountJson.write(recipe.mounts().get(i));
      sources.get(i).writeTo(member);
      mounts.add(member);
    }
    json.put("mounts", mounts);
    json.put("shell", recipe.shell());
    return json;
  }

  /// @param file the name of the Dockerfile, for messages
  /// @throws ImageFormatException if it is none
  static Parsed parse(JsonObject json, String file) throws ImageFormatException {
    try {
      var mounts = new ArrayList<RunMount>();
      var sources = new ArrayList<KeptSource>();
      for (var mount : json.objects("mounts")) {
        mounts.add(MountJson.parse(mount, file));
        sources.add(KeptSource.of(mount));
      }
      var recipe =
          new StepRecipe(
              json.strings("argv"),
              json.stringMap("environment"),
              json.strings("proxies"),
              json.string("user").orElse(""),
              json.requiredString("directory"),
              Network.valueOf(json.requiredString("network")),
              json.flag("privileged"),
              json.requiredString("hostname"),
              hosts(json),
              json.number("sharedMemory"),
              limits(json),
              new Quota(
                  json.number("memory"), json.number("memoryAndSwap"), json.number("processes")),
              script(json),
              mounts,
              json.strings("shell"));
      return new Parsed(recipe, sources);
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException(json.what() + ": " + e.getMessage(), e);
    }
  }

  private static List<StepSettings.Host> hosts(JsonObject json) throws ImageFormatException {
    var hosts = new ArrayList<StepSettings.Host>();
    for (var host : json.objects("hosts")) {
      hosts.add(new StepSettings.Host(host.requiredString("name"), host.requiredString("address")));
    }
    return hosts;
  }

  private static List<Allowance.Limit> limits(JsonObject json) throws ImageFormatException {
    var limits = new ArrayList<Allowance.Limit>();
    for (var limit : json.objects("limits")) {
      var resource = Allowance.Resource.find(limit.requiredString("resource"));
      if (resource.isEmpty()) {
        throw limit.wrong("resource", "a resource limit");
      }
      limits.add(
          new Allowance.Limit(
              resource.get(), limit.requiredNumber("soft"), limit.requiredNumber("hard")));
    }
    return limits;
  }

  private static Optional<RunStep.Script> script(JsonObject json) throws ImageFormatException {
    var script = json.object("script");
    return script.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new RunStep.Script(
                script.get().requiredString("name"), script.get().requiredString("content")));
  }
}
