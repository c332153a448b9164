package dev.jbuild.sandbox;

/// What starts a step's process once more from inside of its sandbox, with the same program,
/// arguments, environment and directory: a program, and what it reads from its standard input.
///
/// So no shell and no tool of the image is needed for it, and no variable, which may hold a secret,
/// stands on a command line.
public final class StepAgain {

  private static final long O_RDWR = 2;
  private static final long O_CLOEXEC = 0x8_0000;
  private static final long AT_FDCWD = -100;

  private StepAgain() {}

  /// The bytes of the program, an executable file.
  public static byte[] program() {
    return StepProgram.forProcessor(Processor.current());
  }

  /// What the program has to read for it to become the process of `step`, for whoever is its user
  /// already. It reads /dev/null then, as in a build.
  public static byte[] calls(StepSpec step) {
    var table = new CallTable();
    var about = "running the step again";
    table.call(SystemCall.CLOSE_RANGE, about, CallTable.REPORT, 0xFFFF_FFFFL);
    long nothing = table.text("/dev/null");
    // The lowest free descriptor is REPORT: nobody reads reports here.
    table.call(SystemCall.OPENAT, about, AT_FDCWD, nothing, O_RDWR | O_CLOEXEC);
    table.call(SystemCall.DUP3, about, CallTable.REPORT, 0, 0);
    table.call(SystemCall.UMASK, about, 022);
    table.call(SystemCall.CHDIR, about, table.text(step.directory()));
    long argv = table.pointers(step.argv());
    long environment = table.pointers(step.environment());
    for (var candidate : StartCalls.candidates(step)) {
      table.attempt(SystemCall.EXECVE, about, table.text(candidate), argv, environment);
    }
    table.call(SystemCall.EXIT_GROUP, about, ExitStatus.NOT_FOUND);
    return table.encode(Processor.current());
  }
}
