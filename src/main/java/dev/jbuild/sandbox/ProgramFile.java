package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// [StepProgram] in a file, for as long as steps are started. Safe for use by many threads.
final class ProgramFile implements AutoCloseable {

  /// The process that watches over the step.
  static final int KEEPER = 1;

  private static final int TRIES = 100;
  private static final int PAUSE_MILLIS = 10;

  private final Path file;

  private ProgramFile(Path file) {
    this.file = file;
  }

  /// @param directory of jbuild's own, on a file system that is not mounted noexec
  static ProgramFile write(Path directory, Processor processor) throws IOException {
    var owner = PosixFilePermissions.fromString("rwx------");
    var file =
        Files.createTempFile(
            directory.toAbsolutePath(),
            "step-",
            ".elf",
            PosixFilePermissions.asFileAttribute(owner));
    Files.write(file, StepProgram.forProcessor(processor));
    return new ProgramFile(file);
  }

  /// Runs a step whose calls are written down, to its end.
  ExitStatus run(StepSpec step, StartCalls calls, Wiring wiring, StepControl control, Kernel kernel)
      throws IOException, InterruptedException {
    return run(step, calls, wiring, control, kernel, KEEPER);
  }

  /// @param others how many processes may run besides the step's while its limit holds
  ExitStatus run(
      StepSpec step,
      StartCalls calls,
      Wiring wiring,
      StepControl control,
      Kernel kernel,
      int others)
      throws IOException, InterruptedException {
    var table = calls.table().encode(kernel.processor());
    var process = start();
    try (var group = StepGroup.around(process, step.allowance().quota(), others)) {
      var run = new StepRun(process, wiring, calls.isByRuntime());
      control.hold(run);
      run.feed(table, step.input());
      var report = run.await();
      return run.endedBy() == 0
          ? group.judge(new StepReport(step, calls, report).status())
          : ExitStatus.killed(run.endedBy());
    } finally {
      control.letGo();
    }
  }

  /// Another thread that starts a process holds, for a moment, a copy of the descriptor through
  /// which the program was written; until then the kernel does not execute it (ETXTBSY).
  private Process start() throws InterruptedException {
    var builder = new ProcessBuilder(file.toString()).directory(Path.of("/").toFile());
    builder.environment().clear();
    for (int i = 1; ; i++) {
      try {
        return builder.start();
      } catch (IOException e) {
        if (i >= TRIES || !isBusy(e)) {
          throw BuildFailure.of(
                  BuildFailure.Kind.SANDBOX,
                  "cannot start a program in " + Printable.of(file.getParent() + ""),
                  e)
              .hint("its file system must not be mounted noexec; --root moves the store");
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  private static boolean isBusy(IOException e) {
    return String.valueOf(e.getMessage()).contains("Text file busy");
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
