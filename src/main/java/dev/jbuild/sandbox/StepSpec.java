package dev.jbuild.sandbox;

import dev.jbuild.failure.Printable;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One process to run: what, where, as whom, with what around it.
///
/// All text that becomes bytes for the kernel is [dev.jbuild.failure.Utf8] text.
///
/// @param root the root file system: a mounted overlay or a directory, seen by this process. Nobody
///     else may change it until the step has started
/// @param argv the program and its arguments; a program without a slash is looked for in the
///     directories of `PATH` in `environment`
/// @param environment `NAME=value`; the process gets exactly these
/// @param directory the working directory; must exist
/// @param mounts in the order of mounting, after /dev and before /proc and /sys, on which nothing
///     can be mounted
/// @param allowance what it may do and use
/// @param input what the process reads from its standard input, null for nothing (/dev/null)
public record StepSpec(
    Path root,
    List<String> argv,
    List<String> environment,
    String directory,
    StepUser user,
    Network network,
    String hostname,
    List<StepMount> mounts,
    Allowance allowance,
    @Nullable InputStream input) {

  public StepSpec {
    argv = List.copyOf(argv);
    environment = List.copyOf(environment);
    mounts = List.copyOf(mounts);
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("no program to run");
    }
    checkPath(directory);
  }

  /// The same with [Allowance#USUAL].
  public StepSpec(
      Path root,
      List<String> argv,
      List<String> environment,
      String directory,
      StepUser user,
      Network network,
      String hostname,
      List<StepMount> mounts,
      @Nullable InputStream input) {
    this(
        root,
        argv,
        environment,
        directory,
        user,
        network,
        hostname,
        mounts,
        Allowance.USUAL,
        input);
  }

  /// `argv` as root in `/` of `root`, without environment, mounts and input, on the host's network.
  public static StepSpec of(Path root, String... argv) {
    return new StepSpec(
        root,
        List.of(argv),
        List.of(),
        "/",
        StepUser.ROOT,
        Network.HOST,
        "jbuild",
        List.of(),
        null);
  }

  /// The same with limits for all its processes together.
  public StepSpec within(Quota quota) {
    return new StepSpec(
        root,
        argv,
        environment,
        directory,
        user,
        network,
        hostname,
        mounts,
        new Allowance(
            allowance.isPrivileged(), allowance.sharedMemory(), allowance.limits(), quota),
        input);
  }

  /// The same in another environment.
  StepSpec with(List<String> others) {
    return new StepSpec(
        root, argv, others, directory, user, network, hostname, mounts, allowance, input);
  }

  /// What must exist in [#root] before the step starts: directories and files to mount on. Whoever
  /// mounts the root makes what is missing, in a way that leaves no trace in the change.
  public List<MountPoint> mountPoints() {
    var points = new ArrayList<MountPoint>();
    for (var directory : List.of("/dev", "/proc", "/sys")) {
      points.add(new MountPoint(directory, true));
    }
    for (int i = 0; i < mounts.size(); i++) {
      if (!isMadeInside(i)) {
        points.add(new MountPoint(mounts.get(i).target(), mounts.get(i).isOnDirectory()));
      }
    }
    return List.copyOf(points);
  }

  /// Whether the mount point lies where another mount covers what the image has, so that only the
  /// step itself can make it.
  boolean isMadeInside(int index) {
    var target = mounts.get(index).target();
    return target.startsWith("/dev/")
        || mounts.subList(0, index).stream()
            .anyMatch(earlier -> target.startsWith(earlier.target() + "/"));
  }

  /// Whether a mount covers what the image has at the working directory.
  boolean isDirectoryCovered() {
    return mounts.stream().anyMatch(mount -> directory.startsWith(mount.target() + "/"));
  }

  static void checkPath(String path) {
    if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("not an absolute path: " + Printable.of(path));
    }
  }
}
