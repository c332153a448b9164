package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Utf8;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.linux.Directory;
import dev.jbuild.sandbox.ExitStatus;
import dev.jbuild.sandbox.Sandbox;
import dev.jbuild.sandbox.StepControl;
import dev.jbuild.sandbox.StepSpec;
import dev.jbuild.sandbox.StepStreams;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Runs a shell or a command in a step: with its files, environment, user, directory, mounts and
/// network, as the build ran it.
public final class Debugger {

  private final Store store;
  private final Consumer<String> notices;

  /// @param notices told of what of the step is not there
  public Debugger(Store store, Consumer<String> notices) {
    this.store = store;
    this.notices = notices;
  }

  /// How it went.
  public record Visit(ExitStatus status, Transcript transcript) {}

  /// Goes into the step. When this returns no process and no mount of it is left; what was changed
  /// in the files of a failed step stays with it.
  ///
  /// @param input what is typed; null for nothing
  /// @throws BuildFailure if there is no shell, or a privileged step is not granted
  public Visit visit(
      DebugTarget target,
      DebugRequest request,
      @Nullable InputStream input,
      StepStreams streams,
      StepControl control)
      throws IOException, InterruptedException {
    checkPrivilege(target.recipe(), request);
    tellProxies(target.recipe(), request);
    var layers = new LayerReader(store);
    var temporary = store.makeTemporaryDirectory();
    try (var agents = new OpenAgents(request.settings().agents());
        var sandbox = Sandbox.open(request.settings().sandbox(), temporary, store.root());
        var roots = StepRoots.of(sandbox, store, layers)) {
      var sources =
          new KeptSources(
              store,
              layers,
              roots,
              request.settings(),
              agents,
              temporary,
              target.kept().map(kept -> kept.step().entry().directory()),
              target.recipe().mounts(),
              target.sources());
      var process = (Running) session -> sandbox.run(session, streams, control);
      var kept = target.kept().filter(_ -> !request.before());
      if (kept.isEmpty()) {
        var files = request.before() ? target.before() : target.after();
        try (var root = roots.prepare(files)) {
          return visit(target, request, root, sources, process, input);
        }
      }
      var hold = kept.get().hold();
      try (var root = roots.reopen(target.after(), hold);
          var _ = KeptVisit.begin(store, kept.get(), root, request.settings().secrets(), notices)) {
        return visit(target, request, root, sources, process, input);
      }
    }
  }

  /// Runs the process of a session in a root that is open.
  static Visit visit(
      StepRoot root, DebugSession session, @Nullable InputStream input, Running process)
      throws IOException, InterruptedException {
    var status = process.run(session.process(path -> isFile(root, path), input));
    return new Visit(status, session.transcript());
  }

  /// Runs a process to its end.
  @FunctionalInterface
  interface Running {
    ExitStatus run(StepSpec spec) throws IOException, InterruptedException;
  }

  private Visit visit(
      DebugTarget target,
      DebugRequest request,
      StepRoot root,
      KeptSources sources,
      Running process,
      @Nullable InputStream input)
      throws IOException, InterruptedException {
    var recipe = target.recipe();
    var available = sources.available();
    available.missing().forEach(notices);
    try (var mounts = StepMounts.open(available.mounts(), recipe.isPrivileged(), sources)) {
      var identity = AccountFiles.read(root).forProcess(recipe.user());
      var targets = new MountTargets(root.view());
      var step = recipe.spec(root.path(), targets, identity, mounts, request.proxies());
      var session = DebugSession.prepare(step, recipe, request, sources.temporary());
      try (var open = root.open(session.mountPoints())) {
        open.makeDirectory(ArchivePath.clamped(step.directory()));
        return visit(root, session, input, process);
      }
    }
  }

  private static boolean isFile(StepRoot root, String path) throws IOException {
    try (var files = Directory.open(root.path())) {
      return files.resolveStat(Utf8.encode(path)).filter(stat -> stat.isFile()).isPresent();
    }
  }

  private void tellProxies(StepRecipe recipe, DebugRequest request) {
    for (var name : recipe.proxies()) {
      if (!request.proxies().containsKey(name)) {
        notices.accept(name + " is not set; give it again: --build-arg " + name + "=ADDRESS");
      }
    }
  }

  /// What a step was granted in its build is granted again by the person, not by the store.
  private static void checkPrivilege(StepRecipe recipe, DebugRequest request) {
    if (recipe.isPrivileged() && !request.settings().mayBePrivileged()) {
      throw BuildFailure.of(BuildFailure.Kind.SANDBOX, "the step runs with --security=insecure")
          .hint("say --allow security.insecure to go in with all privileges");
    }
  }
}
