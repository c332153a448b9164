package dev.jbuild.registry;

import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// Work on many blobs at once; the first failure stops the rest.
///
/// The rest is asked to stop and not interrupted: an interrupt would close files of the store under
/// the hands of those who share them.
final class Workers {

  private volatile boolean stopped;

  /// What is done with each.
  interface Work<T> {
    void on(T each) throws IOException, InterruptedException;
  }

  /// Whether work has become useless.
  boolean isStopped() {
    return stopped;
  }

  <T> void forEach(Collection<T> all, Work<T> work) throws IOException, InterruptedException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var finished = new ExecutorCompletionService<@Nullable Void>(threads);
      for (var each : all) {
        finished.submit(
            () -> {
              if (!stopped) {
                work.on(each);
              }
              return null;
            });
      }
      try {
        for (var _ : all) {
          finished.take().get();
        }
      } catch (ExecutionException e) {
        throw rethrown(e.getCause());
      } finally {
        stopped = true;
      }
    }
  }

  private static RuntimeException rethrown(@Nullable Throwable cause)
      throws IOException, InterruptedException {
    return switch (cause) {
      case IOException io -> throw io;
      case InterruptedException interrupted -> throw interrupted;
      case Error error -> throw error;
      case RuntimeException runtime -> runtime;
      case null, default -> new IllegalStateException(cause);
    };
  }
}
