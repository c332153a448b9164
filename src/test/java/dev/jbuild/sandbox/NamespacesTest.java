package dev.jbuild.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How steps start and end (reliability cases 98, 99, 103, 145).
class NamespacesTest extends StepBench {

  @Test
  void theExitCodeIsTheSteps() throws Exception {
    assertEquals(ExitStatus.exited(7), run(shell("exit 7")));
    assertEquals(ExitStatus.exited(127), run(shell("exit 127")));
    assertEquals(ExitStatus.exited(137), run(shell("exit 137")));
  }

  @Test
  void aSignalIsToldFromAnExitCode() throws Exception {
    assertEquals(ExitStatus.killed(9), run(shell("ulimit -t 1; while :; do :; done")));
  }

  @Test
  void aProgramThatIsNotThereIsNotFound() throws Exception {
    var byName = step(List.of("missing"), List.of("PATH=/bin:/tmp"), "/", StepUser.ROOT, List.of());
    assertEquals(ExitStatus.notStarted(127, "missing: not found in the image's PATH"), run(byName));
    assertEquals(127, run(StepSpec.of(root, "/bin/missing")).code());
    assertEquals(127, run(StepSpec.of(root, "/bin/sh/sh")).code());
  }

  @Test
  void aProgramThatCannotBeExecutedIsNamedWithTheReason() throws Exception {
    Files.writeString(root.resolve("tmp/text"), "text");
    assertEquals(
        ExitStatus.notStarted(126, "/tmp/text: permission denied"),
        run(StepSpec.of(root, "/tmp/text")));
    Files.setPosixFilePermissions(
        root.resolve("tmp/text"), PosixFilePermissions.fromString("rwxr-xr-x"));
    var status = run(StepSpec.of(root, "/tmp/text"));
    assertEquals(126, status.code());
    assertTrue(status.reason().orElse("").contains("exec format error"));
    assertTrue(status.foreign());
    Files.writeString(root.resolve("tmp/text"), "#!/missing\n");
    assertEquals(127, run(StepSpec.of(root, "/tmp/text")).code());
  }

  @Test
  void theMachineTellsWhichProcessorsItRuns() throws Exception {
    try (var sandbox = Namespaces.open(directory("programs"))) {
      var own = Processor.current() == Processor.X86_64 ? "amd64" : "arm64";
      assertEquals(Execution.RUNS, sandbox.tries(own, directory("own")));
      assertEquals(Execution.UNKNOWN, sandbox.tries("pdp11", directory("other")));
      if (own.equals("amd64")) { // 32 bits on 64, under the filter of their own call table
        assertEquals(Execution.RUNS, sandbox.tries("386", directory("386")));
      }
    }
  }

  private Path directory(String name) throws IOException {
    return Files.createDirectory(root.resolveSibling(name));
  }

  @Test
  void theSearchGoesOnAfterAFileThatCannotBeExecuted() throws Exception {
    Files.writeString(root.resolve("tmp/env"), "text");
    var environment = List.of("PATH=/tmp:/bin");
    var step = step(List.of("env"), environment, "/", StepUser.ROOT, List.of());
    assertEquals("PATH=/tmp:/bin\n", outputOf(step));
  }

  @Test
  void case145AVariableThatIsTooLargeIsNamedWithoutItsValue() throws Exception {
    var environment = List.of("A=b", "HUGE=" + "v".repeat(200_000));
    var status = run(step(List.of("/bin/sh"), environment, "/", StepUser.ROOT, List.of()));
    assertEquals(126, status.code());
    var reason = status.reason().orElse("");
    assertTrue(reason.contains("HUGE"), reason);
    assertFalse(reason.contains("vvv"), reason);
  }

  @Test
  void aMissingWorkingDirectoryIsNamed() {
    var step = step(List.of("/bin/sh"), List.of(), "/missing\n", StepUser.ROOT, List.of());
    var failure = assertThrows(BuildFailure.class, () -> run(step));
    assertEquals(
        "the sandbox failed at entering the working directory /missing\\n:"
            + " no such file or directory (chdir)",
        failure.message());
  }

  @Test
  void argumentsArriveAsTheBytesTheyAre() throws Exception {
    var argv = List.of("/bin/sh", "-c", "printf %s \"$1\" > /tmp/out", "x", "ä\udcff \n'");
    outputOf(step(argv, List.of(), "/", StepUser.ROOT, List.of()));
    var bytes = Files.readAllBytes(root.resolve("tmp/out"));
    assertEquals("c3a4ff200a27", HexFormat.of().formatHex(bytes));
  }

  @Test
  void withoutInputItReadsNothingAndWithInputAllOfIt() throws Exception {
    assertEquals("", outputOf(shell("cat")));
    var shell = shell("cat");
    var input = new ByteArrayInputStream("line\n".repeat(100_000).getBytes(UTF_8));
    var step =
        new StepSpec(
            root, shell.argv(), List.of(), "/", StepUser.ROOT, Network.HOST, "h", List.of(), input);
    assertEquals("line\n".repeat(100_000), outputOf(step));
  }

  @Test
  void errorsAndOutputComeInTheOrderOfWriting() throws Exception {
    var script = "for i in 1 2 3; do echo o$i; echo e$i >&2; done";
    assertEquals("o1\ne1\no2\ne2\no3\ne3\n", outputOf(shell(script)));
  }

  /// It would keep the step waiting for years.
  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void case98WhatRunsOnInTheBackgroundDiesWithTheStep() throws Exception {
    var word = sleep();
    assertEquals("done\n", outputOf(shell("setsid sleep " + word + " & echo done")));
    assertFalse(isRunning(word));
  }

  @Test
  void case103AFloodOfOutputIsPassedOnInPieces() throws Exception {
    var bytes = new AtomicLong();
    var status =
        namespaces.run(
            shell("dd if=/dev/zero bs=1048576 count=256 2>/dev/null; exit 3"),
            (_, length) -> bytes.addAndGet(length));
    assertEquals(ExitStatus.exited(3), status);
    assertEquals(256L << 20, bytes.get());
  }

  @Test
  void case103ASlowReaderLosesNothing() throws Exception {
    var bytes = new AtomicLong();
    namespaces.run(
        shell("dd if=/dev/zero bs=65536 count=8 2>/dev/null"),
        (_, length) -> {
          bytes.addAndGet(length);
          pause();
        });
    assertEquals(8 * 65536, bytes.get());
  }

  private static void pause() {
    try {
      Thread.sleep(400);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aFailureOfTheReaderEndsTheStep() throws Exception {
    StepOutput full =
        (_, _) -> {
          throw new IOException("the log is full");
        };
    var word = sleep();
    var script = "sleep " + word + " & while :; do echo x; sleep 0.1; done";
    var failure = assertThrows(IOException.class, () -> namespaces.run(shell(script), full));
    assertEquals("the log is full", failure.getMessage());
    assertFalse(isRunning(word));
  }

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void anInterruptEndsTheStep() throws Exception {
    var word = sleep();
    var script = "setsid sleep " + word + " & echo started; trap '' INT TERM; sleep " + word;
    var started = new CountDownLatch(1);
    var thrown = new AtomicReference<Throwable>();
    var thread =
        new Thread(
            () -> {
              try {
                namespaces.run(shell(script), (_, _) -> started.countDown());
              } catch (IOException | InterruptedException | RuntimeException e) {
                thrown.set(e);
              }
            });
    thread.start();
    assertTrue(started.await(2, TimeUnit.MINUTES), () -> "" + thrown.get());
    thread.interrupt();
    thread.join();
    assertTrue(thrown.get() instanceof InterruptedException, () -> "" + thrown.get());
    assertFalse(isRunning(word));
  }

  @Test
  void manyStepsRunAtOnce() throws Exception {
    var threads = new Thread[8];
    var successes = new AtomicLong();
    for (int i = 0; i < threads.length; i++) {
      threads[i] =
          new Thread(
              () -> {
                try {
                  for (int k = 0; k < 5; k++) {
                    successes.addAndGet(
                        namespaces.run(shell("exit 0"), (_, _) -> {}).isSuccess() ? 1 : 0);
                  }
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      threads[i].start();
    }
    for (var thread : threads) {
      thread.join();
    }
    assertEquals(40, successes.get());
  }

  @Test
  void case99NothingOutlivesAJbuildThatIsKilled() throws Exception {
    for (var user : List.of("0", "1000")) {
      var word = sleep();
      var child =
          child(user, "setsid sleep " + word + " & echo started; trap '' HUP TERM; sleep " + word);
      try {
        assertEquals("started", child.inputReader().readLine());
        assertTrue(isRunningSoon(word));
      } finally {
        child.destroyForcibly().waitFor();
      }
      assertTrue(isGoneSoon(word), user);
    }
  }

  @Test
  void aDirectoryWhereNothingMayBeExecutedIsNamed() throws Exception {
    var command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c"));
    command.add("mount -t tmpfs -o noexec tmpfs \"$1\" && shift && exec \"$@\"");
    command.addAll(List.of("sh", temp.resolve("program").toString()));
    command.addAll(childCommand(temp.resolve("program"), "0", "true"));
    var child = new ProcessBuilder(command).redirectErrorStream(true).start();
    var text = new String(child.getInputStream().readAllBytes(), UTF_8);
    assertTrue(text.contains("cannot start a program in " + temp.resolve("program")), text);
  }

  private Process child(String user, String script) throws IOException {
    return new ProcessBuilder(childCommand(temp, user, script))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private List<String> childCommand(Path directory, String user, String script) {
    return List.of(
        System.getProperty("java.home") + "/bin/java",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        StepChild.class.getName(),
        directory.toString(),
        root.toString(),
        user,
        script,
        "namespaces");
  }
}
