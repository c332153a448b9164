package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// Runs steps in Linux namespaces of their own: mounts, processes, IPC, host name, cgroup view and,
/// on request, network.
///
/// Needs CAP_SYS_ADMIN: the machine's, or that of the user namespace which the launcher makes. Safe
/// for use by many threads, one step each.
public final class Namespaces implements AutoCloseable {

  private static final int TRIES = 100;
  private static final int PAUSE_MILLIS = 10;

  private final Path program;
  private final Kernel kernel;
  private final byte[] filter;

  private Namespaces(Path program, Kernel kernel) {
    this.program = program;
    this.kernel = kernel;
    this.filter = BpfInstruction.encode(SeccompFilter.forProcessor(kernel.processor()));
  }

  /// @param directory of jbuild's own, on a file system that is not mounted noexec; a small program
  ///     lies there while this is open
  /// @throws BuildFailure on a processor that jbuild runs no steps on
  public static Namespaces open(Path directory) throws IOException {
    var kernel = Kernel.probe();
    var owner = PosixFilePermissions.fromString("rwx------");
    var program =
        Files.createTempFile(
            directory.toAbsolutePath(),
            "step-",
            ".elf",
            PosixFilePermissions.asFileAttribute(owner));
    Files.write(program, StepProgram.forProcessor(kernel.processor()));
    return new Namespaces(program, kernel);
  }

  /// Runs a step and waits until it and every process it left behind are gone.
  ///
  /// When the thread is interrupted, or `output` throws, the step is killed first. When jbuild
  /// dies, in whatever way, the step dies too.
  ///
  /// @throws BuildFailure if the sandbox cannot be made, naming what failed
  public ExitStatus run(StepSpec step, StepOutput output) throws IOException, InterruptedException {
    var calls = StepCalls.of(step, kernel, filter);
    var table = calls.table().encode(kernel.processor());
    var run = new StepRun(start(), output);
    run.feed(table, step.input());
    return new StepReport(step, calls, run.await()).status();
  }

  /// Whether steps can run programs for `architecture`, a name as images have it: `arm64`.
  ///
  /// Found out by running the smallest one, as a step, in a root in which nothing else is.
  ///
  /// @param root an empty directory for it
  /// @throws BuildFailure if the sandbox cannot be made at all
  public Execution tries(String architecture, Path root) throws IOException, InterruptedException {
    var smallest = ExitProgram.of(architecture);
    if (smallest.isEmpty()) {
      return Execution.UNKNOWN;
    }
    var all = PosixFilePermissions.fromString("rwxr-xr-x");
    Files.setPosixFilePermissions(root, all);
    var file = Files.write(root.resolve("exit"), smallest.get().bytes());
    Files.setPosixFilePermissions(file, all);
    var step = StepSpec.of(root, "/exit");
    for (var point : step.mountPoints()) {
      Files.createDirectory(root.resolve(point.path().substring(1)));
    }
    return switch (run(step, (_, _) -> {}).code()) {
      case 0 -> Execution.RUNS;
      case ExitStatus.NOT_EXECUTABLE -> Execution.NO_EMULATOR;
      case ExitStatus.NOT_FOUND -> Execution.IN_IMAGE_ONLY;
      default -> Execution.UNKNOWN;
    };
  }

  /// Another thread that starts a process holds, for a moment, a copy of the descriptor through
  /// which the program was written; until then the kernel does not execute it (ETXTBSY).
  private Process start() throws InterruptedException {
    var builder = new ProcessBuilder(program.toString()).directory(Path.of("/").toFile());
    builder.environment().clear();
    for (int i = 1; ; i++) {
      try {
        return builder.start();
      } catch (IOException e) {
        if (i >= TRIES || !isBusy(e)) {
          throw BuildFailure.of(
                  BuildFailure.Kind.SANDBOX,
                  "cannot start a program in " + Printable.of(program.getParent() + ""),
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

  /// Removes the program.
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(program);
  }
}
