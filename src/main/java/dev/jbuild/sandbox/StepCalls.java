package dev.jbuild.sandbox;

import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.List;

/// A step written down as system calls, in their order.
///
/// The program becomes two processes. The *keeper* stays outside, in a session of its own (so that
/// the step has no terminal of the person's to type into, CVE-2017-5226, and Ctrl-C reaches jbuild
/// alone). It waits
/// for the step's first process to end or for jbuild to close its end of the report pipe, which the
/// kernel does for a jbuild that was killed; then it kills what is left, and tells how the step
/// ended. PR_SET_PDEATHSIG alone would not do: the kernel forgets it when the step's process
/// changes its user. The other process is the first one of new namespaces, and becomes the step.
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
  private static final int SIGSTOP = 19;
  private static final int LAST_SIGNAL = 64;

  private static final long O_WRONLY = 1;
  private static final long O_RDWR = 2;
  private static final long O_NOCTTY = 0x100;
  private static final long O_CLOEXEC = 0x8_0000;
  private static final long TIOCSCTTY = 0x540E;
  private static final long AT_FDCWD = -100;
  private static final long PR_SET_PDEATHSIG = 1;
  private static final long KEYCTL_JOIN_SESSION_KEYRING = 1;
  private static final long POLLIN = 1;
  private static final long AF_INET = 2;
  private static final long SOCK_DGRAM = 2;
  private static final long SIOCSIFFLAGS = 0x8914;

  private static final String USUAL_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final StepSpec step;
  private final Wiring wiring;
  private final Kernel kernel;
  private final byte[] filter;
  private final CallTable table = new CallTable();
  private final List<String> candidates;

  private StepCalls(StepSpec step, Wiring wiring, Kernel kernel, byte[] filter) {
    this.step = step;
    this.wiring = wiring;
    this.kernel = kernel;
    this.filter = filter;
    this.candidates = candidates(step);
    write();
  }

  /// @param filter the system calls that the step may make, as [SeccompFilter] tells
  /// @throws dev.jbuild.failure.BuildFailure if the step asks for what cannot be
  static StepCalls of(StepSpec step, Wiring wiring, Kernel kernel, byte[] filter) {
    kernel.checkIds(step.user());
    return new StepCalls(step, wiring, kernel, filter);
  }

  CallTable table() {
    return table;
  }

  /// Under which names the step's program is looked for.
  List<String> candidates() {
    return candidates;
  }

  private void write() {
    keeperBegins();
    long pollFds = table.words(POLLIN << 32, CallTable.REPORT); // each: fd, events, 0
    int pidFd = table.nextDescriptor();
    int fork = table.fork("making namespaces", cloneFlags(), 0, pollFds);
    table.call(SystemCall.PRCTL, "asking to die with jbuild", PR_SET_PDEATHSIG, SIGKILL);
    table.call(SystemCall.SETSID, "making a session");
    table.attempt(SystemCall.KEYCTL, "making a keyring", KEYCTL_JOIN_SESSION_KEYRING, 0);
    int errors = openErrors();
    new RootCalls(table, step, wiring, kernel).write();
    names();
    network();
    streams(errors);
    table.call(SystemCall.CLOSE_RANGE, "closing descriptors", CallTable.REPORT + 1, 0xFFFF_FFFFL);
    directory();
    limits();
    new PrivilegeCalls(table, kernel, filter).write(step.user(), step.allowance());
    execute();
    table.parentGoesOnHere(fork);
    keeperEnds(pollFds, pidFd);
  }

  /// Puts descriptors in order and gives signals their usual meaning, whatever jbuild was started
  /// with (nohup, a background job of a script).
  private void keeperBegins() {
    table.call(SystemCall.CLOSE_RANGE, "closing descriptors", 3, 0xFFFF_FFFFL);
    table.call(SystemCall.DUP3, "moving a descriptor", 2, CallTable.REPORT, O_CLOEXEC);
    table.call(SystemCall.DUP3, "moving a descriptor", 1, 2, 0);
    long zeros = table.words(0, 0, 0, 0); // struct sigaction: SIG_DFL
    for (int signal = 1; signal <= LAST_SIGNAL; signal++) {
      if (signal != SIGKILL && signal != SIGSTOP) {
        table.call(SystemCall.RT_SIGACTION, "resetting signals", signal, zeros, 0, 8);
      }
    }
    long setMask = 2;
    table.call(SystemCall.RT_SIGPROCMASK, "resetting signals", setMask, zeros, 0, 8);
    table.call(SystemCall.SETSID, "making a session");
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
  private void keeperEnds(long pollFds, int pidFd) {
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

  /// While the machine's files are in sight.
  private int openErrors() {
    return switch (wiring) {
      case Wiring.Plain _, Wiring.Terminal _ -> -1;
      case Wiring.Apart apart ->
          table.open(
              SystemCall.OPENAT,
              "opening the pipe for errors",
              AT_FDCWD,
              table.text(apart.path().toString()),
              O_WRONLY | O_CLOEXEC);
    };
  }

  private void streams(int errors) {
    switch (wiring) {
      case Wiring.Plain _ -> input();
      case Wiring.Apart _ -> {
        input();
        table.call(SystemCall.DUP3, "moving a descriptor", errors, 2, 0);
      }
      case Wiring.Terminal terminal -> terminal(terminal.slave());
    }
  }

  /// Without input of its own the step reads /dev/null, where the table came from.
  private void input() {
    if (step.input() == null) {
      int empty =
          table.open(
              SystemCall.OPENAT, "opening /dev/null", AT_FDCWD, table.text("/dev/null"), O_CLOEXEC);
      table.call(SystemCall.DUP3, "moving a descriptor", empty, 0, 0);
    }
  }

  /// The process leads a session, so it can have a terminal; that belongs to its user, who else
  /// could not open it again by name.
  private void terminal(String path) {
    var about = "opening the terminal";
    long name = table.text(path);
    long group = -1; // as it is
    table.call(SystemCall.FCHOWNAT, about, AT_FDCWD, name, step.user().uid(), group, 0);
    int slave = table.open(SystemCall.OPENAT, about, AT_FDCWD, name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    table.call(SystemCall.IOCTL, "taking the terminal", slave, TIOCSCTTY, 0);
    for (int stream = 0; stream <= 2; stream++) {
      table.call(SystemCall.DUP3, "moving a descriptor", slave, stream, 0);
    }
  }

  /// Enters the working directory as root, as container runtimes do: `WORKDIR /root` and `USER app`
  /// go together. All descriptors but three pipes are closed, so that /proc/self/fd leads nowhere
  /// (CVE-2024-21626).
  private void directory() {
    table.call(SystemCall.UMASK, "setting the umask", 022);
    table.call(
        SystemCall.CHDIR,
        "entering the working directory " + Printable.of(step.directory()),
        table.text(step.directory()));
  }

  /// While privilege is held, as far as jbuild has any: a hard limit may only be lowered without.
  private void limits() {
    for (var limit : step.allowance().limits()) {
      table.call(
          SystemCall.PRLIMIT64,
          "setting the limit " + limit.resource().text(),
          0,
          limit.resource().number(),
          table.words(limit.soft(), limit.hard()),
          0);
    }
  }

  private void execute() {
    long argv = table.pointers(step.argv());
    long environment = table.pointers(step.environment());
    for (var candidate : candidates) {
      table.attempt(
          SystemCall.EXECVE,
          "executing " + Printable.of(candidate),
          table.text(candidate),
          argv,
          environment);
    }
    table.call(SystemCall.EXIT_GROUP, "ending", 127);
  }

  private static List<String> candidates(StepSpec step) {
    var program = step.argv().getFirst();
    if (program.contains("/")) {
      return List.of(program);
    }
    var candidates = new ArrayList<String>();
    for (var directory : path(step.environment()).split(":", -1)) {
      candidates.add((directory.isEmpty() ? "." : directory) + "/" + program);
    }
    return List.copyOf(candidates);
  }

  private static String path(List<String> environment) {
    return environment.stream()
        .filter(entry -> entry.startsWith("PATH="))
        .map(entry -> entry.substring("PATH=".length()))
        .reduce(USUAL_PATH, (_, later) -> later);
  }
}
