package dev.jbuild.build;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Progress;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Reference;
import dev.jbuild.plan.Clamp;
import dev.jbuild.plan.ConfigStep;
import dev.jbuild.plan.CopyStep;
import dev.jbuild.plan.ImageNeed;
import dev.jbuild.plan.ImageRequest;
import dev.jbuild.plan.Plan;
import dev.jbuild.plan.Planner;
import dev.jbuild.plan.Planning;
import dev.jbuild.plan.RunStep;
import dev.jbuild.plan.Stage;
import dev.jbuild.plan.StageBase;
import dev.jbuild.plan.Step;
import dev.jbuild.plan.WorkdirStep;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/// Builds an image: plans, runs the stages side by side, assembles what they made.
///
/// Layers that were made stay in the store, with the records by which they are found again, also
/// when a later step fails.
public final class Builder {

  private final Store store;
  private final Images images;
  private final Downloads downloads;
  private final Clock clock;

  public Builder(Store store, Downloads downloads, Clock clock) {
    this.store = store;
    this.images = new Images(store);
    this.downloads = downloads;
    this.clock = clock;
  }

  /// Builds.
  ///
  /// @throws BuildFailure for whatever a person has to mend
  /// @throws InterruptedException if the thread was interrupted; steps that ran are killed
  public BuildResult build(BuildRequest request, Progress progress)
      throws IOException, InterruptedException {
    var resolved = new LinkedHashMap<ImageRequest, ResolvedImage>();
    var plan = plan(request, resolved);
    plan.notices()
        .forEach(
            notice ->
                progress.on(
                    new BuildEvent.Warning(
                        notice.span().map(span -> span + ": ").orElse("") + notice.message())));
    plan.stages()
        .forEach(stage -> stage.steps().forEach(step -> requireSupported(step, request.steps())));
    var lastBuild = LastBuild.open(store, buildKey(request, plan));
    try (var shop =
        new Workshop(
            store,
            plan,
            request.context(),
            request.contexts(),
            resolved,
            new StepCache(store, request.noCache()),
            lastBuild,
            downloads,
            new RunLayer.Surroundings(plan.hostname(), request.steps()))) {
      boolean finished = false;
      try {
        runStages(request, plan, shop, progress);
        finished = true;
      } finally {
        store.trees().seal();
        lastBuild.save(finished);
      }
      return assemble(request, plan, shop);
    }
  }

  /// What cannot be done, or was not given, is told before the first step, not after an hour of
  /// good ones.
  private static void requireSupported(Step step, StepSettings settings) {
    switch (step) {
      case RunStep run -> StepNeeds.check(run, settings);
      case CopyStep copy -> CopyInputs.requireSupported(copy);
      case ConfigStep _, WorkdirStep _ -> {}
    }
  }

  private Plan plan(BuildRequest request, Map<ImageRequest, ResolvedImage> resolved)
      throws IOException {
    var planner = new Planner(request.plan());
    var known = new HashMap<ImageRequest, ImageConfig>();
    while (true) {
      switch (planner.plan(known)) {
        case Planning.Done(var plan) -> {
          return plan;
        }
        case Planning.NeedsImages(var needs) -> {
          for (var need : needs) {
            var image = resolve(need, request.images());
            resolved.put(need.image(), image);
            known.put(need.image(), image.config());
          }
        }
      }
    }
  }

  /// @param own images of this build alone
  private ResolvedImage resolve(ImageNeed need, Map<Reference, Descriptor> own) throws IOException {
    var request = need.image();
    try {
      var ours = own.get(request.reference());
      if (ours != null) {
        return images.resolve(ours, request.platform());
      }
      var found = images.find(request.reference(), request.platform());
      if (found.isPresent()) {
        return found.get();
      }
    } catch (ImageFormatException e) {
      throw BuildFailure.of(
              BuildFailure.Kind.STORE,
              "the image " + request.reference().familiar() + " cannot be used: " + e.getMessage(),
              e)
          .at(need.span());
    }
    var failure =
        BuildFailure.of(
                BuildFailure.Kind.DOCKERFILE,
                "there is no image "
                    + Printable.of(request.reference().familiar())
                    + " in the store")
            .at(need.span());
    throw failure.hint(
        need.hint().orElse("import it with jbuild import, or load it with jbuild load"));
  }

  private static Digest buildKey(BuildRequest request, Plan plan) {
    var text =
        String.join(
            "\0",
            request.plan().dockerfile().source().name(),
            request.contextName(),
            plan.target().displayName());
    return Digest.of(text.getBytes(StandardCharsets.UTF_16BE));
  }

  private void runStages(BuildRequest request, Plan plan, Workshop shop, Progress progress)
      throws IOException, InterruptedException {
    var jobs = new Semaphore(request.jobs());
    var stages = new HashMap<Integer, CompletableFuture<Void>>();
    var threads =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("stage-", 0).factory());
    try {
      for (var stage : plan.stages()) {
        var needs = stage.needs().stream().map(stages::get).toArray(CompletableFuture<?>[]::new);
        stages.put(
            stage.index(),
            start(
                threads,
                CompletableFuture.allOf(needs),
                () -> runStage(request, plan, stage, shop, progress, jobs)));
      }
      await(stages, threads);
    } finally {
      threads.shutdownNow();
      threads.close();
    }
  }

  /// Work of a stage.
  @FunctionalInterface
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  /// Runs `work` on a thread of its own as soon as `after` is done.
  private static CompletableFuture<Void> start(
      ExecutorService threads, CompletableFuture<Void> after, Work work) {
    var done = new CompletableFuture<Void>();
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
                      work.run();
                      done.complete(null);
                    } catch (IOException | InterruptedException | RuntimeException | Error e) {
                      done.completeExceptionally(e);
                    }
                  });
            });
    return done;
  }

  /// Waits for all stages; the first that fails stops the others.
  private static void await(Map<Integer, CompletableFuture<Void>> stages, ExecutorService threads)
      throws IOException, InterruptedException {
    var all = stages.values().toArray(CompletableFuture<?>[]::new);
    var firstFailure = new CompletableFuture<Void>();
    for (var each : all) {
      var _ =
          each.whenComplete(
              (_, failed) -> {
                if (failed != null) {
                  firstFailure.completeExceptionally(failed);
                }
              });
    }
    try {
      CompletableFuture.anyOf(CompletableFuture.allOf(all), firstFailure).get();
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

  private void runStage(
      BuildRequest request,
      Plan plan,
      Stage stage,
      Workshop shop,
      Progress progress,
      Semaphore jobs)
      throws IOException, InterruptedException {
    var start = start(stage, shop, progress);
    var times = times(request, plan, stage);
    shop.finish(stage.index(), new StageRunner(stage, start, times, shop, progress, jobs).run());
  }

  private static StageState start(Stage stage, Workshop shop, Progress progress) {
    return switch (stage.base()) {
      case StageBase.Scratch _ -> StageState.of(List.of(), stage.start().history());
      case StageBase.Image(var request, var config) -> {
        var step =
            new BuildEvent.Step(
                stage.displayName() + " base", "FROM " + request.reference().familiar());
        progress.on(new BuildEvent.Finished(step, BuildEvent.Outcome.IN_STORE, Duration.ZERO, ""));
        yield StageState.of(config.diffIds(), config.history());
      }
      case StageBase.EarlierStage(var index) -> shop.state(index);
      case StageBase.Files _ -> // its first step brings them
          StageState.of(List.of(), stage.start().history());
    };
  }

  /// SOURCE_DATE_EPOCH as a build argument, else of the environment; else, for `--reproducible`,
  /// the time of the image that the stage begins with.
  private Times times(BuildRequest request, Plan plan, Stage stage) {
    if (plan.clamp().isPresent() && plan.clamp().get() instanceof Clamp.At(var time)) {
      return new Times(clock, OptionalLong.of(time.getEpochSecond()));
    }
    if (request.clamp().isEmpty() && request.reproducible()) {
      var created = stage.start().created();
      return new Times(
          clock, OptionalLong.of(created == null ? Times.EARLIEST : created.getEpochSecond()));
    }
    return new Times(clock, request.clamp());
  }

  private BuildResult assemble(BuildRequest request, Plan plan, Workshop shop) throws IOException {
    var target = plan.target();
    var state = shop.state(target.index());
    var config = times(request, plan, target).date(plan.image(), state, target.start());
    var descriptor = images.assemble(config);
    images.name(descriptor, request.tags());
    long size = 0;
    for (var diffId : config.diffIds()) {
      size += images.layerSize(diffId);
    }
    var made = shop.tally().newLayers();
    var ours = config.diffIds().stream().filter(made::containsKey).distinct().toList();
    return new BuildResult(
        descriptor,
        config,
        config.diffIds().size(),
        size,
        ours.size(),
        ours.stream().mapToLong(made::get).sum(),
        shop.tally().steps(),
        shop.tally().cachedSteps(),
        shop.tally().firstRebuilt());
  }
}
