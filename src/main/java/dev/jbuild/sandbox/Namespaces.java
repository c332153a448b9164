package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.Mounts;
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
  private final StepFilter filter;

  private Namespaces(Path directory, ProgramFile program, Kernel kernel, StepFilter filter) {
    this.directory = directory;
    this.program = program;
    this.kernel = kernel;
    this.filter = filter;
  }

  /// @param directory as for [Sandbox#open]
  /// @throws BuildFailure on a processor that jbuild runs no steps on
  static Namespaces open(Path directory) throws IOException {
    check();
    var filter = new StepFilter(Processor.current());
    var kernel = Kernel.probe(directory);
    var program = ProgramFile.write(directory, kernel.processor());
    return new Namespaces(directory.toAbsolutePath(), program, kernel, filter);
  }

  /// What was found out at the start tells why a mount could not be made, before any is tried.
  static void check() {
    var reason = Mounts.refusal().orElse(System.getenv("JBUILD_NO_IDS"));
    if (reason == null && Machine.uid() == 0) {
      return;
    }
    throw BuildFailure.of(
            BuildFailure.Kind.SANDBOX,
            "no process can be run here: "
                + (reason == null ? "jbuild was not started by its launcher" : reason))
        .hint("jbuild doctor says all that is missing; all instructions but RUN work without it");
  }

  @Override
  public SandboxKind kind() {
    return SandboxKind.NAMESPACES;
  }

  @Override
  public void expectStep() {
    program.expectStep();
  }

  @Override
  public ExitStatus run(StepSpec step, StepStreams streams, StepControl control)
      throws IOException, InterruptedException {
    try (var wiring = Wiring.of(streams, directory, kernel)) {
      var calls = StepCalls.of(step, wiring, kernel, filter.bytes()).start();
      return program.run(step, calls, wiring, control, kernel);
    }
  }

  @Override
  public void close() throws IOException {
    program.close();
  }
}
