package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.plan.ConfigStep;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// The layer of a RUN that is written while the next step already runs. Whatever becomes of that
/// one, the layer is written to its end, and only then is there a record of it.
final class LateLayer {

  private final StepAttempt attempt;
  private final Digest key;
  private final FreshLayer fresh;
  private final StepRoot root;
  private final List<ConfigStep> after = new ArrayList<>();
  private final CompletableFuture<Written> written = new CompletableFuture<>();
  private boolean isRootTaken;
  private boolean isWaitingTold;

  /// What it has come to.
  record Written(WrittenLayer layer, StepRecord record) {}

  /// Writes the layer and the record.
  @FunctionalInterface
  interface Work {
    Written write() throws IOException;
  }

  /// @param key of the step
  /// @param fresh is closed with this
  /// @param root for the next step, above `fresh`; closed with this unless it is taken
  LateLayer(StepAttempt attempt, Digest key, FreshLayer fresh, StepRoot root) {
    this.attempt = attempt;
    this.key = key;
    this.fresh = fresh;
    this.root = root;
  }

  /// Begins, in a thread of its own.
  void start(Work work) {
    Thread.ofPlatform()
        .name("layer")
        .start(
            () -> {
              try {
                written.complete(work.write());
              } catch (IOException | RuntimeException | Error e) {
                attempt.showFailed("");
                written.completeExceptionally(e);
              }
            });
  }

  StepAttempt attempt() {
    return attempt;
  }

  /// The key of its step.
  Digest key() {
    return key;
  }

  /// The root for the next step; closed by who takes it.
  StepRoot takeRoot() {
    isRootTaken = true;
    return root;
  }

  /// Takes an instruction that comes after the step and only says something.
  void add(ConfigStep step) {
    after.add(step);
  }

  List<ConfigStep> after() {
    return after;
  }

  /// Waits for the end of the writing.
  ///
  /// @throws BuildFailure or IOException if it failed
  Written await() throws IOException, InterruptedException {
    try {
      return written.get();
    } catch (ExecutionException e) {
      attempt.failed();
      switch (e.getCause()) {
        case BuildFailure failure ->
            throw failure.where().isPresent() ? failure : failure.at(attempt.step().span());
        case IOException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /// Tells, once, that it is waited for, if it is not written yet: it is kept, whatever failed.
  void tellWaiting() {
    if (!isWaitingTold && !written.isDone()) {
      isWaitingTold = true;
      attempt.waits("for its layer to be written");
    }
  }

  /// Waits for it, whatever happens, and lets go of the roots; no step runs above it any more.
  void close() throws IOException {
    boolean isInterrupted = false;
    tellWaiting();
    while (true) {
      try {
        written.handle((_, _) -> true).get();
        break;
      } catch (InterruptedException e) {
        isInterrupted = true;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e); // both ends are handled
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
    try (fresh) {
      if (!isRootTaken) {
        root.close();
      }
    }
  }
}
