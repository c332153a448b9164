package dev.jbuild.image;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What containers of an image begin with: the `config` of an image config (image-spec, config.md)
/// with Docker's additions (Healthcheck, OnBuild, Shell, ArgsEscaped).
///
/// @param user empty for root, as written: `app`, `1000:1000`
/// @param exposedPorts `80/tcp`
/// @param env `NAME=value`, each name once, in the order of first definition
/// @param entrypoint null if there is none; an empty list is written like none
/// @param cmd as entrypoint
/// @param workingDir empty for `/`
/// @param shell what the shell forms use; null for the default
/// @param unknown the members of a base's config that we do not know, which are kept
public record ContainerConfig(
    String user,
    SortedSet<String> exposedPorts,
    List<String> env,
    @Nullable List<String> entrypoint,
    @Nullable List<String> cmd,
    SortedSet<String> volumes,
    String workingDir,
    SortedMap<String, String> labels,
    String stopSignal,
    boolean argsEscaped,
    @Nullable Healthcheck healthcheck,
    List<String> onBuild,
    @Nullable List<String> shell,
    SortedMap<String, Object> unknown) {

  /// A config that says nothing.
  public static final ContainerConfig EMPTY =
      new ContainerConfig(
          "",
          Collections.emptySortedSet(),
          List.of(),
          null,
          null,
          Collections.emptySortedSet(),
          "",
          Collections.emptySortedMap(),
          "",
          false,
          null,
          List.of(),
          null,
          Collections.emptySortedMap());

  public ContainerConfig {
    exposedPorts = Collections.unmodifiableSortedSet(new TreeSet<>(exposedPorts));
    env = EnvironmentList.of(env);
    entrypoint = copyOrNull(entrypoint);
    cmd = copyOrNull(cmd);
    volumes = Collections.unmodifiableSortedSet(new TreeSet<>(volumes));
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    onBuild = List.copyOf(onBuild);
    shell = copyOrNull(shell);
    unknown = Collections.unmodifiableSortedMap(new TreeMap<>(unknown));
  }

  private static @Nullable List<String> copyOrNull(@Nullable List<String> list) {
    return list == null ? null : List.copyOf(list);
  }

  /// The value of the environment variable `name`.
  public Optional<String> variable(String name) {
    var start = name + "=";
    return env.stream()
        .filter(variable -> variable.startsWith(start))
        .map(variable -> variable.substring(start.length()))
        .findFirst();
  }

  /// With `name` set to `value`: in its place if it is there, else at the end.
  public ContainerConfig withVariable(String name, String value) {
    return withEnv(EnvironmentList.of(env).with(name, value));
  }

  public ContainerConfig withUser(String replacement) {
    return with(draft -> draft.user = replacement);
  }

  public ContainerConfig withExposedPorts(SortedSet<String> replacement) {
    return with(draft -> draft.exposedPorts = replacement);
  }

  public ContainerConfig withEnv(List<String> replacement) {
    return with(draft -> draft.env = replacement);
  }

  public ContainerConfig withEntrypoint(@Nullable List<String> replacement) {
    return with(draft -> draft.entrypoint = replacement);
  }

  public ContainerConfig withCmd(@Nullable List<String> replacement) {
    return with(draft -> draft.cmd = replacement);
  }

  public ContainerConfig withVolumes(SortedSet<String> replacement) {
    return with(draft -> draft.volumes = replacement);
  }

  public ContainerConfig withWorkingDir(String replacement) {
    return with(draft -> draft.workingDir = replacement);
  }

  public ContainerConfig withLabels(SortedMap<String, String> replacement) {
    return with(draft -> draft.labels = replacement);
  }

  /// With one label more, or another value for it.
  public ContainerConfig withLabel(String name, String value) {
    var changed = new TreeMap<>(labels);
    changed.put(name, value);
    return withLabels(changed);
  }

  public ContainerConfig withStopSignal(String replacement) {
    return with(draft -> draft.stopSignal = replacement);
  }

  public ContainerConfig withArgsEscaped(boolean replacement) {
    return with(draft -> draft.argsEscaped = replacement);
  }

  public ContainerConfig withHealthcheck(@Nullable Healthcheck replacement) {
    return with(draft -> draft.healthcheck = replacement);
  }

  public ContainerConfig withOnBuild(List<String> replacement) {
    return with(draft -> draft.onBuild = replacement);
  }

  public ContainerConfig withShell(@Nullable List<String> replacement) {
    return with(draft -> draft.shell = replacement);
  }

  private ContainerConfig with(Consumer<Draft> change) {
    var draft = new Draft(this);
    change.accept(draft);
    return draft.config();
  }

  /// A config while one of its parts is exchanged; never leaves this class.
  private static final class Draft {
    private String user;
    private SortedSet<String> exposedPorts;
    private List<String> env;
    private @Nullable List<String> entrypoint;
    private @Nullable List<String> cmd;
    private SortedSet<String> volumes;
    private String workingDir;
    private SortedMap<String, String> labels;
    private String stopSignal;
    private boolean argsEscaped;
    private @Nullable Healthcheck healthcheck;
    private List<String> onBuild;
    private @Nullable List<String> shell;
    private final SortedMap<String, Object> unknown;

    private Draft(ContainerConfig from) {
      user = from.user;
      exposedPorts = from.exposedPorts;
      env = from.env;
      entrypoint = from.entrypoint;
      cmd = from.cmd;
      volumes = from.volumes;
      workingDir = from.workingDir;
      labels = from.labels;
      stopSignal = from.stopSignal;
      argsEscaped = from.argsEscaped;
      healthcheck = from.healthcheck;
      onBuild = from.onBuild;
      shell = from.shell;
      unknown = from.unknown;
    }

    private ContainerConfig config() {
      return new ContainerConfig(
          user,
          exposedPorts,
          env,
          entrypoint,
          cmd,
          volumes,
          workingDir,
          labels,
          stopSignal,
          argsEscaped,
          healthcheck,
          onBuild,
          shell,
          unknown);
    }
  }

  static ContainerConfig read(JsonObject json) throws ImageFormatException {
    return ContainerConfigJson.read(json);
  }

  Map<String, Object> write() {
    return ContainerConfigJson.write(this);
  }
}
