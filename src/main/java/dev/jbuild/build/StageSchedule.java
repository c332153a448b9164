package dev.jbuild.build;

import dev.jbuild.plan.Stage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// Runs the stages of the build for one or several platforms side by side, each as soon as those it
/// needs are done.
///
/// A stage that comes out the same for several platforms, as one that is pinned to the machine's
/// own by `--platform=$BUILDPLATFORM`, is run once.
final class StageSchedule implements AutoCloseable {

  private final Work work;
  private final AtomicInteger begun = new AtomicInteger();

  /// Named here: a factory that numbers its threads has Java write code for its counter.
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(
          task -> Thread.ofPlatform().name("stage-" + begun.getAndIncrement()).unstarted(task));

  private final Map<Same, CompletableFuture<StageState>> runs = new HashMap<>();
  private final List<CompletableFuture<Void>> all = new ArrayList<>();

  /// Takes a stage to its end.
  interface Work {
    StageState run(Workshop shop, Stage stage) throws IOException, InterruptedException;
  }

  /// What makes two stages one: all that is in them, and the very runs they need.
  private record Same(Stage stage, List<CompletableFuture<StageState>> needs) {}

  StageSchedule(Work work) {
    this.work = work;
  }

  /// Starts all stages of a plan. When one of them is done its state is known to `shop`.
  void add(Workshop shop) {
    var ofPlan = new HashMap<Integer, CompletableFuture<StageState>>();
    var done = new HashMap<Integer, CompletableFuture<Void>>();
    for (var stage : shop.plan().stages()) {
      var same = new Same(stage, stage.needs().stream().map(ofPlan::get).toList());
      var needs = stage.needs().stream().map(done::get).toArray(CompletableFuture<?>[]::new);
      var run =
          runs.computeIfAbsent(
              same, _ -> start(CompletableFuture.allOf(needs), () -> work.run(shop, stage)));
      ofPlan.put(stage.index(), run);
      done.put(stage.index(), run.thenAccept(state -> shop.finish(stage.index(), state)));
    }
    all.addAll(done.values());
  }

  /// The work of one stage.
  @FunctionalInterface
  private interface Task {
    StageState run() throws IOException, InterruptedException;
  }

  /// Runs `task` on a thread of its own as soon as `after` is done.
  private CompletableFuture<StageState> start(CompletableFuture<Void> after, Task task) {
    var done = new CompletableFuture<StageState>();
    var _ =
        after.whenComplete(
            (_, failed) -> {
              if (failed != null) {
                done.completeExceptionally(failed);
                return;
              }
              threads.execute(
                  () -> {
                    try {
                      done.complete(task.run());
                    } catch (IOException | InterruptedException | RuntimeException | Error e) {
                      done.completeExceptionally(e);
                    }
                  });
            });
    return done;
  }

  /// Waits for all stages; the first that fails stops the others.
  void await() throws IOException, InterruptedException {
    var futures = all.toArray(CompletableFuture<?>[]::new);
    var firstFailure = new CompletableFuture<Void>();
    for (var each : futures) {
      var _ =
          each.whenComplete(
              (_, failed) -> {
                if (failed != null) {
                  firstFailure.completeExceptionally(failed);
                }
              });
    }
    try {
      CompletableFuture.anyOf(CompletableFuture.allOf(futures), firstFailure).get();
    } catch (ExecutionException e) {
      threads.shutdownNow();
      throw rethrown(e);
    }
  }

  private static RuntimeException rethrown(ExecutionException e)
      throws IOException, InterruptedException {
    Throwable cause = e;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return switch (cause) {
      case IOException io -> throw io;
      case InterruptedException interrupted -> throw interrupted;
      case Error error -> throw error;
      case RuntimeException runtime -> runtime;
      default -> new IllegalStateException(cause);
    };
  }

  /// Interrupts what still runs, and waits until it is gone.
  @Override
  public void close() {
    threads.shutdownNow();
    threads.close();
  }
}
