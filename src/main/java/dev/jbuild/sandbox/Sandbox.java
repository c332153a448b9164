package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runs processes, each in a root file system of its own, kept away from the rest of the machine as
/// far as its kind can.
///
/// Safe for use by many threads, one step each.
public sealed interface Sandbox extends AutoCloseable permits Namespaces, Chroot, OciRuntime {

  /// Opens a sandbox.
  ///
  /// @param wanted the kind that was asked for; empty: the best that works here
  /// @param directory of jbuild's own, on the file system of the roots, not mounted noexec; a small
  ///     program lies there while the sandbox is open
  /// @param own all that lies below this directory is jbuild's own
  /// @throws BuildFailure with the reason if the kind that was asked for cannot work here, or none
  static Sandbox open(Optional<SandboxKind> wanted, Path directory, Path own)
      throws IOException, InterruptedException {
    if (wanted.isPresent()) {
      return open(wanted.get(), directory, own);
    }
    @Nullable BuildFailure best = null;
    for (var kind : SandboxKind.AUTOMATIC) {
      try {
        return tried(kind, directory, own);
      } catch (BuildFailure e) {
        best = best == null ? e : best;
      }
    }
    throw best == null ? new IllegalStateException("no kinds") : best;
  }

  /// Opens a sandbox of this kind that is known to work here, as it was tried out.
  ///
  /// @throws BuildFailure with the reason if it does not work
  static Sandbox tried(SandboxKind kind, Path directory, Path own)
      throws IOException, InterruptedException {
    var sandbox = open(kind, directory, own);
    try {
      switch (kind) {
        case NAMESPACES, RUNC, CRUN -> OverlayProbe.runWhereDoubtful(sandbox, directory);
        case CHROOT -> {} // all that it needs was looked at
      }
      return sandbox;
    } catch (IOException | InterruptedException | RuntimeException e) {
      sandbox.close();
      throw e;
    }
  }

  /// @throws BuildFailure with the reason if it is plain that it cannot work here
  private static Sandbox open(SandboxKind kind, Path directory, Path own)
      throws IOException, InterruptedException {
    return switch (kind) {
      case NAMESPACES -> Namespaces.open(directory);
      case CHROOT -> Chroot.open(directory, own);
      case RUNC, CRUN -> OciRuntime.open(kind, directory);
    };
  }

  SandboxKind kind();

  /// Tells that a step is about to be run: what any step's start takes is done meanwhile.
  default void expectStep() {}

  /// Runs a step and waits until it and every process it left behind are gone.
  ///
  /// When the thread is interrupted, or what takes the output throws, the step is killed first.
  /// When jbuild dies, in whatever way, the step dies too.
  ///
  /// @param control is good while the step runs
  /// @throws BuildFailure if the sandbox cannot be made, naming what failed
  ExitStatus run(StepSpec step, StepStreams streams, StepControl control)
      throws IOException, InterruptedException;

  /// The same with standard output and standard error as one, and nobody to signal it.
  default ExitStatus run(StepSpec step, StepOutput output)
      throws IOException, InterruptedException {
    return run(step, new StepStreams.Merged(output), new StepControl());
  }

  /// Whether steps can run programs for `architecture`, a name as images have it: `arm64`.
  ///
  /// Found out by running the smallest one, as a step, in a root in which nothing else is.
  ///
  /// @param root an empty directory for it
  /// @throws BuildFailure if the sandbox cannot be made at all
  default Execution tries(String architecture, Path root) throws IOException, InterruptedException {
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

  /// Removes what it needed on disk.
  @Override
  void close() throws IOException;
}
