package dev.jbuild.build;

import dev.jbuild.sandbox.Allowance;
import dev.jbuild.sandbox.Network;
import dev.jbuild.sandbox.Quota;
import dev.jbuild.sandbox.SandboxKind;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What the command line gives to all RUN steps of a build, or keeps from them.
///
/// @param network the most that a step may reach
/// @param secrets for those who ask for them
/// @param agents SSH agents, likewise
/// @param mayBePrivileged whether RUN --security=insecure is granted
/// @param hosts more lines of /etc/hosts
/// @param sharedMemory the size of /dev/shm in bytes
/// @param limits resource limits
/// @param quota how much of the machine each step may take. Part of no key: it decides whether a
///     step ends well, not what it makes
/// @param sandbox the kind that is wanted; empty: the best that works. Part of no key: what a step
///     makes is the same in all of them
public record StepSettings(
    Network network,
    Secrets secrets,
    SshAgents agents,
    boolean mayBePrivileged,
    List<Host> hosts,
    OptionalLong sharedMemory,
    List<Allowance.Limit> limits,
    Quota quota,
    Optional<SandboxKind> sandbox) {

  public StepSettings {
    hosts = List.copyOf(hosts);
    limits = List.copyOf(limits);
  }

  /// What of these goes into the key of a step: what it can see of them, but no address, as with
  /// other builders, and no value.
  String key() {
    var text = new StringBuilder();
    hosts.stream().map(Host::name).sorted().forEach(name -> text.append(name).append('\n'));
    sharedMemory.ifPresent(size -> text.append("shm ").append(size).append('\n'));
    limits.forEach(limit -> text.append(limit).append('\n'));
    return text.toString();
  }

  /// A name for an address, as `--add-host` gives it.
  ///
  /// @param name fit for a line of /etc/hosts
  /// @param address as digits
  public record Host(String name, String address) {}
}
