package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import java.io.IOException;
import java.nio.file.Path;

/// Runs steps in Linux namespaces of their own: mounts, processes, IPC, host name, cgroup view and,
/// on request, network.
///
/// Needs CAP_SYS_ADMIN: the machine's, or that of the user namespace which the launcher makes.
public final class Namespaces implements Sandbox {

  private final ProgramFile program;
  private final Kernel kernel;
  private final byte[] filter;

  private Namespaces(ProgramFile program, Kernel kernel) {
    this.program = program;
    this.kernel = kernel;
    this.filter = BpfInstruction.encode(SeccompFilter.forProcessor(kernel.processor()));
  }

  /// @param directory as for [Sandbox#open]
  /// @throws BuildFailure on a processor that jbuild runs no steps on
  static Namespaces open(Path directory) throws IOException {
    var kernel = Kernel.probe();
    return new Namespaces(ProgramFile.write(directory, kernel.processor()), kernel);
  }

  @Override
  public SandboxKind kind() {
    return SandboxKind.NAMESPACES;
  }

  @Override
  public ExitStatus run(StepSpec step, StepOutput output) throws IOException, InterruptedException {
    var calls = StepCalls.of(step, kernel, filter);
    var table = calls.table().encode(kernel.processor());
    var run = new StepRun(program.start(), output);
    run.feed(table, step.input());
    return new StepReport(step, calls, run.await()).status();
  }

  @Override
  public void close() throws IOException {
    program.close();
  }
}
