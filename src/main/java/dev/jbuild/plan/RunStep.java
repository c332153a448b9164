package dev.jbuild.plan;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// RUN.
///
/// @param argv the shell's and the script, or the exec form's; never empty
/// @param environment ENV and the arguments in scope, by name
/// @param proxies proxy variables given with `--build-arg`, where `environment` does not have them
///     so: set for the step in place of those, but part of no key, history or config
/// @param user as USER has it; empty for root
/// @param directory absolute and clean
/// @param mounts in the order written
/// @param script a file that the step finds at [#SCRIPTS], mode 0755: a here-document with `#!`
/// @param devices the names of those that it cannot go without
public record RunStep(
    Head head,
    List<String> argv,
    SortedMap<String, String> environment,
    SortedMap<String, String> proxies,
    String user,
    String directory,
    Network network,
    Security security,
    List<RunMount> mounts,
    Optional<Script> script,
    List<String> devices)
    implements Step {

  /// The read-only directory in which the step finds its [Script].
  public static final String SCRIPTS = "/dev/pipes";

  public RunStep {
    argv = List.copyOf(argv);
    environment = Collections.unmodifiableSortedMap(new TreeMap<>(environment));
    proxies = Collections.unmodifiableSortedMap(new TreeMap<>(proxies));
    mounts = List.copyOf(mounts);
    devices = List.copyOf(devices);
  }

  /// A file with a program that the step executes.
  ///
  /// @param name one component, never `.` or `..`
  public record Script(String name, String content) {}

  /// `--network`.
  public enum Network {
    DEFAULT,
    NONE,
    HOST
  }

  /// `--security`.
  public enum Security {
    SANDBOX,
    INSECURE
  }
}
