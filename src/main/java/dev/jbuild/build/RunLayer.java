package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.image.ChainId;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.TreeUnpacker;
import dev.jbuild.layer.UpperDiff;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.linux.Directory;
import dev.jbuild.plan.RunStep;
import dev.jbuild.sandbox.Allowance;
import dev.jbuild.sandbox.ExitStatus;
import dev.jbuild.sandbox.Namespaces;
import dev.jbuild.sandbox.Network;
import dev.jbuild.sandbox.StepMount;
import dev.jbuild.sandbox.StepOutput;
import dev.jbuild.sandbox.StepSpec;
import dev.jbuild.sandbox.StepUser;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/// The layer of a RUN: the step is run over the trees of what is below, and what its overlay's
/// upper directory holds then is the layer, and the tree of its place.
final class RunLayer {

  private final Store store;
  private final LayerReader layers;
  private final TreeUnpacker trees;
  private final Namespaces sandbox;

  RunLayer(Store store, LayerReader layers, TreeUnpacker trees, Namespaces sandbox) {
    this.store = store;
    this.layers = layers;
    this.trees = trees;
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
    try (var root = OverlayRoot.prepare(store, layers, trees, below.diffIds())) {
      var spec = spec(step, mounts, root, around);
      try (var mount = root.mount(spec.mountPoints())) {
        mount.makeDirectory(ArchivePath.clamped(step.directory()));
        check(step, sandbox.run(spec, output), ifNotFound);
      }
      return layer(root, below, clamp);
    }
  }

  /// The trees of layers, the lowest first; those that are missing are made.
  List<Path> trees(List<Digest> diffIds) throws IOException {
    return trees.trees(diffIds);
  }

  private StepSpec spec(RunStep step, StepMounts given, OverlayRoot root, Surroundings around)
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
        root.target(),
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

  private Optional<WrittenLayer> layer(OverlayRoot root, StageState below, OptionalLong clamp)
      throws IOException {
    var upper = Directory.open(root.changes().fs());
    try (var diff = new UpperDiff(upper, root.view(), layers, clamp)) {
      var changes = diff.changes();
      if (changes.isEmpty()) {
        return Optional.empty();
      }
      var written = changes.write(store);
      store.trees().commit(root.changes(), ChainId.next(below.chain(), written.diffId()));
      return Optional.of(written);
    }
  }

  /// What is the same for all steps of a build.
  ///
  /// @param settings of the command line
  record Surroundings(String hostname, StepSettings settings) {}
}
