package dev.jbuild.sandbox;

/// A step written down as system calls, in their order.
///
/// The program becomes two processes. The *keeper* stays outside, in a session of its own (so that
/// the step has no terminal of the person's to type into, CVE-2017-5226, and Ctrl-C reaches jbuild
/// alone). It waits for the step's first process to end or for jbuild to close its end of the
/// report pipe, which the kernel does for a jbuild that was killed; then it kills what is left, and
/// tells how the step ended. PR_SET_PDEATHSIG alone would not do: the kernel forgets it when the
/// step's process changes its user. The other process is the first one of new namespaces, and
/// becomes the step.
final class StepCalls {

  private static final long CLONE_PIDFD = 0x1000;
  private static final long CLONE_NEWNS = 0x2_0000;
  private static final long CLONE_NEWCGROUP = 0x200_0000;
  private static final long CLONE_NEWUTS = 0x400_0000;
  private static final long CLONE_NEWIPC = 0x800_0000;
  private static final long CLONE_NEWPID = 0x2000_0000;
  private static final long CLONE_NEWNET = 0x4000_0000;
  private static final long SIGCHLD = 17;
  private static final int SIGKILL = 9;

  private static final long O_CLOEXEC = 0x8_0000;
  private static final long PR_SET_PDEATHSIG = 1;
  private static final long KEYCTL_JOIN_SESSION_KEYRING = 1;
  private static final long POLLIN = 1;
  private static final long AF_INET = 2;
  private static final long SOCK_DGRAM = 2;
  private static final long SIOCSIFFLAGS = 0x8914;

  private final StepSpec step;
  private final Wiring wiring;
  private final Kernel kernel;
  private final byte[] filter;
  private final CallTable table = new CallTable();
  private final StartCalls start;

  private StepCalls(StepSpec step, Wiring wiring, Kernel kernel, byte[] filter) {
    this.step = step;
    this.wiring = wiring;
    this.kernel = kernel;
    this.filter = filter;
    this.start = new StartCalls(table, step, wiring);
    write();
  }

  /// @param filter the system calls that the step may make, as [SeccompFilter] tells
  /// @throws dev.jbuild.failure.BuildFailure if the step asks for what cannot be
  static StepCalls of(StepSpec step, Wiring wiring, Kernel kernel, byte[] filter) {
    kernel.checkIds(step.user());
    return new StepCalls(step, wiring, kernel, filter);
  }

  StartCalls start() {
    return start;
  }

  private void write() {
    start.keeperBegins();
    long pollFds = table.words(POLLIN << 32, CallTable.REPORT); // each: fd, events, 0
    int pidFd = table.nextDescriptor();
    int fork = table.fork("making namespaces", cloneFlags(), 0, pollFds);
    table.call(SystemCall.PRCTL, "asking to die with jbuild", PR_SET_PDEATHSIG, SIGKILL);
    table.call(SystemCall.SETSID, "making a session");
    table.attempt(SystemCall.KEYCTL, "making a keyring", KEYCTL_JOIN_SESSION_KEYRING, 0);
    int early = start.openEarly();
    new RootCalls(table, step, wiring, kernel).write();
    names();
    network();
    start.streams(early);
    start.closeDescriptors();
    start.directory();
    start.limits();
    new PrivilegeCalls(table, kernel, filter).write(step.user(), step.allowance());
    start.execute();
    table.parentGoesOnHere(fork);
    keeperEnds(table, pollFds, pidFd);
  }

  private long cloneFlags() {
    long flags = SIGCHLD | CLONE_PIDFD | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID;
    if (kernel.hasCgroupNamespaces()) {
      flags |= CLONE_NEWCGROUP;
    }
    return switch (step.network()) {
      case HOST -> flags;
      case NONE -> flags | CLONE_NEWNET;
    };
  }

  /// Waits, kills, reports: address 0, which is no record's, and the status of wait4(2).
  static void keeperEnds(CallTable table, long pollFds, int pidFd) {
    table.attempt(SystemCall.PPOLL, "waiting for the step", pollFds, 2, 0, 0, 0);
    table.attempt(SystemCall.PIDFD_SEND_SIGNAL, "ending the step", pidFd, SIGKILL, 0, 0);
    long report = table.words(0, 0);
    table.call(SystemCall.WAIT4, "waiting for the step", -1, report + 8, 0, 0);
    table.call(SystemCall.WRITE, "reporting", CallTable.REPORT, report, 16);
    table.call(SystemCall.EXIT_GROUP, "ending", 0);
  }

  private void names() {
    var name = step.hostname();
    table.call(SystemCall.SETHOSTNAME, "setting the host name", table.text(name), name.length());
    table.call(SystemCall.SETDOMAINNAME, "setting the domain name", table.text(""), 0);
  }

  private void network() {
    switch (step.network()) {
      case HOST -> {}
      case NONE -> {
        int socket =
            table.open(SystemCall.SOCKET, "opening a socket", AF_INET, SOCK_DGRAM | O_CLOEXEC, 0);
        var up = new byte[40]; // struct ifreq: name, flags
        up[0] = 'l';
        up[1] = 'o';
        up[16] = 0x41; // IFF_UP | IFF_RUNNING
        table.call(SystemCall.IOCTL, "starting lo", socket, SIOCSIFFLAGS, table.bytes(up));
      }
    }
  }
}
