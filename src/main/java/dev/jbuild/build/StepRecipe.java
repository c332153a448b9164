package dev.jbuild.build;

import dev.jbuild.failure.Utf8;
import dev.jbuild.plan.ImagePath;
import dev.jbuild.plan.RunMount;
import dev.jbuild.plan.RunStep;
import dev.jbuild.plan.Step;
import dev.jbuild.sandbox.Allowance;
import dev.jbuild.sandbox.Network;
import dev.jbuild.sandbox.Quota;
import dev.jbuild.sandbox.StepMount;
import dev.jbuild.sandbox.StepSpec;
import dev.jbuild.sandbox.StepUser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/// How a process of a step is run: all but the files below it and the values of secrets and
/// proxies.
///
/// @param argv of the instruction; empty if it runs nothing
/// @param environment by name
/// @param proxies names of proxy variables that are set too; their values may hold a password
/// @param user as USER has it; empty for root
/// @param directory absolute
/// @param hosts more lines of /etc/hosts
/// @param sharedMemory the size of /dev/shm in bytes
/// @param shell the SHELL in force
record StepRecipe(
    List<String> argv,
    SortedMap<String, String> environment,
    List<String> proxies,
    String user,
    String directory,
    Network network,
    boolean isPrivileged,
    String hostname,
    List<StepSettings.Host> hosts,
    OptionalLong sharedMemory,
    List<Allowance.Limit> limits,
    Quota quota,
    Optional<RunStep.Script> script,
    List<RunMount> mounts,
    List<String> shell) {

  private static final List<String> USUAL_SHELL = List.of("/bin/sh", "-c");

  StepRecipe {
    argv = List.copyOf(argv);
    environment = Collections.unmodifiableSortedMap(new TreeMap<>(environment));
    proxies = List.copyOf(proxies);
    hosts = List.copyOf(hosts);
    limits = List.copyOf(limits);
    mounts = List.copyOf(mounts);
    shell = List.copyOf(shell);
  }

  static StepRecipe of(RunStep step, RunLayer.Surroundings around) {
    var settings = around.settings();
    var shell = step.after().shell();
    return new StepRecipe(
        step.argv(),
        step.environment(),
        List.copyOf(step.proxies().keySet()),
        step.user(),
        step.directory(),
        network(step, settings),
        step.security() == RunStep.Security.INSECURE,
        around.hostname(),
        settings.hosts(),
        settings.sharedMemory(),
        settings.limits(),
        settings.quota(),
        step.script(),
        step.mounts(),
        shell == null ? USUAL_SHELL : shell);
  }

  /// Of a step that runs nothing: what a process would find that ran after it.
  static StepRecipe after(Step step, RunLayer.Surroundings around) {
    var config = step.after();
    var environment = new TreeMap<String, String>();
    for (var variable : config.env()) {
      int equals = variable.indexOf('=');
      environment.put(
          equals < 0 ? variable : variable.substring(0, equals),
          equals < 0 ? "" : variable.substring(equals + 1));
    }
    var shell = config.shell();
    return new StepRecipe(
        List.of(),
        environment,
        List.of(),
        config.user(),
        ImagePath.workingDirectory(config.workingDir()),
        around.settings().network(),
        false,
        around.hostname(),
        around.settings().hosts(),
        around.settings().sharedMemory(),
        around.settings().limits(),
        around.settings().quota(),
        Optional.empty(),
        List.of(),
        shell == null ? USUAL_SHELL : shell);
  }

  /// `--network none` of the command line beats whatever the Dockerfile says (case 72).
  private static Network network(RunStep step, StepSettings settings) {
    return step.network() == RunStep.Network.NONE || settings.network() == Network.NONE
        ? Network.NONE
        : Network.HOST;
  }

  /// The process, ready for a sandbox; of a step that runs nothing, its shell.
  ///
  /// @param root where the root file system is
  /// @param targets finds where mounts end up in it
  /// @param identity of the user there
  /// @param given the mounts of the step, open
  /// @param proxyValues by name
  StepSpec spec(
      Path root,
      MountTargets targets,
      Accounts.Identity identity,
      StepMounts given,
      SortedMap<String, String> proxyValues)
      throws IOException {
    var variables = new TreeMap<>(environment);
    variables.putAll(proxyValues);
    variables.putAll(given.environment());
    variables.putIfAbsent("HOME", identity.home());
    var all = new ArrayList<>(NetworkFiles.forStep(hostname, hosts));
    all.addAll(given.mounts());
    script.ifPresent(
        file ->
            all.add(
                new StepMount.Content(
                    RunStep.SCRIPTS + "/" + file.name(),
                    Utf8.encode(file.content()),
                    0755,
                    0,
                    0,
                    true)));
    var assignments = new ArrayList<String>();
    variables.forEach((name, value) -> assignments.add(name + "=" + value));
    return new StepSpec(
        root,
        argv.isEmpty() ? shell : argv,
        assignments,
        directory,
        new StepUser(identity.uid(), identity.gid(), identity.groups()),
        network,
        hostname,
        targets.place(all),
        new Allowance(isPrivileged, sharedMemory, limits, quota),
        null);
  }
}
