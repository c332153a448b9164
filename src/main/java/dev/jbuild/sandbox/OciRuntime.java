package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Machine;
import dev.jbuild.sandbox.RuntimeBundle.Keeping;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Runs steps in containers of a runtime of the OCI specification, runc or crun, from the machine.
///
/// The runtime gets what the sandbox of namespaces does by itself as a bundle. Limits of memory and
/// processes are those of the runtime and the container together ([StepGroup]), and where the
/// runtime makes a group for the container, of that by itself: it may lie elsewhere. Where the two
/// have a group each, of version 2, the limit of memory is the container's alone.
public final class OciRuntime implements Sandbox {

  private static final AtomicLong LAST = new AtomicLong();
  private static final int FAILED = 1;

  /// How many processes and threads a runtime may have besides the container's.
  private static final int RUNTIME_THREADS = 64;

  private static final int MOST = 1 << 20;
  private static final Pattern MESSAGE = Pattern.compile("\"msg\" *: *\"((?:[^\"\\\\]|\\\\.)*)\"");

  private final SandboxKind kind;
  private final Path runtime;
  private final Path directory;
  private final ProgramFile program;
  private final Kernel kernel;
  private final Map<String, Object> seccomp;

  private OciRuntime(
      SandboxKind kind, Path runtime, Path directory, ProgramFile program, Kernel kernel) {
    this.kind = kind;
    this.runtime = runtime;
    this.directory = directory;
    this.program = program;
    this.kernel = kernel;
    this.seccomp = SeccompFilter.document(kernel.processor());
  }

  /// @param directory as for [Sandbox#open]
  /// @throws BuildFailure if the runtime is not installed, or known to let a step out
  static OciRuntime open(SandboxKind kind, Path directory)
      throws IOException, InterruptedException {
    Namespaces.check();
    var runtime =
        find(kind)
            .orElseThrow(
                () ->
                    BuildFailure.of(BuildFailure.Kind.SANDBOX, kind.text() + " is not installed")
                        .hint(
                            "install the package " + kind.text() + ", or choose another sandbox"));
    var version = version(kind, runtime);
    if (version.isPresent() && !version.get().isPatched() && !version.get().holes().isEmpty()) {
      throw BuildFailure.of(
              BuildFailure.Kind.SANDBOX,
              "runc "
                  + version.get().text()
                  + " lets steps out of their root: "
                  + String.join(", ", version.get().holes()))
          .hint("install a newer runc, or choose another sandbox");
    }
    var kernel = Kernel.probe(directory);
    var program = ProgramFile.write(directory, kernel.processor());
    return new OciRuntime(kind, runtime, directory.toAbsolutePath(), program, kernel);
  }

  private static Optional<Path> find(SandboxKind kind) {
    return Stream.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
        .map(place -> Path.of(place, kind.text()))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /// Whether a runtime is there to be asked.
  public static boolean isInstalled(SandboxKind kind) {
    return find(kind).isPresent();
  }

  /// The version that is installed of a runtime; empty if there is none, or it is not understood.
  public static Optional<RuntimeVersion> version(SandboxKind kind)
      throws IOException, InterruptedException {
    var runtime = find(kind);
    return runtime.isPresent() ? version(kind, runtime.get()) : Optional.empty();
  }

  private static Optional<RuntimeVersion> version(SandboxKind kind, Path runtime)
      throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(runtime.toString(), "--version").redirectErrorStream(true).start();
    process.getOutputStream().close();
    var said = new String(process.getInputStream().readNBytes(MOST), StandardCharsets.UTF_8);
    process.waitFor();
    return RuntimeVersion.parse(kind, said);
  }

  @Override
  public SandboxKind kind() {
    return kind;
  }

  @Override
  public ExitStatus run(StepSpec step, StepStreams streams, StepControl control)
      throws IOException, InterruptedException {
    kernel.checkIds(step.user());
    if (step.allowance().isPrivileged()) {
      throw BuildFailure.of(
              BuildFailure.Kind.SANDBOX,
              "a step with --security=insecure runs in the sandbox namespaces only")
          .hint("leave out --sandbox " + kind.text());
    }
    var name = "jbuild-" + Machine.pid() + "-r" + LAST.incrementAndGet();
    var place = Files.createTempDirectory(directory, "bundle-");
    var machine = ControlGroups.ofThisProcess();
    var groups = new RuntimeGroups(machine);
    try (var wiring = Wiring.of(streams, directory, kernel)) {
      groups.reap();
      var keeping = keeping(machine);
      var bundle = new RuntimeBundle(place, step, kernel, seccomp, keeping);
      bundle.make();
      var calls =
          RuntimeCalls.of(
              step, bundle, command(place, name), wiring, isCrun() && machine.isMixed());
      return explain(
          program.run(
              step,
              calls,
              wiring,
              control,
              kernel,
              process -> {
                var group = group(process, step, keeping, name, machine);
                configure(bundle, wiring instanceof Wiring.Terminal, group, process);
                return group;
              }),
          step,
          place);
    } finally {
      groups.remove(name);
      try (var parent = Directory.open(directory)) {
        parent.removeTree(String.valueOf(place.getFileName()).getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  /// The groups of the runtime. That of the container lies among them if the runtime makes one that
  /// can be placed.
  private static StepGroup group(
      Process process, StepSpec step, Keeping keeping, String name, ControlGroups machine)
      throws IOException {
    var quota = step.allowance().quota();
    if (keeping == Keeping.NOTHING) {
      return StepGroup.around(process, quota, ProgramFile.KEEPER, Optional.empty());
    }
    var container = machine.isMixed() ? Optional.<String>empty() : Optional.of(name);
    return StepGroup.around(process, quota, ProgramFile.KEEPER + RUNTIME_THREADS, container);
  }

  private static void configure(
      RuntimeBundle bundle, boolean hasTerminal, StepGroup group, Process process)
      throws IOException {
    try {
      bundle.configure(hasTerminal, group.place());
    } catch (IOException e) {
      process.destroyForcibly();
      group.close();
      throw e;
    }
  }

  /// crun makes no group for a user, and on a machine with both versions none where the limits are:
  /// its container stays in the group that it is started in.
  private Keeping keeping(ControlGroups machine) throws IOException {
    if (isCrun() && (Machine.inUserNamespace() || machine.isMixed())) {
      return Keeping.NOTHING;
    }
    return machine.countsSwap() ? Keeping.ALL : Keeping.WITHOUT_SWAP;
  }

  private boolean isCrun() {
    return kind == SandboxKind.CRUN;
  }

  private List<String> command(Path place, String name) {
    var command = new ArrayList<>(List.of(runtime.toString()));
    command.addAll(List.of("--root", place.resolve("state").toString()));
    command.addAll(List.of("--log", log(place).toString(), "--log-format", "json"));
    if (isCrun()) {
      // Root needs the filter of devices that comes with a control group: crun mounts the root file
      // system anew, with devices. In a user namespace no device can be opened anyway.
      var manager = Machine.inUserNamespace() ? "disabled" : "cgroupfs";
      command.addAll(List.of("--cgroup-manager", manager));
    }
    command.addAll(List.of("run", "--bundle", place.toString(), name));
    return command;
  }

  private static Path log(Path place) {
    return place.resolve("log");
  }

  /// The runtime passes the process's exit code on, and has the same code for failures of its own;
  /// those it also writes to its log.
  private ExitStatus explain(ExitStatus status, StepSpec step, Path place) throws IOException {
    if (status.code() < FAILED || !Files.exists(log(place))) {
      return status;
    }
    var failure = failure(Files.readString(log(place)));
    if (failure.isEmpty()) {
      return status;
    }
    var said = failure.get();
    var program = Printable.of(step.argv().getFirst());
    if (said.contains("exec format error") || said.contains("Exec format error")) {
      return ExitStatus.ofForeign(program + ": exec format error");
    }
    if (said.contains("executable file")
        || (said.contains("exec") && said.contains("no such file"))) {
      boolean isDenied = said.contains("ermission denied");
      return isDenied
          ? ExitStatus.notStarted(ExitStatus.NOT_EXECUTABLE, program + ": permission denied")
          : ExitStatus.notStarted(ExitStatus.NOT_FOUND, program + ": not found in the image");
    }
    if (said.contains("exec") && said.contains("ermission denied")) {
      return ExitStatus.notStarted(ExitStatus.NOT_EXECUTABLE, program + ": permission denied");
    }
    throw BuildFailure.of(BuildFailure.Kind.SANDBOX, kind.text() + " failed: " + Printable.of(said))
        .hint(
            said.contains("RLIM_MEMLOCK")
                ? "the filter of devices needs locked memory: as root ulimit -l unlimited before"
                : "jbuild doctor says which sandboxes work here");
  }

  private static Optional<String> failure(String log) {
    return log.lines()
        .filter(line -> line.contains("\"error\""))
        .map(MESSAGE::matcher)
        .filter(java.util.regex.Matcher::find)
        .map(found -> found.group(1).replace("\\\"", "\"").replace("\\n", " "))
        .reduce((_, last) -> last);
  }

  @Override
  public void close() throws IOException {
    program.close();
  }
}
