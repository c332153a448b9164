package dev.jbuild.sandbox;

import java.nio.file.Path;
import java.util.List;

/// The start of a container runtime, written down as system calls.
///
/// As with [StepCalls] there is a keeper outside, which lives as long as jbuild does. The runtime
/// is the first process of a process namespace around the container's own: with it all that it
/// started dies, however jbuild ended. What the step brings along is mounted in a mount namespace
/// that only the runtime sees, so that secrets never lie on a disk.
final class RuntimeCalls {

  private static final long CLONE_PIDFD = 0x1000;
  private static final long CLONE_NEWNS = 0x2_0000;
  private static final long CLONE_NEWCGROUP = 0x200_0000;
  private static final long CLONE_NEWPID = 0x2000_0000;
  private static final long SIGCHLD = 17;
  private static final int SIGKILL = 9;
  private static final long MS_PRIVATE = 1 << 18;
  private static final long PR_SET_PDEATHSIG = 1;
  private static final long KEYCTL_JOIN_SESSION_KEYRING = 1;
  private static final long POLLIN = 1;
  private static final String GROUPS = "/sys/fs/cgroup";

  private RuntimeCalls() {}

  /// @param command of the runtime
  /// @param ownGroups whether the runtime gets a view of control groups of version 2 alone: on a
  ///     machine with both versions crun starts under no other
  static StartCalls of(
      StepSpec step, RuntimeBundle bundle, List<String> command, Wiring wiring, boolean ownGroups) {
    var table = new CallTable();
    var runtime =
        new StepSpec(
            Path.of("/"),
            command,
            List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            "/",
            step.user(),
            Network.HOST,
            step.hostname(),
            List.of(),
            step.input());
    var start = new StartCalls(table, runtime, wiring, true);
    start.keeperBegins();
    long pollFds = table.words(POLLIN << 32, CallTable.REPORT);
    int pidFd = table.nextDescriptor();
    long flags = SIGCHLD | CLONE_PIDFD | CLONE_NEWNS | CLONE_NEWPID;
    int fork =
        table.fork("making namespaces", ownGroups ? flags | CLONE_NEWCGROUP : flags, 0, pollFds);
    table.call(SystemCall.PRCTL, "asking to die with jbuild", PR_SET_PDEATHSIG, SIGKILL);
    table.call(SystemCall.SETSID, "making a session");
    table.attempt(SystemCall.KEYCTL, "making a keyring", KEYCTL_JOIN_SESSION_KEYRING, 0);
    int early = start.openEarly();
    mount(table, step, bundle, wiring, ownGroups);
    start.streams(early);
    start.closeDescriptors();
    start.execute();
    table.parentGoesOnHere(fork);
    StepCalls.keeperEnds(table, pollFds, pidFd);
    return start;
  }

  private static void mount(
      CallTable table, StepSpec step, RuntimeBundle bundle, Wiring wiring, boolean ownGroups) {
    var mounts = new MountCalls(table);
    table.call(
        SystemCall.MOUNT,
        "parting from the machine's mounts",
        0,
        table.text("/"),
        0,
        MountCalls.MS_REC | MS_PRIVATE,
        0);
    checkMountPoints(mounts, step);
    var extras = new ExtraCalls(mounts, step);
    extras.openSources();
    var memory = bundle.memory().toString();
    extras.writeContents(mounts.openPath(memory), memory);
    extras.attachAt(bundle::place);
    mounts.mountOn("mounting /proc", "/proc", "proc", MountCalls.BARE, "");
    if (wiring instanceof Wiring.Terminal terminal) {
      mounts.bind("mounting /dev/pts", terminal.instance().toString(), "/dev/pts");
    }
    if (ownGroups) {
      mounts.mountOn("mounting " + GROUPS, GROUPS, "cgroup2", MountCalls.BARE, "");
    }
  }

  /// A link in their place is followed by old runtimes out of the root (CVE-2026-41579 for /dev,
  /// which runc 1.1.5 was seen to do). Nobody changes the root between this and the runtime.
  private static void checkMountPoints(MountCalls mounts, StepSpec step) {
    int root = mounts.openPath(step.root().toAbsolutePath().toString());
    for (var path : List.of("/dev", "/proc", "/sys")) {
      mounts.resolve(
          "opening the mount point",
          root,
          path,
          MountCalls.RESOLVE_IN_ROOT | MountCalls.RESOLVE_NO_SYMLINKS);
    }
  }
}
