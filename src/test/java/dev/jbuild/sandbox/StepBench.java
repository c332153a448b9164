package dev.jbuild.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// What tests that really run steps have in common: a root file system and the sandbox.
class StepBench {

  private static final long SYS_ADMIN = 1L << 21;

  @TempDir Path temp;
  Path root;
  Namespaces namespaces;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  /// How often something is looked for, twenty times a second: within a minute it comes.
  private static final int LOOKS = 1200;

  private static int lastSleep;

  @BeforeEach
  void makeRoot() throws IOException, InterruptedException {
    assumeTrue(canMount(), "only root can run steps, or whom the launcher made root");
    root = RootTree.in(temp.resolve("root")).path();
    namespaces = Namespaces.open(Files.createDirectory(temp.resolve("program")));
  }

  @AfterEach
  void leaveNothing() throws IOException {
    if (canMount()) {
      namespaces.close();
      Files.delete(temp.resolve("program"));
    }
  }

  private static boolean canMount() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("CapEff:"))
        .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & SYS_ADMIN) != 0);
  }

  StepSpec shell(String script) {
    return shell(StepUser.ROOT, script);
  }

  StepSpec shell(StepUser user, String script) {
    return step(List.of("/bin/sh", "-c", script), List.of(), "/", user, List.of());
  }

  StepSpec shell(List<StepMount> mounts, String script) {
    return step(List.of("/bin/sh", "-c", script), List.of(), "/", StepUser.ROOT, mounts);
  }

  StepSpec step(
      List<String> argv,
      List<String> environment,
      String directory,
      StepUser user,
      List<StepMount> mounts) {
    return new StepSpec(
        root, argv, environment, directory, user, Network.HOST, "builder", mounts, null);
  }

  /// What steps run in.
  Sandbox sandbox() {
    return namespaces;
  }

  ExitStatus run(StepSpec step) throws IOException, InterruptedException {
    output.reset();
    return sandbox().run(step, (buffer, length) -> output.write(buffer, 0, length));
  }

  /// What a step that must succeed writes.
  String outputOf(StepSpec step) throws IOException, InterruptedException {
    var status = run(step);
    assertEquals(ExitStatus.exited(0), status, () -> output.toString(UTF_8));
    return output.toString(UTF_8);
  }

  /// So many seconds, years, as no other process of this machine sleeps: it is found by them.
  static synchronized String sleep() {
    lastSleep++;
    return "%d%02d".formatted(10_000_000 + ProcessHandle.current().pid(), lastSleep % 100);
  }

  /// Whether a process of this machine has `word` among its arguments.
  static boolean isRunning(String word) throws IOException {
    try (var processes = Files.list(Path.of("/proc"))) {
      return processes.anyMatch(process -> hasArgument(process, word));
    }
  }

  private static boolean hasArgument(Path process, String word) {
    try {
      return List.of(Files.readString(process.resolve("cmdline")).split("\0", -1)).contains(word);
    } catch (IOException e) {
      return false; // not a process, or gone
    }
  }

  static boolean isRunningSoon(String word) throws IOException, InterruptedException {
    for (int i = 0; i < LOOKS && !isRunning(word); i++) {
      Thread.sleep(50);
    }
    return isRunning(word);
  }

  /// Case 99 wants two seconds, of which a busy machine may need many itself.
  static boolean isGoneSoon(String word) throws IOException, InterruptedException {
    for (int i = 0; i < LOOKS && isRunning(word); i++) {
      Thread.sleep(50);
    }
    return !isRunning(word);
  }
}
