package dev.jbuild.build;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Progress;
import dev.jbuild.context.InputManifest;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.image.History;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.layer.EarlierLayer;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.plan.ConfigStep;
import dev.jbuild.plan.CopyStep;
import dev.jbuild.plan.RunStep;
import dev.jbuild.plan.Stage;
import dev.jbuild.plan.StageBase;
import dev.jbuild.plan.Step;
import dev.jbuild.plan.WorkdirStep;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Takes one stage through its steps: each is found in the cache or made.
final class StageRunner {

  /// From so many entries on it pays to look for the layer that the step made before.
  private static final int MANY = 50;

  private final Stage stage;
  private final Workshop shop;
  private final Progress progress;
  private final Semaphore jobs;
  private final boolean isAlone;
  private final Times times;
  private final StepCache cache;
  private StageState state;
  private int number;
  private boolean missed;
  private boolean isTraced;

  /// @param start what the stage begins with
  /// @param isAlone whether one thing is done at a time (`--jobs 1`)
  StageRunner(
      Stage stage,
      StageState start,
      Times times,
      Workshop shop,
      Progress progress,
      Semaphore jobs,
      boolean isAlone) {
    this.stage = stage;
    this.state = start;
    this.times = times;
    this.shop = shop;
    this.progress = progress;
    this.jobs = jobs;
    this.isAlone = isAlone;
    this.cache = shop.cache(stage);
  }

  StageState run() throws IOException, InterruptedException {
    var copies = new CopySteps(this, shop, progress, jobs);
    if (stage.base() instanceof StageBase.Files(var context)) {
      copies.copy(CopyStep.ofContext(stage, context));
    }
    var steps = stage.steps();
    try (var runs = new RunSteps(this, shop, progress, jobs, isAlone)) {
      for (int i = 0; i < steps.size(); i++) {
        switch (steps.get(i)) {
          case ConfigStep config -> runs.skip(config);
          case WorkdirStep workdir -> {
            runs.end();
            workdir(workdir);
          }
          case CopyStep copy -> {
            runs.end();
            copies.copy(copy);
          }
          case RunStep run -> runs.run(run, following(steps.subList(i + 1, steps.size())));
        }
      }
      runs.end();
    }
    return state;
  }

  /// The next step that makes files, if it is one that runs.
  private static Optional<RunStep> following(List<Step> steps) {
    for (var step : steps) {
      switch (step) {
        case ConfigStep _ -> {}
        case RunStep run -> {
          return Optional.of(run);
        }
        case CopyStep _, WorkdirStep _ -> {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  /// An instruction that only says something.
  void skip(ConfigStep step) {
    if (step.createdBy().isPresent()) {
      state = state.after(Optional.empty(), entry(step, true, null), OptionalLong.empty());
    }
  }

  private History entry(Step step, boolean empty, @Nullable Instant created) {
    return new History(created, step.createdBy().orElse(""), "", Step.HISTORY_COMMENT, empty);
  }

  /// The next step of the stage.
  StepAttempt attempt(Step step) {
    number++;
    return new StepAttempt(this, shop, progress, step, number);
  }

  /// How the next step is shown before it is known whether it has to be made.
  BuildEvent.Step showsNext(Step step) {
    return StepAttempt.shown(this, shop, step, number + 1);
  }

  Stage stage() {
    return stage;
  }

  StageState state() {
    return state;
  }

  StepCache cache() {
    return cache;
  }

  Times times() {
    return times;
  }

  /// Whether no step of the stage had to be made yet; asked again it is not the first any more.
  boolean isFirstMiss() {
    boolean isFirst = !missed;
    missed = true;
    return isFirst;
  }

  /// The layers below the stage's first step; nothing when asked again, since those of the others
  /// follow from them.
  Optional<List<Digest>> untracedBelow() {
    var below = isTraced ? Optional.<List<Digest>>empty() : Optional.of(state.diffIds());
    isTraced = true;
    return below;
  }

  void advance(Step step, Optional<Digest> layer, long created) {
    var at = Instant.ofEpochSecond(created);
    var entry = entry(step, layer.isEmpty(), layer.isEmpty() ? null : at);
    advance(step, layer, created, entry);
  }

  void advance(Step step, Optional<Digest> layer, long created, History entry) {
    state = state.after(layer, entry, OptionalLong.of(created));
    if (layer.isPresent()) {
      count(step, state.diffIds().size());
    }
  }

  private void count(Step step, int layers) {
    try {
      LayerCount.check(layers);
    } catch (BuildFailure e) {
      throw e.at(step.span());
    }
    if (LayerCount.isTooManyForDocker(layers) && stage.index() == shop.plan().target().index()) {
      warn("more than " + LayerCount.MOST_IN_DOCKER + " layers: Docker will not load the image");
    }
  }

  void warn(String warning) {
    progress.on(new BuildEvent.Warning(warning));
  }

  /// What goes into every step of the stage.
  StepInputs inputs(String kind) {
    var inputs = new StepInputs(kind);
    var clamp = times.clamp();
    return clamp.isPresent() ? inputs.with("clamp", String.valueOf(clamp.getAsLong())) : inputs;
  }

  /// The same for a step that depends on what is below it.
  StepInputs onWhatIsBelow(StepInputs inputs) {
    return inputs.with(StepInputs.PARENT, state.chainText());
  }

  private void workdir(WorkdirStep step) throws IOException, InterruptedException {
    var inputs =
        onWhatIsBelow(
            inputs("workdir").with("directory", step.directory()).with("user", step.user()));
    var attempt = attempt(step).with(inputs);
    var key = new StepKey(inputs, state.diffIds(), shop.layers());
    var known = find(key);
    if (known.isPresent()) {
      attempt.cached(known.get());
      return;
    }
    jobs.acquire();
    try (var _ = attempt.lock(key.now().key())) {
      var meanwhile = find(key);
      if (meanwhile.isPresent()) {
        attempt.cached(meanwhile.get());
        return;
      }
      var view = shop.layers().view(state.diffIds());
      var draft = WorkdirLayer.draft(step, view, shop.layers(), times, this::warn);
      draftStep(attempt, key, draft, Optional.empty());
    } finally {
      jobs.release();
    }
  }

  /// The manifest as a blob; where the same inputs were seen before, theirs.
  Digest manifestBlob(Optional<StepRecord> known, InputManifest manifest) throws IOException {
    var before = known.flatMap(StepRecord::files);
    if (before.isPresent() && shop.store().lease().keep(before.get())) {
      return before.get();
    }
    try (var blob = shop.store().blobs().create()) {
      manifest.writeTo(blob);
      return blob.commit();
    }
  }

  /// What was made with the layers themselves is good whatever is claimed of them now.
  Optional<StepRecord> find(StepKey key) throws IOException {
    var certain = cache.find(key.inputs().key());
    if (certain.isPresent()) {
      return certain;
    }
    if (cache.isShared()) {
      key.ask();
    }
    var now = key.now();
    return now == key.inputs() ? Optional.empty() : cache.find(now.key());
  }

  void put(StepKey key, StepRecord record) throws IOException {
    var now = key.now();
    cache.put(now.key(), now.weakKey(), record);
    if (now != key.inputs()) {
      shop.madeWithClaims(key, record);
    }
  }

  void alias(Optional<StepKey> other, StepRecord record) throws IOException {
    if (other.isPresent()) {
      put(other.get(), record);
    }
  }

  /// Writes the layer of a step, if it has one, and the record of it; the stage moves on.
  StepRecord draftStep(StepAttempt attempt, StepKey key, LayerDraft draft, Optional<Digest> files)
      throws IOException, InterruptedException {
    return draftStep(attempt, key, draft, files, Later.whenAsked(attempt::earlier));
  }

  /// The same.
  ///
  /// @param earlier the layer that the step made before
  StepRecord draftStep(
      StepAttempt attempt,
      StepKey key,
      LayerDraft draft,
      Optional<Digest> files,
      Later<Optional<EarlierLayer>> earlier)
      throws IOException, InterruptedException {
    boolean isLong = draft.size() >= MANY;
    var soon = isLong ? "" : attempt.starts();
    try (var later = isLong ? attempt.startsLong() : null) {
      var layer =
          draft.isEmpty() ? Optional.<WrittenLayer>empty() : Optional.of(write(draft, earlier));
      var why = later == null ? soon : attempt.explains(later.get());
      var record = attempt.made(attempt.record(layer, files));
      put(key, record);
      attempt.done(why);
      return record;
    } catch (BuildFailure e) {
      attempt.failed();
      throw e.where().isPresent() ? e : e.at(attempt.step().span());
    }
  }

  private WrittenLayer write(LayerDraft draft, Later<Optional<EarlierLayer>> before)
      throws IOException, InterruptedException {
    if (draft.size() < MANY) {
      return draft.write(shop.store());
    }
    try (var earlier = before.get().orElse(null)) {
      return draft.write(shop.store(), earlier);
    }
  }

  /// What an image would be that ends before the step.
  ImageConfig imageBefore(RunStep step) {
    return times.date(stage.start().withConfig(step.after()), state, stage.start());
  }
}
