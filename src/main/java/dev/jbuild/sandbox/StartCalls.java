package dev.jbuild.sandbox;

import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.List;

/// The calls that begin and end the start of a step, whatever its sandbox is.
final class StartCalls {

  private static final int SIGKILL = 9;
  private static final int SIGSTOP = 19;
  private static final int LAST_SIGNAL = 64;
  private static final long O_WRONLY = 1;
  private static final long O_RDWR = 2;
  private static final long O_NOCTTY = 0x100;
  private static final long O_CLOEXEC = 0x8_0000;
  private static final long TIOCSCTTY = 0x540E;
  private static final long AT_FDCWD = -100;

  private static final String USUAL_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final CallTable table;
  private final StepSpec step;
  private final Wiring wiring;
  private final List<String> candidates;
  private final boolean isByRuntime;

  StartCalls(CallTable table, StepSpec step, Wiring wiring) {
    this(table, step, wiring, false);
  }

  /// @param isByRuntime whether `step` is a container runtime
  StartCalls(CallTable table, StepSpec step, Wiring wiring, boolean isByRuntime) {
    this.isByRuntime = isByRuntime;
    this.table = table;
    this.step = step;
    this.wiring = wiring;
    this.candidates = candidates(step);
  }

  CallTable table() {
    return table;
  }

  boolean isByRuntime() {
    return isByRuntime;
  }

  /// Under which names the step's program is looked for.
  List<String> candidates() {
    return candidates;
  }

  /// Puts descriptors in order and gives signals their usual meaning, whatever jbuild was started
  /// with (nohup, a background job of a script).
  void keeperBegins() {
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

  /// While the machine's files are in sight.
  int openEarly() {
    return switch (wiring) {
      case Wiring.Plain _ -> -1;
      case Wiring.Terminal terminal ->
          terminal.own().isPresent() ? -1 : openTerminal(table.text(terminal.slave()));
      case Wiring.Apart apart ->
          table.open(
              SystemCall.OPENAT,
              "opening the pipe for errors",
              AT_FDCWD,
              table.text(apart.path().toString()),
              O_WRONLY | O_CLOEXEC);
    };
  }

  /// Standard input, output and error, each as the wiring says.
  ///
  /// @param early what [#openEarly] said
  void streams(int early) {
    switch (wiring) {
      case Wiring.Plain _ -> input();
      case Wiring.Apart _ -> {
        input();
        table.call(SystemCall.DUP3, "moving a descriptor", early, 2, 0);
      }
      case Wiring.Terminal terminal ->
          takeTerminal(early >= 0 ? early : openTerminal(table.text(terminal.slave())));
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

  /// It belongs to the step's user, who else could not open it again by name.
  private int openTerminal(long name) {
    var about = "opening the terminal";
    long group = -1; // as it is
    table.call(SystemCall.FCHOWNAT, about, AT_FDCWD, name, step.user().uid(), group, 0);
    return table.open(SystemCall.OPENAT, about, AT_FDCWD, name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  }

  /// The process leads a session, so it can have a terminal.
  private void takeTerminal(int slave) {
    table.call(SystemCall.IOCTL, "taking the terminal", slave, TIOCSCTTY, 0);
    for (int stream = 0; stream <= 2; stream++) {
      table.call(SystemCall.DUP3, "moving a descriptor", slave, stream, 0);
    }
  }

  /// Enters the working directory as root, as container runtimes do: `WORKDIR /root` and `USER app`
  /// go together.
  void directory() {
    table.call(SystemCall.UMASK, "setting the umask", 022);
    table.call(
        SystemCall.CHDIR,
        "entering the working directory " + Printable.of(step.directory()),
        table.text(step.directory()));
  }

  /// While privilege is held, as far as jbuild has any: a hard limit may only be lowered without.
  void limits() {
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

  void execute() {
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

  /// All descriptors but three pipes are closed, so that /proc/self/fd leads nowhere
  /// (CVE-2024-21626).
  void closeDescriptors() {
    table.call(SystemCall.CLOSE_RANGE, "closing descriptors", CallTable.REPORT + 1, 0xFFFF_FFFFL);
  }

  static List<String> candidates(StepSpec step) {
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
