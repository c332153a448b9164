package dev.jbuild.build;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Progress;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import dev.jbuild.image.History;
import dev.jbuild.layer.EarlierLayer;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.linux.FileLock;
import dev.jbuild.plan.Step;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A step from when it is reached until it is done: told to people, counted, noted for the next
/// build, and in the end what its stage goes on from.
final class StepAttempt {

  /// The comment of the history entry of a step that a person mended.
  private static final String BY_HAND = "changed by hand (jbuild --on-error shell)";

  private final StageRunner runner;
  private final Workshop shop;
  private final Progress progress;
  private final Step step;
  private final int number;
  private final BuildEvent.Step shown;
  private final long since = System.nanoTime();
  private Optional<Digest> log = Optional.empty();
  private BoundFiles bound = BoundFiles.NONE;
  private StepNotes.@Nullable Copied copied;
  private BuildRecord.@Nullable Step noted;
  private boolean isFirstMiss;

  /// The thread that writes the step's layer may find out what the stage's then tells too.
  private final AtomicBoolean isShownFailed = new AtomicBoolean();

  /// @param number of the step in its stage, from 1
  StepAttempt(StageRunner runner, Workshop shop, Progress progress, Step step, int number) {
    this.runner = runner;
    this.shop = shop;
    this.progress = progress;
    this.step = step;
    this.number = number;
    this.shown = shown(runner, shop, step, number);
  }

  static BuildEvent.Step shown(StageRunner runner, Workshop shop, Step step, int number) {
    return new BuildEvent.Step(
        shop.called(runner.stage()) + " " + number, Printable.of(step.instruction()));
  }

  /// Takes what goes into the step, as the next build is told.
  StepAttempt with(StepInputs inputs) {
    noted =
        new BuildRecord.Step(
            runner.stage().displayName(), number, step.instruction(), inputs.parts());
    return this;
  }

  /// The same for one that runs something.
  ///
  /// @param name of its log
  StepAttempt with(StepInputs inputs, Digest name, BoundFiles files) {
    log = Optional.of(name);
    bound = files;
    return with(inputs);
  }

  /// Takes what is copied, for the build after this one.
  StepAttempt copies(StepNotes.Copied inputs) {
    copied = inputs;
    return this;
  }

  BuildEvent.Step shown() {
    return shown;
  }

  Step step() {
    return step;
  }

  /// The lock by which a step is made once, whoever needs it.
  FileLock lock(Digest key) throws IOException {
    return shop.store().lock(key, () -> waits("for the same step, which is being made"));
  }

  void waits(String reason) {
    progress.on(new BuildEvent.Waiting(shown, reason));
  }

  private Duration took() {
    return Duration.ofNanos(System.nanoTime() - since);
  }

  void cached(StepRecord record) throws IOException {
    shop.tally().hit();
    var from = runner.cache().origin(record).map(place -> "from " + place).orElse("");
    note(from.isEmpty() ? BuildRecord.Outcome.CACHED : BuildRecord.Outcome.SHARED, from);
    trace(record.layer());
    runner.advance(step, record.layer(), record.created());
    progress.on(new BuildEvent.Finished(shown, BuildEvent.Outcome.CACHED, took(), from));
  }

  private BuildRecord.Step noted() {
    var known = noted;
    if (known == null) {
      throw new IllegalStateException("what goes into " + shown.id() + " is not known yet");
    }
    return known;
  }

  private void note(BuildRecord.Outcome outcome, String note) {
    shop.lastBuild().add(new BuildRecord.Entry(noted(), outcome, note));
  }

  /// Notes, before the stage moves on, how the step ran.
  private void trace(Optional<Digest> layer) throws IOException {
    var trace = StepTrace.of(shown.id(), step, runner.untracedBelow(), layer, log, bound, shop);
    if (copied != null) {
      copied.writeTo(trace);
    }
    shop.notes().done(trace);
  }

  /// The layer that the step made in the last build, if it can be read.
  Optional<EarlierLayer> earlier() throws IOException {
    var layer = shop.notes().earlierLayer(shown.id(), step.instruction());
    return layer.isEmpty() ? Optional.empty() : EarlierLayer.open(shop.layers(), layer.get());
  }

  /// Says why the step is made; only the first of a stage is told, the others follow from it.
  String starts() throws IOException {
    var reason = reason();
    note(BuildRecord.Outcome.MADE, reason);
    var why = runner.isFirstMiss() ? reason : "";
    miss(why);
    progress.on(new BuildEvent.Started(shown));
    return why;
  }

  /// The same for a step with many inputs: why it is made is found out while it is made, and said
  /// with [#explains].
  Later<String> startsLong() {
    isFirstMiss = runner.isFirstMiss();
    note(BuildRecord.Outcome.MADE, "");
    miss("");
    progress.on(new BuildEvent.Started(shown));
    return Later.beside("reason", this::reason);
  }

  /// Says why a step is made that [#startsLong] began.
  ///
  /// @return what is told
  String explains(String reason) {
    note(BuildRecord.Outcome.MADE, reason);
    var why = isFirstMiss ? reason : "";
    shop.tally().explain(position(), inBuild(why));
    return why;
  }

  /// The same for one that runs before it is known what is below it; [#stands] tells that.
  void startsAhead() {
    miss("");
    progress.on(new BuildEvent.Started(shown));
  }

  private void miss(String why) {
    shop.tally().miss(position(), inBuild(why));
  }

  private Tally.Position position() {
    return new Tally.Position(shop.number(), runner.stage().index(), number);
  }

  private String inBuild(String why) {
    return why.isEmpty() ? "" : shown.id() + ": " + why;
  }

  /// Takes what goes into a step that started ahead.
  void stands(StepInputs inputs, Digest name) throws IOException {
    with(inputs, name, BoundFiles.NONE);
    note(BuildRecord.Outcome.MADE, reason());
  }

  private String reason() throws IOException {
    return runner.cache().isDisabled() ? "--no-cache" : shop.lastBuild().explain(noted());
  }

  /// What the cache keeps of it.
  StepRecord record(Optional<WrittenLayer> layer, Optional<Digest> files) {
    return new StepRecord(
        layer.map(WrittenLayer::diffId),
        layer.map(WrittenLayer::size).orElse(0L),
        runner.times().now(),
        files);
  }

  /// The stage goes on from what was made.
  StepRecord made(StepRecord record) throws IOException {
    record.layer().ifPresent(layer -> shop.tally().made(layer, record.size()));
    trace(record.layer());
    runner.advance(step, record.layer(), record.created());
    return record;
  }

  void done(String note) {
    progress.on(new BuildEvent.Finished(shown, BuildEvent.Outcome.DONE, took(), note));
  }

  void failed() {
    if (noted != null) {
      shop.lastBuild().remove(noted());
    }
    showFailed("");
  }

  /// Tells that it failed; once only.
  ///
  /// @param how `exit code 1`, or empty if that is told otherwise
  void showFailed(String how) {
    if (isShownFailed.compareAndSet(false, true)) {
      progress.on(new BuildEvent.Finished(shown, BuildEvent.Outcome.FAILED, took(), how));
    }
  }

  /// The files are what a person made of them: nobody may take them for what the instruction makes,
  /// so no record tells of them, and the history says so.
  void madeByHand(Optional<WrittenLayer> layer) throws IOException {
    shop.lastBuild().remove(noted());
    layer.ifPresent(written -> shop.tally().made(written.diffId(), written.size()));
    long now = runner.times().now();
    trace(layer.map(WrittenLayer::diffId));
    var at = layer.isEmpty() ? null : Instant.ofEpochSecond(now);
    var text = step.createdBy().orElse("");
    var entry = new History(at, text, "", BY_HAND, layer.isEmpty());
    runner.advance(step, layer.map(WrittenLayer::diffId), now, entry);
    done("mended by hand, not cached");
  }
}
