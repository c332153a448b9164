package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import java.io.IOException;
import java.nio.file.Path;

/// Runs steps in Linux namespaces of their own: mounts, processes, IPC, host name, cgroup view and,
/// on request, network.
///
/// Needs CAP_SYS_ADMIN: the machine's, or that of the user namespace which the launcher makes.
public final class Namespaces implements Sandbox {

  private final Path directory;
  private final ProgramFile program;
  private final Kernel kernel;
  private final byte[] filter;

  private Namespaces(Path directory, ProgramFile program, Kernel kernel) {
    this.directory = directory;
    this.program = program;
    this.kernel = kernel;
    this.filter = BpfInstruction.encode(SeccompFilter.forProcessor(kernel.processor()));
  }

  /// @param directory as for [Sandbox#open]
  /// @throws BuildFailure on a processor that jbuild runs no steps on
  static Namespaces open(Path directory) throws IOException {
    var kernel = Kernel.probe();
    var program = ProgramFile.write(directory, kernel.processor());
    return new Namespaces(directory.toAbsolutePath(), program, kernel);
  }

  @Override
  public SandboxKind kind() {
    return SandboxKind.NAMESPACES;
  }

  @Override
  public ExitStatus run(StepSpec step, StepStreams streams, StepControl control)
      throws IOException, InterruptedException {
    try (var wiring = Wiring.of(streams, directory, kernel)) {
      var calls = StepCalls.of(step, wiring, kernel, filter);
      var table = calls.table().encode(kernel.processor());
      var process = program.start();
      try (var group = StepGroup.around(process, step.allowance().quota())) {
        var run = new StepRun(process, wiring);
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
  }

  @Override
  public void close() throws IOException {
    program.close();
  }
}
