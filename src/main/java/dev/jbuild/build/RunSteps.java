package dev.jbuild.build;

import dev.jbuild.console.Progress;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.FileLock;
import dev.jbuild.plan.ConfigStep;
import dev.jbuild.plan.RunStep;
import dev.jbuild.plan.Stage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// The RUN steps of one stage: each is found in the cache or run.
///
/// A step need not wait for the layer of the one before. If no record has its weak key (all of its
/// key but what is below), it cannot be found, whatever that layer comes to; so it runs *ahead*
/// while the layer is written. When it is through, the layer below is settled first: the stage
/// moves on, the step's key is known, and only then is anything made of what it did.
final class RunSteps implements AutoCloseable {

  private final StageRunner runner;
  private final Stage stage;
  private final StepCache cache;
  private final Workshop shop;
  private final Progress progress;
  private final Semaphore jobs;
  private final boolean isAlone;
  private @Nullable LateLayer late;
  private boolean isExpected;

  /// The key of the step below, if that is a RUN.
  private Optional<Digest> below = Optional.empty();

  /// @param isAlone whether one thing is done at a time
  RunSteps(StageRunner runner, Workshop shop, Progress progress, Semaphore jobs, boolean isAlone) {
    this.runner = runner;
    this.stage = runner.stage();
    this.cache = runner.cache();
    this.shop = shop;
    this.progress = progress;
    this.jobs = jobs;
    this.isAlone = isAlone;
  }

  /// An instruction that only says something: it comes after what is being written.
  void skip(ConfigStep step) {
    var writing = late;
    if (writing == null) {
      runner.skip(step);
    } else {
      writing.add(step);
    }
  }

  /// The next step is none that runs, or there is none.
  void end() throws IOException, InterruptedException {
    settle();
    below = Optional.empty();
  }

  /// Waits for the layer that is being written, and has the stage move on.
  private void settle() throws IOException, InterruptedException {
    var writing = late;
    if (writing == null) {
      return;
    }
    var written = writing.await();
    late = null;
    try {
      writing.attempt().made(written.record());
      writing.after().forEach(runner::skip);
    } finally {
      writing.close();
    }
  }

  /// The same, for a step that has run on top of it.
  void settleBelow(LateLayer writing) throws IOException, InterruptedException {
    settle();
    below = Optional.of(writing.key());
  }

  /// Whether it has not been settled yet.
  boolean isWriting(LateLayer layer) {
    return layer == late;
  }

  /// What was being written is written to its end, whatever happened since.
  @Override
  public void close() throws IOException {
    var writing = late;
    late = null;
    if (writing != null) {
      writing.close();
    }
  }

  /// Takes the stage through a step.
  ///
  /// @param next the step after it, if that runs too
  void run(RunStep step, Optional<RunStep> next) throws IOException, InterruptedException {
    var attempt = runner.attempt(step);
    var writing = late;
    if (writing != null && runsAhead(attempt, step, next, writing)) {
      return;
    }
    settle();
    if (BoundFiles.mounts(step).isEmpty()) {
      run(new RunTask(attempt, step, next, inputs(step)));
    } else {
      runBinding(attempt, step, next);
    }
  }

  /// All that goes into it but what is below: the weak key.
  private StepInputs inputs(RunStep step) {
    var all = runner.inputs("run").with("platform", stage.platform().toString());
    return RunInputs.of(step, all, shop.surroundings());
  }

  /// Whether it would be run whatever the layer below comes to.
  private boolean mayRunAhead(RunStep step) {
    return !isAlone && BoundFiles.mounts(step).isEmpty() && !cache.mayFind(inputs(step).key());
  }

  private void runBinding(StepAttempt attempt, RunStep step, Optional<RunStep> next)
      throws IOException, InterruptedException {
    var instruction = inputs(step);
    // A step runs on trees, for which layers are read: nothing about them is a claim. What it binds
    // may be found by content as it is claimed, and then nobody has read the layers.
    var bindsFrom = BoundFiles.layers(step, shop);
    var bySource =
        BoundFiles.origins(step, shop)
            .map(text -> runner.onWhatIsBelow(instruction.with("sources", text)))
            .map(inputs -> new StepKey(inputs, bindsFrom, shop.layers()));
    if (bySource.isPresent()) {
      var known = runner.find(bySource.get());
      if (known.isPresent()) {
        var noted = RunInputs.noted(runner.onWhatIsBelow(instruction), known.get().files());
        var key = bySource.get().inputs().key();
        attempt.with(noted, key, BoundFiles.NONE).cached(known.get());
        below = Optional.of(key);
        return;
      }
    }
    var bound = bound(step);
    var manifest = bound.manifest();
    var inputs = RunInputs.withContent(instruction, manifest);
    var files = runner.manifestBlob(cache.find(runner.onWhatIsBelow(inputs).key()), manifest);
    run(new RunTask(attempt, step, next, inputs, bound, bySource, Optional.of(files)));
  }

  /// Reading what a step binds is work like a step.
  private BoundFiles bound(RunStep step) throws IOException, InterruptedException {
    jobs.acquire();
    try {
      return BoundFiles.find(step, shop);
    } finally {
      jobs.release();
    }
  }

  private void run(RunTask task) throws IOException, InterruptedException {
    var inputs = runner.onWhatIsBelow(task.inputs());
    var key = inputs.key();
    // A step that is found without reading its files has its log under the name that is known then.
    var log = task.bySource().map(each -> each.inputs().key()).orElse(key);
    var attempt = task.attempt().with(RunInputs.noted(inputs, task.files()), log, task.bound());
    var known = cache.find(key);
    if (known.isPresent()) {
      runner.alias(task.bySource(), known.get());
      attempt.cached(known.get());
      below = Optional.of(key);
      return;
    }
    // Two builds that need the same step make it once (docs/architecture.md, The store).
    var lock = attempt.lock(below.isEmpty() ? key : lockName(task.inputs().key(), below.get()));
    boolean isHandedOn = false;
    try {
      var meanwhile = cache.find(key);
      if (meanwhile.isPresent()) {
        runner.alias(task.bySource(), meanwhile.get());
        attempt.cached(meanwhile.get());
        below = Optional.of(key);
        return;
      }
      jobs.acquire();
      try {
        StepLog.Place place = () -> shop.notes().logFile(log);
        var view =
            new RunExecution.View(
                attempt.shown(), place, () -> log, attempt::waits, attempt::showFailed);
        require(task.step());
        var why = attempt.starts();
        isHandedOn = make(task, view, new Footing.Settled(runner), why, lock);
      } catch (BuildFailure e) {
        attempt.failed();
        throw e.where().isPresent() ? e : e.at(task.step().span());
      } finally {
        jobs.release();
      }
    } finally {
      if (!isHandedOn) {
        lock.close();
      }
    }
  }

  private void require(RunStep step) throws IOException, InterruptedException {
    ForeignSteps.require(shop, stage, step);
    StepNeeds.require(step, shop.surroundings().settings());
  }

  /// A name that is the same for who runs the step ahead and for who knows its key. Whoever waits
  /// for such a lock holds at most the one of the step below, so nobody waits in a circle.
  private static Digest lockName(Digest weakKey, Digest stepBelow) {
    var text = "above " + stepBelow + ": " + weakKey;
    return Digest.of(text.getBytes(StandardCharsets.US_ASCII));
  }

  /// Runs the step and sees to its layer.
  ///
  /// @return whether the lock is somebody else's to close now
  private boolean make(
      RunTask task, RunExecution.View view, Footing ground, String why, FileLock lock)
      throws IOException, InterruptedException {
    expect(task);
    var execution = new RunExecution(task.step(), stage, task.bound(), shop, progress, view);
    var fresh =
        execution.layer(ground, runner.times().clamp(), () -> runner.imageBefore(task.step()));
    boolean isHandedOn = false;
    try {
      if (execution.isByHand()) {
        task.attempt().madeByHand(fresh.write(runner.state().chain()));
        below = Optional.empty();
        return false;
      }
      var inputs = runner.onWhatIsBelow(task.inputs());
      isHandedOn = writesLate(task, fresh, ground, why, lock);
      if (!isHandedOn) {
        var layer = fresh.write(runner.state().chain());
        var record = task.attempt().made(task.attempt().record(layer, task.files()));
        keep(task, inputs, record);
        task.attempt().done(why);
      }
      below = Optional.of(inputs.key());
      return isHandedOn;
    } finally {
      if (!isHandedOn) {
        fresh.close();
      }
    }
  }

  /// What the start of any step takes is done while its root is made, and for the next one while
  /// this one runs.
  private void expect(RunTask task) throws IOException, InterruptedException {
    var maker = shop.runLayer();
    if (!isExpected) {
      maker.expectStep();
    }
    isExpected = task.next().isPresent();
    if (isExpected) {
      maker.expectStep();
    }
  }

  /// Has the layer written while the next step runs, if that can be.
  private boolean writesLate(
      RunTask task, FreshLayer fresh, Footing ground, String why, FileLock lock)
      throws IOException, InterruptedException {
    if (fresh.isEmpty() || task.next().isEmpty() || !mayRunAhead(task.next().get())) {
      return false;
    }
    var root = above(fresh);
    if (root.isEmpty()) {
      return false;
    }
    var chain = runner.state().chain();
    var inputs = runner.onWhatIsBelow(task.inputs());
    var writing = new LateLayer(task.attempt(), inputs.key(), fresh, root.get());
    boolean isStarted = false;
    try {
      writing.start(
          () -> {
            try (lock) {
              var layer = fresh.write(chain);
              var record = task.attempt().record(layer, task.files());
              keep(task, inputs, record);
              ground.keepLog();
              task.attempt().done(why);
              return new LateLayer.Written(layer.orElseThrow(), record);
            }
          });
      isStarted = true;
    } finally {
      if (!isStarted) { // no thread is to be had: nobody must wait for it
        root.get().close();
      }
    }
    late = writing;
    return true;
  }

  /// A root for the next step. What is in its way, that step tells when it is reached: the layer is
  /// not lost for it. But a build that is cancelled reaches no more steps.
  private Optional<StepRoot> above(FreshLayer fresh) throws IOException, InterruptedException {
    try {
      return fresh.above(shop.runLayer().roots());
    } catch (InterruptedIOException | ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void keep(RunTask task, StepInputs inputs, StepRecord record) throws IOException {
    cache.put(inputs.key(), inputs.weakKey(), record);
    runner.alias(task.bySource(), record);
  }

  /// Runs a step above a layer that is being written.
  ///
  /// @return false if it has to wait for the layer, since it may be found
  private boolean runsAhead(
      StepAttempt attempt, RunStep step, Optional<RunStep> next, LateLayer writing)
      throws IOException, InterruptedException {
    var inputs = inputs(step);
    if (!mayRunAhead(step)) {
      return false;
    }
    var name = lockName(inputs.key(), writing.key());
    var lock = attempt.lock(name);
    boolean isHandedOn = false;
    try {
      if (cache.mayFind(inputs.key())) { // another build made it a moment ago
        return false;
      }
      jobs.acquire();
      var ahead = new Footing.Ahead(this, runner, shop, writing, attempt, inputs, name);
      try {
        require(step);
        attempt.startsAhead();
        var view =
            new RunExecution.View(
                attempt.shown(), ahead::log, ahead::key, attempt::waits, ahead::showFailed);
        try {
          isHandedOn = make(new RunTask(attempt, step, next, inputs), view, ahead, "", lock);
        } finally {
          if (!isHandedOn) {
            ahead.keepLog();
          }
        }
      } catch (IOException e) {
        ahead.tellBelowFirst(e);
        throw e;
      } catch (BuildFailure e) {
        ahead.tellBelowFirst(e);
        attempt.failed();
        throw e.where().isPresent() ? e : e.at(step.span());
      } finally {
        jobs.release();
      }
      return true;
    } finally {
      if (!isHandedOn) {
        lock.close();
      }
    }
  }
}
