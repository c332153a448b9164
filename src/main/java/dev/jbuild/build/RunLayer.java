package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
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

  /// What a step stands on.
  interface Ground {

    /// A root of what is below; closed by the caller.
    StepRoot root(StepRoots roots) throws IOException, InterruptedException;

    /// Waits until what is below is in the store. Called when the step ran, whatever it came to,
    /// and before anything is made of its root.
    void waitForBelow(StepRoot root) throws IOException, InterruptedException;
  }

  /// Runs the step.
  ///
  /// @param ifNotFound advice for the case that its program is not found
  /// @param trouble what to do with its root if it fails
  /// @return its layer, to be written and closed by the caller
  /// @throws BuildFailure if it fails, with its exit code
  FreshLayer make(
      RunStep step,
      StepMounts mounts,
      Ground ground,
      Surroundings around,
      OptionalLong clamp,
      Optional<String> ifNotFound,
      StepOutput output,
      Trouble trouble)
      throws IOException, InterruptedException {
    var root = ground.root(roots);
    boolean isTaken = false;
    try {
      var spec = spec(step, mounts, root, around);
      var status = run(step, spec, root, output);
      if (!status.isSuccess()) {
        trouble.tell(how(status)); // before what is below is settled, which may take long
      }
      ground.waitForBelow(root);
      if (!status.isSuccess() && !trouble.isMended(new Failed(root, spec, sandbox, status))) {
        isTaken = true;
        throw failure(step, status, ifNotFound);
      }
      var fresh = new FreshLayer(root, root.change(clamp));
      isTaken = true;
      return fresh;
    } finally {
      if (!isTaken) {
        root.close();
      }
    }
  }

  /// Decides about a step that failed.
  interface Trouble {

    /// Tells that it failed, at once.
    ///
    /// @param how `exit code 1`, printable
    void tell(String how) throws IOException;

    /// @return whether its files are good now; if not, the root is closed by whoever says so
    boolean isMended(Failed step) throws IOException, InterruptedException;
  }

  /// A step that failed.
  ///
  /// @param root no longer open
  record Failed(StepRoot root, StepSpec spec, Sandbox sandbox, ExitStatus status) {}

  private ExitStatus run(RunStep step, StepSpec spec, StepRoot root, StepOutput output)
      throws IOException, InterruptedException {
    try (var open = root.open(spec.mountPoints())) {
      open.makeDirectory(ArchivePath.clamped(step.directory()));
      return sandbox.run(spec, output);
    }
  }

  /// Tells that a step is about to be made.
  void expectStep() {
    sandbox.expectStep();
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
            step.proxies());
  }

  private Accounts.Identity identity(RunStep step, MergedView view) throws IOException {
    try {
      return AccountFiles.read(view, layers).forProcess(step.user());
    } catch (BuildFailure e) {
      throw e.where().isPresent() ? e : e.at(step.span());
    }
  }

  /// `exit code 1`, printable.
  private static String how(ExitStatus status) {
    if (status.reason().isPresent()) {
      return "could not be started: " + Printable.of(status.reason().get());
    }
    var code = "exit code " + status.code();
    return (status.signal() != 0 ? "signal " + status.signal() + " (" + code + ")" : code)
        + status.limit().map(each -> ": killed (" + each + ")").orElse("");
  }

  private static BuildFailure failure(
      RunStep step, ExitStatus status, Optional<String> ifNotFound) {
    var verb =
        status.reason().isPresent() ? "" : status.signal() != 0 ? "was ended by " : "failed with ";
    return BuildFailure.of(BuildFailure.Kind.STEP, "RUN " + verb + how(status))
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
