package dev.jbuild.build;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Progress;
import dev.jbuild.context.InputManifest;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import dev.jbuild.image.History;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.linux.FileLock;
import dev.jbuild.plan.ConfigStep;
import dev.jbuild.plan.CopySource;
import dev.jbuild.plan.CopyStep;
import dev.jbuild.plan.RunStep;
import dev.jbuild.plan.Stage;
import dev.jbuild.plan.StageBase;
import dev.jbuild.plan.Step;
import dev.jbuild.plan.WorkdirStep;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Takes one stage through its steps: each is found in the cache or made.
final class StageRunner {

  /// The comment of the history entry of a step that a person mended.
  private static final String BY_HAND = "changed by hand (jbuild --on-error shell)";

  private final Stage stage;
  private final Workshop shop;
  private final Progress progress;
  private final Semaphore jobs;
  private final Times times;
  private final StepCache cache;
  private StageState state;
  private int number;
  private boolean missed;
  private boolean isTraced;

  /// @param start what the stage begins with
  StageRunner(
      Stage stage,
      StageState start,
      Times times,
      Workshop shop,
      Progress progress,
      Semaphore jobs) {
    this.stage = stage;
    this.state = start;
    this.times = times;
    this.shop = shop;
    this.progress = progress;
    this.jobs = jobs;
    this.cache = shop.cache(stage);
  }

  StageState run() throws IOException, InterruptedException {
    if (stage.base() instanceof StageBase.Files(var context)) {
      copy(CopyStep.ofContext(stage, context));
    }
    for (var step : stage.steps()) {
      switch (step) {
        case ConfigStep config -> skip(config);
        case WorkdirStep workdir -> workdir(workdir);
        case CopyStep copy -> copy(copy);
        case RunStep run -> run(run);
      }
    }
    return state;
  }

  private void skip(ConfigStep step) {
    if (step.createdBy().isPresent()) {
      state = state.after(Optional.empty(), entry(step, true, null), OptionalLong.empty());
    }
  }

  private History entry(Step step, boolean empty, @Nullable Instant created) {
    return new History(created, step.createdBy().orElse(""), "", Step.HISTORY_COMMENT, empty);
  }

  private BuildEvent.Step shown(Step step, int place) {
    return new BuildEvent.Step(shop.called(stage) + " " + place, Printable.of(step.instruction()));
  }

  /// A step while it is being decided about.
  private final class Attempt {
    final Step step;
    final BuildEvent.Step shown;
    final long since = System.nanoTime();
    final BuildRecord.Step noted;
    final Optional<Digest> log;
    final BoundFiles bound;
    boolean isShownFailed;

    Attempt(Step step, StepInputs inputs) {
      this(step, inputs, Optional.empty(), BoundFiles.NONE);
    }

    /// @param log the name of its log
    Attempt(Step step, StepInputs inputs, Optional<Digest> log, BoundFiles bound) {
      number++;
      this.step = step;
      this.log = log;
      this.bound = bound;
      this.shown = shown(step, number);
      this.noted =
          new BuildRecord.Step(stage.displayName(), number, step.instruction(), inputs.parts());
    }

    /// The lock by which a step is made once, whoever needs it.
    FileLock lock(Digest key) throws IOException {
      return shop.store().lock(key, () -> waits("for the same step, which is being made"));
    }

    void waits(String reason) {
      progress.on(new BuildEvent.Waiting(shown, reason));
    }

    Duration took() {
      return Duration.ofNanos(System.nanoTime() - since);
    }

    void cached(StepRecord record) throws IOException {
      shop.tally().hit();
      var from = cache.origin(record).map(place -> "from " + place).orElse("");
      note(from.isEmpty() ? BuildRecord.Outcome.CACHED : BuildRecord.Outcome.SHARED, from);
      trace(record.layer());
      advance(step, record.layer(), record.created());
      progress.on(new BuildEvent.Finished(shown, BuildEvent.Outcome.CACHED, took(), from));
    }

    private void note(BuildRecord.Outcome outcome, String note) {
      shop.lastBuild().add(new BuildRecord.Entry(noted, outcome, note));
    }

    /// Notes, before the stage moves on, how the step ran.
    private void trace(Optional<Digest> layer) throws IOException {
      var below = isTraced ? Optional.<List<Digest>>empty() : Optional.of(state.diffIds());
      isTraced = true;
      shop.notes().done(StepTrace.of(shown.id(), step, below, layer, log, bound, shop));
    }

    /// Says why the step is made; only the first of a stage is told, the others follow from it.
    String starts() throws IOException {
      var reason = reason();
      note(BuildRecord.Outcome.MADE, reason);
      var why = missed ? "" : reason;
      missed = true;
      shop.tally()
          .miss(
              new Tally.Position(shop.number(), stage.index(), number),
              why.isEmpty() ? "" : shown.id() + ": " + why);
      progress.on(new BuildEvent.Started(shown));
      return why;
    }

    private String reason() throws IOException {
      return cache.isDisabled() ? "--no-cache" : shop.lastBuild().explain(noted);
    }

    StepRecord made(Optional<WrittenLayer> layer, Optional<Digest> files) throws IOException {
      layer.ifPresent(written -> shop.tally().made(written.diffId(), written.size()));
      long now = times.now();
      trace(layer.map(WrittenLayer::diffId));
      advance(step, layer.map(WrittenLayer::diffId), now);
      return new StepRecord(
          layer.map(WrittenLayer::diffId), layer.map(WrittenLayer::size).orElse(0L), now, files);
    }

    void done(String note) {
      progress.on(new BuildEvent.Finished(shown, BuildEvent.Outcome.DONE, took(), note));
    }

    void failed() {
      shop.lastBuild().remove(noted);
      showFailed();
    }

    void showFailed() {
      if (!isShownFailed) {
        isShownFailed = true;
        progress.on(new BuildEvent.Finished(shown, BuildEvent.Outcome.FAILED, took(), ""));
      }
    }

    /// The files are what a person made of them: nobody may take them for what the instruction
    /// makes, so no record tells of them, and the history says so.
    void madeByHand(Optional<WrittenLayer> layer) throws IOException {
      shop.lastBuild().remove(noted);
      layer.ifPresent(written -> shop.tally().made(written.diffId(), written.size()));
      long now = times.now();
      trace(layer.map(WrittenLayer::diffId));
      var at = layer.isEmpty() ? null : Instant.ofEpochSecond(now);
      var text = step.createdBy().orElse("");
      var entry = new History(at, text, "", BY_HAND, layer.isEmpty());
      advance(step, layer.map(WrittenLayer::diffId), now, entry);
      done("mended by hand, not cached");
    }
  }

  private void advance(Step step, Optional<Digest> layer, long created) {
    var at = Instant.ofEpochSecond(created);
    var entry = entry(step, layer.isEmpty(), layer.isEmpty() ? null : at);
    advance(step, layer, created, entry);
  }

  private void advance(Step step, Optional<Digest> layer, long created, History entry) {
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

  private StepInputs inputs(String kind) {
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
    var attempt = new Attempt(step, inputs);
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
        new Attempt(step, noted).cached(known.get());
        return;
      }
    }
    jobs.acquire();
    var next = shown(step, number + 1);
    try (var archives = new Archives(shop.temporary())) {
      var gathered =
          new CopyInputs(step, source.name(), archives, shop.remotes(), times, this::warn)
              .telling(bytes -> progress.on(new BuildEvent.Moved(next, bytes, -1)));
      var pieces = gathered.gather(source.tree());
      var listed = manifest(step, instruction, pieces); // the manifest itself may be large
      var key = listed.key();
      var known = listed.known();
      var files = listed.files();
      var noted =
          new Attempt(step, withParent(step, instruction.with(StepInputs.FILES, files.toString())));
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

  private Digest manifestBlob(Optional<StepRecord> known, InputManifest manifest)
      throws IOException {
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
  private Optional<StepRecord> find(StepKey key) throws IOException {
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

  private void alias(Optional<StepKey> other, StepRecord record) throws IOException {
    if (other.isPresent()) {
      put(other.get(), record);
    }
  }

  private void make(
      CopyStep step,
      Attempt attempt,
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
      Attempt attempt, StepKey key, LayerDraft draft, Optional<Digest> files, String note)
      throws IOException {
    var why = attempt.starts();
    try {
      Optional<WrittenLayer> layer =
          draft.isEmpty() ? Optional.empty() : Optional.of(draft.write(shop.store()));
      var record = attempt.made(layer, files);
      put(key, record);
      attempt.done(note.isEmpty() ? why : note);
      return record;
    } catch (BuildFailure e) {
      attempt.failed();
      throw e.where().isPresent() ? e : e.at(attempt.step.span());
    }
  }

  private void run(RunStep step) throws IOException, InterruptedException {
    var instruction =
        RunInputs.of(
            step,
            inputs("run")
                .with("platform", stage.platform().toString())
                .with(StepInputs.PARENT, state.chainText()),
            shop.surroundings());
    if (BoundFiles.mounts(step).isEmpty()) {
      run(step, instruction, BoundFiles.NONE, Optional.empty(), Optional.empty());
      return;
    }
    // A step runs on trees, for which layers are read: nothing about them is a claim. What it binds
    // may be found by content as it is claimed, and then nobody has read the layers.
    var bindsFrom = BoundFiles.layers(step, shop);
    var bySource =
        BoundFiles.origins(step, shop)
            .map(text -> instruction.with("sources", text))
            .map(inputs -> new StepKey(inputs, bindsFrom, shop.layers()));
    if (bySource.isPresent()) {
      var known = find(bySource.get());
      if (known.isPresent()) {
        var noted = RunInputs.noted(instruction, known.get().files());
        var log = Optional.of(bySource.get().inputs().key());
        new Attempt(step, noted, log, BoundFiles.NONE).cached(known.get());
        return;
      }
    }
    var bound = bound(step);
    var manifest = bound.manifest();
    var inputs = RunInputs.withContent(instruction, manifest);
    var files = manifestBlob(cache.find(inputs.key()), manifest);
    run(step, inputs, bound, bySource, Optional.of(files));
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

  private void run(
      RunStep step,
      StepInputs inputs,
      BoundFiles bound,
      Optional<StepKey> bySource,
      Optional<Digest> files)
      throws IOException, InterruptedException {
    // A step that is found without reading its files has its log under the name that is known then.
    var log = bySource.map(each -> each.inputs().key()).orElseGet(inputs::key);
    var attempt = new Attempt(step, RunInputs.noted(inputs, files), Optional.of(log), bound);
    var known = cache.find(inputs.key());
    if (known.isPresent()) {
      alias(bySource, known.get());
      attempt.cached(known.get());
      return;
    }
    // Two builds that need the same step make it once (docs/architecture.md, The store).
    try (var _ = attempt.lock(inputs.key())) {
      var meanwhile = cache.find(inputs.key());
      if (meanwhile.isPresent()) {
        attempt.cached(meanwhile.get());
        return;
      }
      jobs.acquire();
      try {
        ForeignSteps.require(shop, stage, step);
        StepNeeds.require(step, shop.surroundings().settings());
        var why = attempt.starts();
        var view = new RunExecution.View(attempt.shown, log, attempt::waits, attempt::showFailed);
        var execution = new RunExecution(step, stage, bound, shop, progress, view);
        var image = times.date(stage.start().withConfig(step.after()), state, stage.start());
        var layer = execution.layer(state, times.clamp(), image);
        if (execution.isByHand()) {
          attempt.madeByHand(layer);
          return;
        }
        var record = attempt.made(layer, files);
        cache.put(inputs.key(), inputs.weakKey(), record);
        alias(bySource, record);
        attempt.done(why);
      } catch (BuildFailure e) {
        attempt.failed();
        throw e.where().isPresent() ? e : e.at(step.span());
      } finally {
        jobs.release();
      }
    }
  }
}
