package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.ChildProcess;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;

/// [StepProgram] in a file, for as long as steps are started. Safe for use by many threads.
final class ProgramFile implements AutoCloseable {

  /// The process that watches over the step.
  static final int KEEPER = 1;

  private static final AtomicLong LAST = new AtomicLong();
  private static final int TRIES = 100;
  private static final int PAUSE_MILLIS = 10;

  private final Path file;

  /// Started for steps that are to come; each waits for its table.
  private final Queue<FutureTask<Process>> ready = new ConcurrentLinkedQueue<>();

  private ProgramFile(Path file) {
    this.file = file;
  }

  /// @param directory of jbuild's own, on a file system that is not mounted noexec
  static ProgramFile write(Path directory, Processor processor) throws IOException {
    var owner = PosixFilePermissions.fromString("rwx------");
    // Not createTempFile: Java's SecureRandom costs a start-up 50 milliseconds.
    var name = "step-" + Machine.pid() + "-" + LAST.incrementAndGet();
    var file =
        Files.createFile(
            directory.toAbsolutePath().resolve(name), PosixFilePermissions.asFileAttribute(owner));
    Files.write(file, StepProgram.forProcessor(processor));
    return new ProgramFile(file);
  }

  /// Runs a step whose calls are written down, to its end.
  ExitStatus run(StepSpec step, StartCalls calls, Wiring wiring, StepControl control, Kernel kernel)
      throws IOException, InterruptedException {
    return run(
        step,
        calls,
        wiring,
        control,
        kernel,
        process -> StepGroup.around(process, step.allowance().quota(), KEEPER));
  }

  /// Puts the process that is about to start a step into its groups.
  @FunctionalInterface
  interface Grouping {
    StepGroup around(Process process) throws IOException;
  }

  ExitStatus run(
      StepSpec step,
      StartCalls calls,
      Wiring wiring,
      StepControl control,
      Kernel kernel,
      Grouping grouping)
      throws IOException, InterruptedException {
    var table = calls.table().encode(kernel.processor());
    var process = take(table[0]);
    try (var group = grouping.around(process)) {
      var run = new StepRun(process, wiring, calls.isByRuntime());
      control.hold(run);
      run.feed(Arrays.copyOfRange(table, 1, table.length), step.input());
      var report = run.await();
      return run.endedBy() == 0
          ? group.judge(new StepReport(step, calls, report).status())
          : ExitStatus.killed(run.endedBy());
    } finally {
      control.letGo();
      end(process);
    }
  }

  /// Starts the program for a step that is to come, in a thread of its own.
  void expectStep() {
    var task = new FutureTask<>(this::start);
    // There may be no thread to be had; nobody must wait for a process that nobody starts.
    Thread.ofPlatform().daemon().name("keeper").start(task);
    ready.add(task);
  }

  /// A process that has the first byte of its table, and was not killed before that as one that was
  /// started ahead may be. Until a killed one gets to its end what it is given is lost in its pipe.
  private Process take(byte first) throws IOException, InterruptedException {
    var ahead = takeReady();
    if (ahead.isPresent()) {
      try {
        give(ahead.get(), first);
        if (!Dispositions.of(ahead.get().pid()).areEnding()) {
          return ahead.get();
        }
      } catch (IOException gone) {
        // another takes its place
      }
      end(ahead.get());
    }
    var process = start();
    try {
      give(process, first);
    } catch (IOException e) {
      // It was killed at once; the report says so, by its absence.
    }
    return process;
  }

  private static void give(Process process, byte first) throws IOException {
    process.getOutputStream().write(first);
    process.getOutputStream().flush();
  }

  private Optional<Process> takeReady() throws InterruptedException {
    var task = ready.poll();
    if (task != null) {
      try {
        return Optional.of(task.get());
      } catch (InterruptedException e) {
        ready.add(task);
        throw e;
      } catch (ExecutionException e) {
        return Optional.empty(); // another try says why it cannot be
      }
    }
    return Optional.empty();
  }

  /// Another thread that starts a process holds, for a moment, a copy of the descriptor through
  /// which the program was written; until then the kernel does not execute it (ETXTBSY).
  private Process start() throws InterruptedException {
    for (int i = 1; ; i++) {
      try {
        return ChildProcess.isPossible() ? ChildProcess.start(file) : startByJava();
      } catch (IOException e) {
        if (i >= TRIES || !isBusy(e)) {
          throw BuildFailure.of(
                  BuildFailure.Kind.SANDBOX,
                  "cannot start a program in " + Printable.of(file.getParent() + ""),
                  e)
              .hint("its file system must not be mounted noexec; --root moves the store");
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  private Process startByJava() throws IOException {
    var builder = new ProcessBuilder(file.toString()).directory(Path.of("/").toFile());
    builder.environment().clear();
    return builder.start();
  }

  /// Java tells a reason only in words.
  private static boolean isBusy(IOException e) {
    return e instanceof LinuxException of
        ? of.is(Errno.ETXTBSY)
        : String.valueOf(e.getMessage()).contains("Text file busy");
  }

  private static void end(FutureTask<Process> task) {
    boolean isInterrupted = Thread.interrupted();
    try {
      end(task.get());
    } catch (InterruptedException e) {
      isInterrupted = true; // it ends by itself when its input does
    } catch (ExecutionException e) {
      return; // it was never started
    } finally {
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Kills the process if it has not ended; nothing is left of it then.
  private static void end(Process process) throws InterruptedException {
    try (var _ = process.getOutputStream();
        var _ = process.getInputStream();
        var _ = process.getErrorStream()) {
      process.destroyForcibly().waitFor();
    } catch (IOException e) {
      // nobody is there any more who would miss what is lost
    }
  }

  @Override
  public void close() throws IOException {
    for (var task = ready.poll(); task != null; task = ready.poll()) {
      end(task);
    }
    Files.deleteIfExists(file);
  }
}
