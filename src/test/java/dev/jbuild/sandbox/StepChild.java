package dev.jbuild.sandbox;

import java.nio.file.Path;
import java.util.List;

/// A Java virtual machine that runs one step and can be killed.
final class StepChild {

  private StepChild() {}

  /// @param args directory for the program, root, user ID, script, kind of sandbox
  public static void main(String[] args) throws Exception {
    var user = new StepUser(Long.parseLong(args[2]), 0, List.of());
    var step =
        new StepSpec(
            Path.of(args[1]),
            List.of("/bin/sh", "-c", args[3]),
            List.of(),
            "/",
            user,
            Network.HOST,
            "child",
            List.of(),
            null);
    var kind = SandboxKind.find(args[4]);
    var directory = Path.of(args[0]);
    try (var sandbox = Sandbox.open(kind, directory, directory)) {
      sandbox.run(
          step,
          (buffer, length) -> {
            System.out.write(buffer, 0, length);
            System.out.flush();
          });
    }
  }
}
