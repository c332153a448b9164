package dev.jbuild.sandbox;

import dev.jbuild.failure.Printable;

/// A step of a [Chroot] written down as system calls.
///
/// As for namespaces the program becomes keeper and step. Without a process namespace nothing dies
/// with the step's first process, so the keeper is the one to whom orphans fall
/// (PR_SET_CHILD_SUBREAPER), and kills its children until there is none: whoever left the session
/// of the step, or its process group, is among them.
final class ChrootCalls {

  private static final long CLONE_PIDFD = 0x1000;
  private static final long SIGCHLD = 17;
  private static final int SIGKILL = 9;
  private static final long PR_SET_PDEATHSIG = 1;
  private static final long PR_SET_CHILD_SUBREAPER = 36;
  private static final long KEYCTL_JOIN_SESSION_KEYRING = 1;
  private static final long POLLIN = 1;
  private static final long P_PIDFD = 3;
  private static final long WEXITED = 4;
  private static final int REPORT_SIZE = 48;

  private final CallTable table = new CallTable();
  private final StepSpec step;
  private final Kernel kernel;
  private final byte[] filter;
  private final StartCalls start;

  private ChrootCalls(StepSpec step, Wiring wiring, Kernel kernel, byte[] filter) {
    this.step = step;
    this.kernel = kernel;
    this.filter = filter;
    this.start = new StartCalls(table, step, wiring);
    write();
  }

  /// @param filter the system calls that the step may make, as [SeccompFilter] tells; left to the
  ///     container around where none can be installed without no_new_privs, which stops sudo
  static StartCalls of(StepSpec step, Wiring wiring, Kernel kernel, byte[] filter) {
    kernel.checkIds(step.user());
    return new ChrootCalls(step, wiring, kernel, filter).start;
  }

  private void write() {
    start.keeperBegins();
    table.call(SystemCall.PRCTL, "adopting orphans", PR_SET_CHILD_SUBREAPER, 1);
    long pollFds = table.words(POLLIN << 32, CallTable.REPORT); // each: fd, events, 0
    int pidFd = table.nextDescriptor();
    int fork = table.fork("making a process", SIGCHLD | CLONE_PIDFD, 0, pollFds);
    table.call(SystemCall.PRCTL, "asking to die with jbuild", PR_SET_PDEATHSIG, SIGKILL);
    table.call(SystemCall.SETSID, "making a session");
    table.attempt(SystemCall.KEYCTL, "making a keyring", KEYCTL_JOIN_SESSION_KEYRING, 0);
    int early = start.openEarly();
    changeRoot();
    start.streams(early);
    start.closeDescriptors();
    start.directory();
    start.limits();
    privileges().write(step.user(), step.allowance());
    start.execute();
    table.parentGoesOnHere(fork);
    keeperEnds(pollFds, pidFd);
  }

  private PrivilegeCalls privileges() {
    return Capabilities.mayFilter(kernel.allCapabilities())
        ? new PrivilegeCalls(table, kernel, filter)
        : new PrivilegeCalls(table, kernel);
  }

  private void changeRoot() {
    var path = step.root().toAbsolutePath().toString();
    var about = "entering " + Printable.of(path);
    table.call(SystemCall.CHDIR, about, table.text(path));
    table.call(SystemCall.CHROOT, "changing the root", table.text("."));
    table.call(SystemCall.CHDIR, "entering the root", table.text("/"));
  }

  /// Waits, kills, reports what waitid(2) says.
  private void keeperEnds(long pollFds, int pidFd) {
    table.attempt(SystemCall.PPOLL, "waiting for the step", pollFds, 2, 0, 0, 0);
    table.attempt(SystemCall.PIDFD_SEND_SIGNAL, "ending the step", pidFd, SIGKILL, 0, 0);
    // The marker, 128 bytes for a siginfo_t.
    long report =
        table.words(CallTable.SIGNAL_INFORMATION, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    table.call(SystemCall.WAITID, "waiting for the step", P_PIDFD, pidFd, report + 8, WEXITED, 0);
    table.sweep("ending what the step left behind");
    table.call(SystemCall.WRITE, "reporting", CallTable.REPORT, report, REPORT_SIZE);
    table.call(SystemCall.EXIT_GROUP, "ending", 0);
  }
}
