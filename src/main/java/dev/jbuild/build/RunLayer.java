package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.plan.RunStep;
import dev.jbuild.sandbox.Allowance;
import dev.jbuild.sandbox.ExitStatus;
import dev.jbuild.sandbox.Network;
import dev.jbuild.sandbox.Sandbox;
import dev.jbuild.sandbox.StepMount;
import dev.jbuild.sandbox.StepOutput;
import dev.jbuild.sandbox.StepSpec;
import dev.jbuild.sandbox.StepUser;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

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

  /// The trees of layers, the lowest first; those that are missing are made.
  List<Path> trees(List<Digest> diffIds) throws IOException {
    return roots.trees(diffIds);
  }

  private StepSpec spec(RunStep step, StepMounts given, StepRoot root, Surroundings around)
      throws IOException {
    var identity = identity(step, root.view());
    var environment = new TreeMap<>(step.environment());
    environment.putAll(step.proxies());
    environment.putAll(given.environment());
    environment.putIfAbsent("HOME", identity.home());
    var mounts =
        new ArrayList<>(NetworkFiles.forStep(around.hostname(), around.settings().hosts()));
    mounts.addAll(given.mounts());
    step.script()
        .ifPresent(
            script ->
                mounts.add(
                    new StepMount.Content(
                        RunStep.SCRIPTS + "/" + script.name(),
                        Utf8.encode(script.content()),
                        0755,
                        0,
                        0,
                        true)));
    var placed = new MountTargets(root.view()).place(mounts);
    return new StepSpec(
        root.path(),
        step.argv(),
        environment.entrySet().stream().map(each -> each.getKey() + "=" + each.getValue()).toList(),
        step.directory(),
        new StepUser(identity.uid(), identity.gid(), identity.groups()),
        network(step, around),
        around.hostname(),
        placed,
        new Allowance(
            step.security() == RunStep.Security.INSECURE,
            around.settings().sharedMemory(),
            around.settings().limits()),
        null);
  }

  /// `--network none` of the command line beats whatever the Dockerfile says (case 72).
  private static Network network(RunStep step, Surroundings around) {
    return step.network() == RunStep.Network.NONE || around.settings().network() == Network.NONE
        ? Network.NONE
        : Network.HOST;
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
    throw BuildFailure.of(BuildFailure.Kind.STEP, "RUN " + Printable.of(how))
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
