package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.linux.FileLock;
import dev.jbuild.plan.ImagePath;
import dev.jbuild.sandbox.ExitStatus;
import dev.jbuild.sandbox.LostOutput;
import dev.jbuild.sandbox.Sandbox;
import dev.jbuild.sandbox.StepControl;
import dev.jbuild.sandbox.StepMount;
import dev.jbuild.sandbox.StepSpec;
import dev.jbuild.sandbox.StepStreams;
import dev.jbuild.sandbox.StepUser;
import dev.jbuild.store.KeptEntry;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A container: an image's file system with a process in it. What the process changes is gone when
/// it ends, unless it is to be kept.
public final class Container {

  /// What makes programs of other processors run.
  public static final String EMULATORS =
      "programs of another processor need an emulator: apt install qemu-user-static binfmt-support";

  private static final String HOSTNAME = "jbuild";

  /// What every image knows, as docker has it; the person's own kind it may not.
  private static final String TERMINAL = "xterm";

  private final Store store;

  public Container(Store store) {
    this.store = store;
  }

  /// How a container is kept.
  ///
  /// @param from the image as it was named
  /// @param told of what is kept
  public record Keeping(Optional<String> name, String from, Consumer<KeptEntry> told) {}

  /// What a process is connected to.
  public record Connections(
      @Nullable InputStream input, StepStreams streams, StepControl control) {}

  /// Runs the image's program, or what the request says, to its end.
  ///
  /// @param keeping empty if nothing is kept
  /// @throws LostOutput if its output could not be passed on; what it had changed until then is
  ///     kept
  /// @throws BuildFailure if there is nothing to run, or no sandbox to run it in
  public ExitStatus run(
      ImageConfig image, RunRequest request, Optional<Keeping> keeping, Connections connections)
      throws IOException, InterruptedException {
    var argv = request.argv(image.config());
    checkProgram(argv);
    var layers = new LayerReader(store);
    try (var _ = name(keeping.flatMap(Keeping::name));
        var sandbox = open(request);
        var roots = StepRoots.of(sandbox, store, layers)) {
      try (var root = roots.prepare(image.diffIds())) {
        Ending ending =
            status -> {
              if (keeping.isPresent()) {
                var spec = ContainerSpec.of(keeping.get(), argv, request);
                keeping.get().told().accept(keep(root, image, spec, status));
              }
            };
        return ended(() -> run(image, request, argv, sandbox, roots, root, connections), ending);
      }
    }
  }

  private KeptEntry keep(StepRoot root, ImageConfig image, ContainerSpec spec, ExitStatus status)
      throws IOException {
    return root.keep(
        changes -> spec.withChanges(changes).json(image, status.code(), store), Map.of());
  }

  /// A process.
  @FunctionalInterface
  private interface Running {
    ExitStatus run() throws IOException, InterruptedException;
  }

  /// What is done when it has ended.
  @FunctionalInterface
  private interface Ending {
    void end(ExitStatus status) throws IOException;
  }

  /// Runs it to its end, which comes too when nobody takes its output any more.
  private static ExitStatus ended(Running process, Ending ending)
      throws IOException, InterruptedException {
    try {
      var status = process.run();
      ending.end(status);
      return status;
    } catch (LostOutput e) {
      ending.end(e.status());
      throw e;
    }
  }

  /// Runs a process in a container that is kept, and keeps what that changes.
  ///
  /// @param request without a command: what ran there first. It holds for this time only
  public ExitStatus start(KeptState state, RunRequest request, Connections connections)
      throws IOException, InterruptedException {
    var states = new KeptStates(store);
    var image = states.image(state);
    try (var hold = states.hold(state.entry())) {
      var before = ContainerSpec.of(state.entry());
      var again = request.again(before);
      var isNew = !request.command().isEmpty() || request.entrypoint().isPresent();
      var argv = isNew ? request.argv(image.config()) : before.command();
      checkProgram(argv);
      try (var sandbox = open(request);
          var roots = StepRoots.of(sandbox, store, new LayerReader(store))) {
        try (var root = roots.reopen(state.allLayers(), hold)) {
          Ending ending =
              status ->
                  ChangeLayers.keep(
                      state.layers(),
                      before.changes(),
                      root.moreLayers(),
                      store,
                      now ->
                          hold.replaceSpec(
                              before.withChanges(now).json(image, status.code(), store)));
          return ended(() -> run(image, again, argv, sandbox, roots, root, connections), ending);
        }
      }
    } catch (ImageFormatException e) {
      throw BuildFailure.of(BuildFailure.Kind.STORE, String.valueOf(e.getMessage()), e);
    }
  }

  private Sandbox open(RunRequest request) throws IOException, InterruptedException {
    return Sandbox.open(request.sandbox(), store.makeTemporaryDirectory(), store.root());
  }

  private static void checkProgram(List<String> argv) {
    if (argv.isEmpty()) {
      throw BuildFailure.of(
              BuildFailure.Kind.USAGE, "the image has neither CMD nor ENTRYPOINT to run")
          .hint("say what to run, as in: jbuild run IMAGE ls /");
    }
  }

  /// The name, for this container alone as long as it runs.
  private @Nullable FileLock name(Optional<String> name) throws IOException {
    if (name.isEmpty()) {
      return null;
    }
    var bytes = ("container " + name.get()).getBytes(StandardCharsets.UTF_8);
    var lock = store.tryLock(Digest.of(bytes));
    boolean isTaken =
        new KeptStates(store).list().stream().anyMatch(each -> each.name().equals(name));
    if (lock.isEmpty() || isTaken) {
      lock.ifPresent(FileLock::close);
      var shown = Printable.of(name.get());
      throw BuildFailure.of(BuildFailure.Kind.USAGE, "there is a container " + shown + " already")
          .hint(isTaken ? "remove it with: jbuild rm " + shown : "it is running");
    }
    return lock.get();
  }

  private ExitStatus run(
      ImageConfig image,
      RunRequest request,
      List<String> argv,
      Sandbox sandbox,
      StepRoots roots,
      StepRoot root,
      Connections connections)
      throws IOException, InterruptedException {
    try (var borrowed = BorrowedVolumes.open(store, roots, request.volumesFrom())) {
      var spec = spec(image, request, argv, root, borrowed.mounts(), connections);
      try (var open = root.open(spec.mountPoints())) {
        open.makeDirectory(ArchivePath.clamped(spec.directory()));
        return sandbox.run(spec, connections.streams(), connections.control());
      }
    }
  }

  private StepSpec spec(
      ImageConfig image,
      RunRequest request,
      List<String> argv,
      StepRoot root,
      List<StepMount> borrowed,
      Connections connections)
      throws IOException {
    var config = image.config();
    var accounts = AccountFiles.read(root);
    var identity =
        accounts.withGroups(
            accounts.forProcess(request.user().orElse(config.user())), request.groups());
    var directory = request.directory().orElse(config.workingDir());
    var hostname = request.hostname().orElse(HOSTNAME);
    return new StepSpec(
        root.path(),
        argv,
        environment(image, request, identity.home(), connections.streams()),
        ImagePath.workingDirectory(directory),
        new StepUser(identity.uid(), identity.gid(), identity.groups()),
        request.network(),
        hostname,
        new MountTargets(root.view()).place(mounts(hostname, request, borrowed)),
        request.allowance(),
        connections.input());
  }

  /// What a person mounts beats what comes from elsewhere.
  private static List<StepMount> mounts(
      String hostname, RunRequest request, List<StepMount> borrowed) throws IOException {
    var mounts = new ArrayList<>(NetworkFiles.forStep(hostname, request.hosts()));
    mounts.addAll(borrowed);
    var own = request.mounts().stream().map(StepMount::target).collect(Collectors.toSet());
    mounts.removeIf(mount -> own.contains(mount.target()));
    mounts.addAll(request.mounts());
    return mounts;
  }

  private static List<String> environment(
      ImageConfig image, RunRequest request, String home, StepStreams streams) {
    var variables = new LinkedHashMap<String, String>();
    for (var each : image.config().env()) {
      int equals = each.indexOf('=');
      variables.put(
          equals < 0 ? each : each.substring(0, equals),
          equals < 0 ? "" : each.substring(equals + 1));
    }
    variables.putAll(request.environment());
    variables.putIfAbsent("HOME", home);
    if (streams instanceof StepStreams.Terminal) {
      variables.putIfAbsent("TERM", TERMINAL);
    }
    variables.putIfAbsent("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    return variables.entrySet().stream()
        .map(each -> each.getKey() + "=" + each.getValue())
        .toList();
  }
}
