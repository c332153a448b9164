package dev.jbuild.build;

import dev.jbuild.sandbox.Sandbox;
import dev.jbuild.sandbox.StepControl;
import dev.jbuild.sandbox.StepSpec;
import dev.jbuild.sandbox.StepStreams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A RUN that failed a moment ago, with its root and its mounts as they are.
///
/// @param shown what a person is told of it, printable
/// @param root no longer open
/// @param spec the process that failed
/// @param temporary a directory of jbuild's own
public record Mending(
    String shown,
    StepRoot root,
    StepSpec spec,
    StepRecipe recipe,
    Sandbox sandbox,
    Path temporary) {

  /// Runs a shell in it. What it changes stays in the root.
  public Debugger.Visit enter(
      DebugRequest request, @Nullable InputStream input, StepStreams streams, StepControl control)
      throws IOException, InterruptedException {
    var session = DebugSession.prepare(spec, recipe, request, temporary);
    try (var _ = root.open(session.mountPoints())) {
      return Debugger.visit(root, session, input, each -> sandbox.run(each, streams, control));
    }
  }
}
