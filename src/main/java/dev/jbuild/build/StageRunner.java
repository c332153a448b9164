package dev.jbuild.build;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Progress;
import dev.jbuild.context.InputManifest;
import dev.jbuild.context.SourceTree;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.image.History;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.plan.ConfigStep;
import dev.jbuild.plan.CopySource;
import dev.jbuild.plan.CopyStep;
import dev.jbuild.plan.RunStep;
import dev.jbuild.plan.Stage;
import dev.jbuild.plan.StageBase;
import dev.jbuild.plan.Step;
import dev.jbuild.plan.WorkdirStep;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
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
    if (stage.base() instanceof StageBase.Files(var context)) {
      copy(CopyStep.ofContext(stage, context));
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
            copy(copy);
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

  private void warn(String warning) {
    progress.on(new BuildEvent.Warning(warning));
  }

  /// What goes into every step of the stage.
  StepInputs inputs(String kind) {
    var inputs = new StepInputs(kind);
    var clamp = times.clamp();
    return clamp.isPresent() ? inputs.with("clamp", String.valueOf(clamp.getAsLong())) : inputs;
  }

  private void workdir(WorkdirStep step) throws IOException, InterruptedException {
    var inputs =
        inputs("workdir")
            .with("directory", step.directory())
            .with("user", step.user())
            .with(StepInputs.PARENT, state.chainText());
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
      draftStep(attempt, key, draft, Optional.empty(), "");
    } finally {
      jobs.release();
    }
  }

  private void copy(CopyStep step) throws IOException, InterruptedException {
    var instruction = inputs("copy").with("instruction", CopyText.canonical(step));
    var source = shop.source(step.origin());
    var bySource =
        source.chain().isPresent() && onlyFiles(step)
            ? Optional.of(
                key(
                    step,
                    instruction
                        .with("source", source.chain().get())
                        .with("paths", CopyText.sources(step)),
                    shop.layersOf(step.origin()).orElse(List.of())))
            : Optional.<StepKey>empty();
    if (bySource.isPresent()) {
      var known = find(bySource.get());
      if (known.isPresent()) {
        var files = known.get().files().map(Digest::toString).orElse("");
        var noted = withParent(step, instruction.with(StepInputs.FILES, files));
        attempt(step).with(noted).cached(known.get());
        return;
      }
    }
    jobs.acquire();
    var next = StepAttempt.shown(this, shop, step, number + 1);
    try (var archives = new Archives(shop::temporary)) {
      var gathered =
          new CopyInputs(step, source.name(), archives, shop.remotes(), times, this::warn)
              .telling(bytes -> progress.on(new BuildEvent.Moved(next, bytes, -1)));
      var tree = source.tree();
      tree.watch((found, read) -> progress.on(new BuildEvent.Looked(next, found, read)));
      List<Piece> pieces;
      Listed listed; // the manifest itself may be large
      try {
        pieces = gathered.gather(tree);
        listed = manifest(step, instruction, pieces);
      } finally {
        tree.watch(SourceTree.Watcher.NOBODY);
      }
      var key = listed.key();
      var known = listed.known();
      var files = listed.files();
      var noted =
          attempt(step)
              .with(withParent(step, instruction.with(StepInputs.FILES, files.toString())));
      if (known.isPresent()) {
        alias(bySource, known.get());
        noted.cached(known.get());
        return;
      }
      // Two platforms, or two builds, that copy the same make the layer once.
      try (var _ = noted.lock(key.now().key())) {
        var meanwhile = find(key);
        if (meanwhile.isPresent()) {
          alias(bySource, meanwhile.get());
          noted.cached(meanwhile.get());
        } else {
          make(step, noted, key, bySource, pieces, files);
        }
      }
    } catch (BuildFailure e) {
      throw e.where().isPresent() ? e : e.at(step.span());
    } finally {
      jobs.release();
    }
  }

  /// What a copy's inputs come to.
  ///
  /// @param known the record of the same inputs, if there is one
  /// @param files the blob of the manifest
  private record Listed(StepKey key, Optional<StepRecord> known, Digest files) {}

  private Listed manifest(CopyStep step, StepInputs instruction, List<Piece> pieces)
      throws IOException {
    var manifest = CopyInputs.manifest(pieces);
    var content = instruction.with("content", manifest.contentKey().toString());
    var key = key(step, content, List.of());
    var known = find(key);
    return new Listed(key, known, manifestBlob(known, manifest));
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

  private static boolean onlyFiles(CopyStep step) {
    return step.sources().stream().allMatch(each -> each instanceof CopySource.Files);
  }

  private StepInputs withParent(CopyStep step, StepInputs inputs) {
    return step.link() ? inputs : inputs.with(StepInputs.PARENT, state.chainText());
  }

  /// @param source the layers of which it copies, if the key does not hold what is copied
  private StepKey key(CopyStep step, StepInputs inputs, List<Digest> source) {
    var asked = new ArrayList<Digest>(source);
    if (!step.link()) {
      asked.addAll(state.diffIds());
    }
    return new StepKey(withParent(step, inputs), asked, shop.layers());
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

  private void put(StepKey key, StepRecord record) throws IOException {
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

  private void make(
      CopyStep step,
      StepAttempt attempt,
      StepKey key,
      Optional<StepKey> bySource,
      List<Piece> pieces,
      Digest files)
      throws IOException, InterruptedException {
    var view = step.link() ? new MergedView() : shop.layers().view(state.diffIds());
    var layer = new CopyLayer(step, view, shop.layers(), times, owner(step, view));
    var draft = layer.draft(pieces);
    layer.warning().ifPresent(this::warn);
    // What would be written, with all that it takes from below: if a base moved without touching
    // that, the layer is the one that is there.
    var asWritten = inputs("layer").with("entries", draft.description().toString());
    var known = cache.find(asWritten.key());
    if (known.isPresent()) {
      put(key, known.get());
      alias(bySource, known.get());
      attempt.cached(known.get());
      return;
    }
    var record = draftStep(attempt, key, draft, Optional.of(files), "");
    cache.put(asWritten.key(), asWritten.weakKey(), record);
    alias(bySource, record);
  }

  private Optional<Accounts.Owner> owner(CopyStep step, MergedView view) throws IOException {
    if (step.chown().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(AccountFiles.read(view, shop.layers()).forFiles(step.chown().get()));
    } catch (BuildFailure e) {
      throw e.at(step.span());
    }
  }

  private StepRecord draftStep(
      StepAttempt attempt, StepKey key, LayerDraft draft, Optional<Digest> files, String note)
      throws IOException {
    var why = attempt.starts();
    try {
      var layer =
          draft.isEmpty() ? Optional.<WrittenLayer>empty() : Optional.of(write(draft, attempt));
      var record = attempt.made(attempt.record(layer, files));
      put(key, record);
      attempt.done(note.isEmpty() ? why : note);
      return record;
    } catch (BuildFailure e) {
      attempt.failed();
      throw e.where().isPresent() ? e : e.at(attempt.step().span());
    }
  }

  private WrittenLayer write(LayerDraft draft, StepAttempt attempt) throws IOException {
    if (draft.size() < MANY) {
      return draft.write(shop.store());
    }
    try (var earlier = attempt.earlier().orElse(null)) {
      return draft.write(shop.store(), earlier);
    }
  }

  /// What an image would be that ends before the step.
  ImageConfig imageBefore(RunStep step) {
    return times.date(stage.start().withConfig(step.after()), state, stage.start());
  }
}
