package dev.jbuild.context;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// One run of git, which ends at the latest when jbuild ends: also by a signal, which no thread is
/// told of, and also if it was just being started.
final class GitProcess {

  private final Thread hook = new Thread(this::end, "end-git");
  private @Nullable Process process;
  private boolean isEnded;

  private GitProcess() {}

  /// Runs `builder` to its end.
  ///
  /// @return its exit code
  /// @throws InterruptedException if the thread was interrupted or jbuild is ending; git and
  ///     what it started are killed
  static int run(ProcessBuilder builder) throws IOException, InterruptedException {
    var run = new GitProcess();
    try {
      Runtime.getRuntime().addShutdownHook(run.hook);
    } catch (IllegalStateException e) {
      throw ending();
    }
    try {
      return run.await(builder);
    } finally {
      run.unhook();
    }
  }

  private int await(ProcessBuilder builder) throws IOException, InterruptedException {
    var started = start(builder);
    try {
      return started.waitFor();
    } catch (InterruptedException e) {
      end();
      started.waitFor();
      throw e;
    }
  }

  private synchronized Process start(ProcessBuilder builder)
      throws IOException, InterruptedException {
    if (isEnded) {
      throw ending();
    }
    var started = builder.start();
    process = started;
    return started;
  }

  private synchronized void end() {
    isEnded = true;
    var started = process;
    if (started != null) {
      started.descendants().forEach(ProcessHandle::destroyForcibly);
      started.destroyForcibly();
    }
  }

  private void unhook() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // it runs, or did
    }
  }

  private static InterruptedException ending() {
    return new InterruptedException("jbuild is being ended");
  }
}
