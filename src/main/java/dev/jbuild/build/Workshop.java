package dev.jbuild.build;

import dev.jbuild.context.MemoryTree;
import dev.jbuild.context.SourceTree;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.ChainId;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.plan.ImageRequest;
import dev.jbuild.plan.Origin;
import dev.jbuild.plan.Plan;
import dev.jbuild.plan.RunStep;
import dev.jbuild.plan.Stage;
import dev.jbuild.plan.StageBase;
import dev.jbuild.sandbox.Execution;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/// What all stages of the build for one platform share. Safe for use by many threads.
final class Workshop {

  private final Equipment equipment;
  private final Plan plan;
  private final StepCache cache;
  private final Set<String> noCacheStages;
  private final int number;
  private final boolean oneOfSeveral;
  private final LastBuild lastBuild;
  private final StepNotes notes;
  private final Map<Integer, StageState> finished = new ConcurrentHashMap<>();
  private final List<Claimed> claimed = Collections.synchronizedList(new ArrayList<>());

  /// @param noCacheStages names of stages that are made anew
  /// @param number of the platform, from 0
  /// @param oneOfSeveral whether a person has to be told which platform a step is for
  Workshop(
      Equipment equipment,
      Plan plan,
      StepCache cache,
      Set<String> noCacheStages,
      int number,
      boolean oneOfSeveral,
      LastBuild lastBuild) {
    this.equipment = equipment;
    this.plan = plan;
    this.cache = cache;
    this.noCacheStages = Set.copyOf(noCacheStages);
    this.number = number;
    this.oneOfSeveral = oneOfSeveral;
    this.lastBuild = lastBuild;
    this.notes = new StepNotes(equipment.store(), lastBuild.key());
  }

  Plan plan() {
    return plan;
  }

  /// The number of the platform, from 0.
  int number() {
    return number;
  }

  /// What a person calls a stage: `build`, `linux/arm64 build`, or `linux/amd64->arm64 build` if it
  /// runs on another platform than it is for.
  String called(Stage stage) {
    return platforms(stage).map(each -> each + " ").orElse("") + stage.displayName();
  }

  /// A failure of a stage, with its platform if there are several.
  BuildFailure told(BuildFailure failure, Stage stage) {
    return platforms(stage).map(failure::of).orElse(failure);
  }

  private Optional<String> platforms(Stage stage) {
    if (!oneOfSeveral) {
      return Optional.empty();
    }
    var on = stage.platform();
    var target = plan.platform();
    if (on.equals(target)) {
      return Optional.of(on.toString());
    }
    var end = target.toString();
    var sameOs = on.os().equals(target.os());
    return Optional.of(on + "->" + (sameOs ? end.substring(target.os().length() + 1) : end));
  }

  Store store() {
    return equipment.store();
  }

  /// The cache for the steps of a stage.
  StepCache cache(Stage stage) {
    boolean anew = stage.name().isPresent() && noCacheStages.contains(stage.name().get());
    return anew ? cache.disabled() : cache;
  }

  /// Whether a step of the plan may be found, since the last build had it too.
  boolean mayBeCached(Stage stage, RunStep step) throws IOException {
    return !cache(stage).isDisabled() && lastBuild.had(step);
  }

  LastBuild lastBuild() {
    return lastBuild;
  }

  StepNotes notes() {
    return notes;
  }

  /// A step that was made by what is only claimed of layers.
  private record Claimed(StepKey key, StepRecord record) {}

  /// Notes such a step: once the claims have turned out to be true it is as good as any other, and
  /// is found without them.
  void madeWithClaims(StepKey key, StepRecord record) {
    claimed.add(new Claimed(key, record));
  }

  /// Keeps what the next build, and whoever shares the cache, has to know of this one.
  ///
  /// @param finished whether all steps were reached
  /// @return what was kept; the store may know another by now, of a build that ran beside it
  BuildRecord save(boolean finished) throws IOException {
    for (var step : List.copyOf(claimed)) {
      if (step.key.isCertain()) {
        var inputs = step.key.inputs();
        cache.put(inputs.key(), inputs.weakKey(), step.record);
      }
    }
    notes.save();
    return lastBuild.save(
        cache.used(),
        finished ? Optional.of(state(plan.target().index()).diffIds()) : Optional.empty());
  }

  Remotes remotes() {
    return equipment.remotes();
  }

  RunLayer.Surroundings surroundings() {
    return equipment.surroundings();
  }

  LayerReader layers() {
    return equipment.layers();
  }

  Tally tally() {
    return equipment.tally();
  }

  Equipment equipment() {
    return equipment;
  }

  RunLayer runLayer() throws IOException, InterruptedException {
    return equipment.runLayer();
  }

  /// Whether steps run programs for an architecture.
  Execution execution(String architecture) throws IOException, InterruptedException {
    return equipment.execution(architecture);
  }

  Path temporary() throws IOException {
    return equipment.temporary();
  }

  ResolvedImage image(ImageRequest request) {
    return equipment.image(request);
  }

  void finish(int stage, StageState state) {
    int more = begunBy(base -> base.equals(new StageBase.EarlierStage(stage)));
    equipment.begin(state.diffIds(), more);
    finished.put(stage, state);
  }

  /// Tells which stages begin with the same image, before any of them does.
  void beginImages() {
    plan.stages().stream()
        .map(Stage::base)
        .filter(base -> base instanceof StageBase.Image)
        .distinct()
        .forEach(
            base -> {
              if (base instanceof StageBase.Image(_, var config)) {
                equipment.begin(config.diffIds(), begunBy(base::equals));
              }
            });
  }

  /// How many stages with such a base run something.
  private int begunBy(Predicate<StageBase> isMeant) {
    return (int)
        plan.stages().stream()
            .filter(stage -> isMeant.test(stage.base()))
            .filter(stage -> stage.steps().stream().anyMatch(step -> step instanceof RunStep))
            .count();
  }

  StageState state(int stage) {
    var state = finished.get(stage);
    if (state == null) {
      throw new IllegalStateException("stage " + stage + " is not finished");
    }
    return state;
  }

  /// Copies of what bind mounts show of a context.
  BoundTrees boundTrees() {
    return equipment.boundTrees();
  }

  /// The layers of a stage or an image that has any; empty for files that are no layers.
  Optional<List<Digest>> layersOf(Origin origin) {
    var layers =
        switch (origin) {
          case Origin.EarlierStage(var index) -> state(index).diffIds();
          case Origin.Image(var request) -> image(request).config().diffIds();
          case Origin.Context _, Origin.Files _, Origin.Scratch _ -> List.<Digest>of();
        };
    return layers.isEmpty() ? Optional.empty() : Optional.of(layers);
  }

  /// The files that a copy or a mount takes from.
  CopyFrom source(Origin origin) throws IOException {
    return switch (origin) {
      case Origin.Context _ -> new CopyFrom("the context", equipment.context(), Optional.empty());
      case Origin.Scratch _ ->
          new CopyFrom("scratch", new MemoryTree(List.of()), Optional.of("scratch"));
      case Origin.EarlierStage(var index) ->
          of("stage " + plan.stage(index).displayName(), state(index).diffIds());
      case Origin.Image(var request) ->
          of("the image " + request.reference().familiar(), image(request).config().diffIds());
      case Origin.Files(var name) ->
          new CopyFrom("the build context " + Printable.of(name), named(name), Optional.empty());
    };
  }

  /// The planner takes names of contexts from the request that named them.
  private SourceTree named(String context) {
    var tree = equipment.context(context);
    if (tree == null) {
      throw new IllegalStateException("no build context is called " + Printable.of(context));
    }
    return tree;
  }

  /// Where a copy takes its files from.
  ///
  /// @param name what a person calls it, printable
  /// @param chain the identity of all files there, if it is known without reading them
  record CopyFrom(String name, SourceTree tree, Optional<String> chain) {}

  private CopyFrom of(String name, List<Digest> diffIds) throws IOException {
    if (diffIds.isEmpty()) {
      return new CopyFrom(name, new MemoryTree(List.of()), Optional.of("scratch"));
    }
    return new CopyFrom(
        name,
        new LazyTree(() -> equipment.tree(diffIds)),
        Optional.of(ChainId.of(diffIds).toString()));
  }
}
