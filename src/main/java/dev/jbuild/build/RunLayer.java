package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.plan.RunStep;
import dev.jbuild.sandbox.ExitStatus;
import dev.jbuild.sandbox.Sandbox;
import dev.jbuild.sandbox.StepOutput;
import dev.jbuild.sandbox.StepSpec;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/// The layer of a RUN: the step is run in a root made of what is below, and what it changed there
/// is the layer.
final class RunLayer {

  private final LayerReader layers;
  private final StepRoots roots;
  private final Sandbox sandbox;

  /// @param roots those for `sandbox`
  RunLayer(LayerReader layers, StepRoots roots, Sandbox sandbox) {
    this.layers = layers;
    this.roots = roots;
    this.sandbox = sandbox;
  }

  /// Runs the step.
  ///
  /// @param ifNotFound advice for the case that its program is not found
  /// @return its layer; empty if it changed nothing
  /// @throws BuildFailure if it fails, with its exit code
  Optional<WrittenLayer> make(
      RunStep step,
      StepMounts mounts,
      StageState below,
      Surroundings around,
      OptionalLong clamp,
      Optional<String> ifNotFound,
      StepOutput output)
      throws IOException, InterruptedException {
    try (var root = roots.prepare(below.diffIds())) {
      var spec = spec(step, mounts, root, around);
      try (var open = root.open(spec.mountPoints())) {
        open.makeDirectory(ArchivePath.clamped(step.directory()));
        check(step, sandbox.run(spec, output), ifNotFound);
      }
      return root.layer(below.chain(), clamp);
    }
  }

  StepRoots roots() {
    return roots;
  }

  private StepSpec spec(RunStep step, StepMounts given, StepRoot root, Surroundings around)
      throws IOException {
    return StepRecipe.of(step, around)
        .spec(
            root.path(),
            new MountTargets(root.view()),
            identity(step, root.view()),
            given,
            step.proxies())
        .within(around.settings().quota());
  }

  private Accounts.Identity identity(RunStep step, MergedView view) throws IOException {
    try {
      return AccountFiles.read(view, layers).forProcess(step.user());
    } catch (BuildFailure e) {
      throw e.where().isPresent() ? e : e.at(step.span());
    }
  }

  private static void check(RunStep step, ExitStatus status, Optional<String> ifNotFound) {
    if (status.isSuccess()) {
      return;
    }
    var how =
        status.reason().isPresent()
            ? "could not be started: " + status.reason().get()
            : status.signal() != 0
                ? "was ended by signal " + status.signal() + " (exit code " + status.code() + ")"
                : "failed with exit code " + status.code();
    var limit = status.limit().map(each -> ": killed (" + each + ")").orElse("");
    throw BuildFailure.of(BuildFailure.Kind.STEP, "RUN " + Printable.of(how) + limit)
        .at(step.span())
        .hint(
            status.foreign()
                ? ForeignSteps.advice("all")
                : ifNotFound
                    .filter(_ -> status.reason().isPresent())
                    .orElse("The layers before it are kept: the next build starts from there."));
  }

  /// What is the same for all steps of a build.
  ///
  /// @param settings of the command line
  record Surroundings(String hostname, StepSettings settings) {}
}
