package dev.jbuild.build;

import dev.jbuild.image.ContainerConfig;
import dev.jbuild.sandbox.Allowance;
import dev.jbuild.sandbox.Network;
import dev.jbuild.sandbox.SandboxKind;
import dev.jbuild.sandbox.StepMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// How a container is started from an image.
///
/// @param command what replaces the image's CMD; empty: the image's own
/// @param entrypoint what replaces the image's ENTRYPOINT, and drops its CMD; an empty text: none
/// @param environment variables over the image's
/// @param user and `directory`: instead of the image's
/// @param groups more supplementary groups, names or numbers
/// @param hosts more lines of /etc/hosts
/// @param mounts their targets as the image has them, links and all
/// @param volumesFrom kept containers whose mounts and VOLUMEs it has too
/// @param sandbox the kind that is wanted; empty: the best that works
public record RunRequest(
    List<String> command,
    Optional<String> entrypoint,
    SortedMap<String, String> environment,
    Optional<String> user,
    List<String> groups,
    Optional<String> directory,
    Network network,
    Optional<String> hostname,
    List<StepSettings.Host> hosts,
    List<StepMount> mounts,
    List<VolumesFrom> volumesFrom,
    Allowance allowance,
    Optional<SandboxKind> sandbox) {

  public RunRequest {
    command = List.copyOf(command);
    groups = List.copyOf(groups);
    hosts = List.copyOf(hosts);
    mounts = List.copyOf(mounts);
    volumesFrom = List.copyOf(volumesFrom);
  }

  /// A kept container whose volumes another one has.
  public record VolumesFrom(KeptState state, boolean isReadOnly) {}

  /// The same for a container that was run before: what is not asked for is as it was then, but
  /// variables, which nobody wrote down.
  RunRequest again(ContainerSpec before) {
    var all = new ArrayList<StepMount>(mounts);
    var own = mounts.stream().map(StepMount::target).toList();
    before.binds().stream().filter(bind -> !own.contains(bind.target())).forEach(all::add);
    return new RunRequest(
        command,
        entrypoint,
        environment,
        user.or(before::user),
        groups,
        directory.or(before::directory),
        network,
        hostname.or(before::hostname),
        hosts,
        all,
        volumesFrom,
        allowance,
        sandbox);
  }

  /// The program and its arguments (the table in dockerfile-rules.md 8); empty if there is nothing
  /// to run.
  List<String> argv(ContainerConfig config) {
    var argv = new ArrayList<String>();
    if (entrypoint.isPresent()) {
      if (!entrypoint.get().isEmpty()) {
        argv.add(entrypoint.get());
      }
      argv.addAll(command);
      return argv;
    }
    var own = config.entrypoint();
    if (own != null) {
      argv.addAll(own);
    }
    var cmd = config.cmd();
    argv.addAll(!command.isEmpty() || cmd == null ? command : cmd);
    return argv;
  }
}
