package dev.jbuild.sandbox;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs steps with nothing but another root directory, where neither mounts nor namespaces can be
/// made: in a container that is root, as CI gives it.
///
/// This keeps nothing from a step that wants out: the container around jbuild is what protects the
/// machine. A step sees the container's processes only by their effects, since it has no /proc, but
/// can signal them; it has the container's network, host name and IPC. The directories that are
/// bound are moved to their places and back, so they must be on the file system of the root,
/// jbuild's own, and used by this step alone.
public final class Chroot implements Sandbox {

  /// What making trees, entering them and becoming a step's user takes, by number. Without
  /// FSETID and SETFCAP set-group-ID bits and file capabilities could be missing in the layers.
  private static final Map<Integer, String> NEEDED = new LinkedHashMap<>();

  static {
    NEEDED.put(0, "CHOWN");
    NEEDED.put(1, "DAC_OVERRIDE");
    NEEDED.put(3, "FOWNER");
    NEEDED.put(4, "FSETID");
    NEEDED.put(5, "KILL");
    NEEDED.put(6, "SETGID");
    NEEDED.put(7, "SETUID");
    NEEDED.put(18, "SYS_CHROOT");
    NEEDED.put(27, "MKNOD");
    NEEDED.put(31, "SETFCAP");
  }

  private static final String JAVA_HOME = "JAVA_HOME=";
  private static final String ORIGIN = "LD_ORIGIN_PATH=";

  private final ProgramFile program;
  private final Kernel kernel;
  private final StepFilter filter;
  private final Path directory;
  private final Path own;

  private Chroot(ProgramFile program, Kernel kernel, StepFilter filter, Path directory, Path own) {
    this.program = program;
    this.kernel = kernel;
    this.filter = filter;
    this.directory = directory;
    this.own = own;
  }

  /// @throws BuildFailure that says why it cannot work here
  static Chroot open(Path directory, Path own) throws IOException {
    check(directory);
    var filter = new StepFilter(Processor.current());
    var kernel = Kernel.probe(directory);
    var program = ProgramFile.write(directory, kernel.processor());
    return new Chroot(program, kernel, filter, directory, own);
  }

  private static void check(Path directory) throws IOException {
    if (Machine.uid() != 0) {
      throw cannot("it needs root");
    }
    long held = Capabilities.permitted();
    var missing = new ArrayList<String>();
    NEEDED.forEach(
        (number, name) -> {
          if ((held & 1L << number) == 0) {
            missing.add("CAP_" + name);
          }
        });
    if (!missing.isEmpty()) {
      throw cannot("root lacks " + String.join(", ", missing))
          .hint("Docker and Kubernetes give all of these unless they are told to drop them");
    }
    if (!Files.exists(Path.of("/proc/thread-self/children"))) {
      throw cannot("the kernel does not list the children of a process (CONFIG_PROC_CHILDREN)");
    }
    checkDevices(directory);
  }

  /// A step without /dev/null would write to a file of that name.
  private static void checkDevices(Path directory) throws IOException {
    var place = Files.createTempDirectory(directory, "devices");
    try (var dev = Directory.open(place)) {
      ChrootMachine.makeDevice(dev, StandardDevice.NULL);
      try (var file = Files.newOutputStream(place.resolve("null"))) {
        file.write(0);
      }
    } catch (IOException e) {
      throw cannot("no device can be made and used in " + Printable.of(directory.toString()), e)
          .hint("its file system must not be mounted nodev; --root moves the store");
    } finally {
      remove(place);
    }
  }

  private static void remove(Path directory) throws IOException {
    try (var parent = Directory.open(directory.resolveSibling("."))) {
      parent.removeTree(String.valueOf(directory.getFileName()).getBytes(US_ASCII));
    }
  }

  @Override
  public SandboxKind kind() {
    return SandboxKind.CHROOT;
  }

  @Override
  public ExitStatus run(StepSpec step, StepStreams streams, StepControl control)
      throws IOException, InterruptedException {
    refuse(step);
    var aside = Files.createTempDirectory(directory, "aside");
    try (var files = new ChrootFiles(step.root(), aside, own);
        var wiring = wiring(streams)) {
      place(step, files);
      var started = step.with(environment(step));
      var calls = ChrootCalls.of(started, wiring, kernel, filter.bytes());
      return program.run(started, calls, wiring, control, kernel);
    } finally {
      remove(aside);
    }
  }

  private Wiring wiring(StepStreams streams) throws IOException {
    try {
      return Wiring.withoutMounts(streams, directory.toAbsolutePath(), kernel);
    } catch (IOException e) {
      if (streams instanceof StepStreams.Terminal) {
        throw cannot("no terminal can be made in /dev/pts of the container", e);
      }
      throw e;
    }
  }

  /// Java's programs look for their libraries beside themselves ($ORIGIN), and the C library asks
  /// /proc/self/exe where that is; without it, this variable (ld.so(8)). Others that look so would
  /// find nothing either way.
  private static List<String> environment(StepSpec step) {
    var environment = new ArrayList<>(step.environment());
    boolean isSaid = environment.stream().anyMatch(each -> each.startsWith(ORIGIN));
    if (!isSaid) {
      step.environment().stream()
          .filter(each -> each.startsWith(JAVA_HOME))
          .map(each -> ORIGIN + each.substring(JAVA_HOME.length()) + "/bin")
          .findFirst()
          .ifPresent(environment::add);
    }
    return environment;
  }

  /// What was asked for and cannot be kept is refused, never left out.
  private static void refuse(StepSpec step) {
    if (step.network() == Network.NONE) {
      throw cannot("a step cannot be kept from the network there (--network none)");
    }
    if (step.allowance().isPrivileged()) {
      throw cannot("a step cannot be given privileges there (--security=insecure)");
    }
    if (step.allowance().isReadOnly()) {
      throw cannot("nothing can be kept from being written to there (--read-only)");
    }
    if (step.allowance().sharedMemory().isPresent()) {
      throw cannot("/dev/shm is a directory on disk there, without a size (--shm-size)");
    }
  }

  private static void place(StepSpec step, ChrootFiles files) throws IOException {
    ChrootMachine.fillDev(files.coverDirectory("/dev", 0755));
    for (var mount : step.mounts()) {
      ExtraCalls.check(mount);
      files.place(mount);
    }
    if (step.isDirectoryCovered()) {
      files.makeDirectory(step.directory());
    }
    ChrootMachine.fillProc(files.coverDirectory("/proc", 0555));
    ChrootMachine.fillSys(files.coverDirectory("/sys", 0555));
  }

  private static BuildFailure cannot(String reason) {
    return BuildFailure.of(BuildFailure.Kind.SANDBOX, "--sandbox chroot: " + reason);
  }

  private static BuildFailure cannot(String reason, IOException cause) {
    return BuildFailure.of(
        BuildFailure.Kind.SANDBOX,
        "--sandbox chroot: " + reason + ": " + Printable.of(String.valueOf(cause.getMessage())),
        cause);
  }

  @Override
  public void close() throws IOException {
    program.close();
  }
}
