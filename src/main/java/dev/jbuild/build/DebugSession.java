package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Utf8;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.sandbox.MountPoint;
import dev.jbuild.sandbox.StepAgain;
import dev.jbuild.sandbox.StepMount;
import dev.jbuild.sandbox.StepSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A process that a person has in a step: a command, or a shell that knows `retry` and notes what
/// succeeded.
///
/// What the shell needs lies in `/.jbuild`, which is memory, and in nothing of the image or the
/// change: scripts, the program that runs the step again, what that needs (with the values of
/// secrets, readable for the step's user alone), perhaps tools, and `out`, a directory outside,
/// where notes come to lie. They are the step's word, and read as a stranger's.
final class DebugSession {

  private static final String HOME = "/.jbuild";
  private static final String OUT = "out";
  private static final String TOOLS = HOME + "/bin";
  private static final String TYPED = "typed";
  private static final String RETRIES = "retries";
  private static final int LONGEST = 1 << 20;
  private static final long ROOM = 1 << 20;

  private static final List<String> BASHES =
      List.of("/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash");
  private static final List<String> SHELLS =
      List.of("/bin/sh", "/usr/bin/sh", "/bin/ash", "/bin/dash", "/busybox/sh");

  /// Names of shells that read what /bin/sh reads.
  private static final Set<String> POSIX = Set.of("sh", "ash", "dash", "ksh", "mksh");

  private final StepSpec step;
  private final StepRecipe recipe;
  private final DebugRequest request;
  private final List<StepMount> mounts;
  private final Path notes;

  /// Whether the root has a file at a path, links followed.
  interface Presence {
    boolean check(String path) throws IOException;
  }

  private DebugSession(
      StepSpec step, StepRecipe recipe, DebugRequest request, List<StepMount> mounts, Path notes) {
    this.step = step;
    this.recipe = recipe;
    this.request = request;
    this.mounts = mounts;
    this.notes = notes;
  }

  /// @param step the process of the step itself
  /// @param temporary a directory of jbuild's own
  static DebugSession prepare(
      StepSpec step, StepRecipe recipe, DebugRequest request, Path temporary)
      throws IOException, InterruptedException {
    var mounts = new ArrayList<>(step.mounts());
    var notes = Files.createTempDirectory(temporary, "notes");
    if (request.command().isEmpty() || request.withTools()) {
      mounts.add(new StepMount.Tmpfs(HOME, ROOM));
    }
    if (request.withTools()) {
      var tools = DebugTools.gather(temporary, request.environment());
      mounts.add(new StepMount.Bind(tools, "/", TOOLS, true, true));
    }
    if (request.command().isEmpty()) {
      Files.setPosixFilePermissions(notes, PosixFilePermissions.fromString("rwxrwxrwx"));
      mounts.add(new StepMount.Bind(notes, "/", HOME + "/" + OUT, true, false));
      mounts.add(file("session.sh", resource("session.sh"), 0444));
      mounts.add(file("session.bash", resource("session.bash"), 0444));
      if (!recipe.argv().isEmpty()) {
        mounts.add(file("step", StepAgain.program(), 0555));
        mounts.add(
            new StepMount.Content(
                HOME + "/calls",
                StepAgain.calls(step),
                0400,
                step.user().uid(),
                step.user().gid(),
                true));
      }
    }
    return new DebugSession(step, recipe, request, List.copyOf(mounts), notes);
  }

  private static StepMount file(String name, byte[] content, int mode) {
    return new StepMount.Content(HOME + "/" + name, content, mode, 0, 0, true);
  }

  private static byte[] resource(String name) throws IOException {
    try (var in = DebugSession.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + name + " is missing");
      }
      return in.readAllBytes();
    }
  }

  /// What has to exist in the root before the process starts.
  List<MountPoint> mountPoints() {
    return with(step.argv(), step.environment(), null).mountPoints();
  }

  /// The process, once the root can be looked at.
  StepSpec process(Presence root, @Nullable InputStream input) throws IOException {
    var environment = new ArrayList<>(step.environment());
    if (request.withTools()) {
      environment.replaceAll(each -> each.startsWith("PATH=") ? each + ":" + TOOLS : each);
      if (environment.stream().noneMatch(each -> each.startsWith("PATH="))) {
        environment.add("PATH=" + TOOLS);
      }
    }
    if (!request.command().isEmpty()) {
      return with(request.command(), environment, input);
    }
    var terminal = request.environment().getOrDefault("TERM", "");
    if (!terminal.isEmpty() && environment.stream().noneMatch(each -> each.startsWith("TERM="))) {
      environment.add("TERM=" + terminal);
    }
    return with(shell(root), environment, input);
  }

  private List<String> shell(Presence root) throws IOException {
    for (var bash : BASHES) {
      if (root.check(bash)) {
        return List.of(bash, "--noprofile", "--rcfile", HOME + "/session.bash", "-i");
      }
    }
    var own = recipe.shell().isEmpty() ? "" : recipe.shell().getFirst();
    var name = own.substring(own.lastIndexOf('/') + 1);
    var candidates =
        Stream.concat(POSIX.contains(name) ? Stream.of(own) : Stream.empty(), SHELLS.stream());
    for (var candidate : candidates.toList()) {
      if (candidate.startsWith("/") && root.check(candidate)) {
        return session(candidate);
      }
    }
    if (request.withTools()) {
      return session(TOOLS + "/sh");
    }
    throw BuildFailure.of(BuildFailure.Kind.SANDBOX, "there is no shell in the step's files")
        .hint("--with-tools brings along the busybox of this machine");
  }

  private static List<String> session(String shell) {
    return List.of(shell, HOME + "/session.sh", shell, "debug$ ");
  }

  private StepSpec with(List<String> argv, List<String> environment, @Nullable InputStream input) {
    return new StepSpec(
        step.root(),
        argv,
        environment,
        step.directory(),
        step.user(),
        step.network(),
        step.hostname(),
        mounts,
        step.allowance(),
        input);
  }

  /// What was noted; to be asked when the process is gone.
  Transcript transcript() throws IOException {
    var retries = noted(RETRIES);
    OptionalInt last =
        retries.isEmpty() || !retries.getLast().matches("[0-9]{1,3}")
            ? OptionalInt.empty()
            : OptionalInt.of(Integer.parseInt(retries.getLast()));
    return new Transcript(noted(TYPED), last);
  }

  private List<String> noted(String name) throws IOException {
    try (var directory = Directory.open(notes)) {
      var bytes = name.getBytes(StandardCharsets.US_ASCII);
      if (directory.stat(bytes).filter(stat -> stat.isFile()).isEmpty()) {
        return List.of();
      }
      try (var file = directory.openFile(bytes);
          var in = file.inputStream()) {
        var text = Utf8.decode(in.readNBytes(LONGEST));
        return Stream.of(text.split("\0")).filter(each -> !each.isEmpty()).toList();
      }
    } catch (LinuxException e) {
      return List.of(); // the step made something else of it
    }
  }
}
