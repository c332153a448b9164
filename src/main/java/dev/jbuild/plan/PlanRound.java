package dev.jbuild.plan;

import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.ContainerConfig;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// One question and its answer.
final class PlanRound {

  /// What programs are looked for in if an image does not say.
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final PlanRequest request;
  private final Map<ImageRequest, ImageConfig> known;
  private final Notices notices = new Notices();
  private final GlobalScope globals;
  private final StageTable table;
  private final StageDraft target;
  private final Map<Integer, Planned> planned = new HashMap<>();

  /// A stage and the variables at its end, which stages based on it inherit.
  private record Planned(Stage stage, Scope scope) {}

  PlanRound(PlanRequest request, Map<ImageRequest, ImageConfig> known) {
    this.request = request;
    this.known = known;
    var instructions = request.dockerfile().instructions();
    var blocks = StageTable.blocks(instructions);
    int targetIndex = StageTable.targetIndex(blocks, request.target());
    var globalArgs = globalArgs(instructions);
    var automatic =
        PredefinedArgs.automatic(
            request.buildPlatform(),
            request.targetPlatform(),
            StageTable.name(blocks.get(targetIndex)).orElse("default"));
    char escape = request.dockerfile().escape();
    globals = GlobalScope.of(globalArgs, automatic, request.buildArgs(), escape, notices);
    table = new StageTable(blocks, request, new Contexts(request.contexts()), globals, notices);
    GlobalScope.withoutBuildArgs(globalArgs, automatic, escape).ifPresent(table::checkDefaults);
    target = table.get(targetIndex);
  }

  private static List<Instruction.Arg> globalArgs(List<Instruction> instructions) {
    var args = new ArrayList<Instruction.Arg>();
    for (var instruction : instructions) {
      if (instruction instanceof Instruction.From) {
        break;
      }
      if (instruction instanceof Instruction.Arg arg) {
        args.add(arg);
      }
    }
    return args;
  }

  Planning planning() {
    var clamp = ArgumentCheck.clamp(globals);
    var reach = new Reach(table, target, known, request.dockerfile().escape());
    var missing = reach.missing();
    if (!missing.isEmpty()) {
      return new Planning.NeedsImages(missing);
    }
    var stages = new ArrayList<Stage>();
    reach.stages().forEach((index, reached) -> stages.add(stage(table.get(index), reached)));
    warnOfUnused(reach.stages().values());
    var last = stages.getLast();
    return new Planning.Done(
        new Plan(
            stages,
            last,
            finished(last.image()),
            request.requestedPlatform().orElse(last.image().platform()),
            clamp,
            request
                .buildArgs()
                .getOrDefault(PredefinedArgs.HOSTNAME, PredefinedArgs.DEFAULT_HOSTNAME),
            notices.all()));
  }

  private void warnOfUnused(Collection<Reach.Reached> stages) {
    var instructions = new ArrayList<>(request.dockerfile().instructions());
    for (var stage : stages) {
      stage.instructions().forEach(placed -> instructions.add(placed.instruction()));
    }
    ArgumentCheck.warnOfUnused(
        request.buildArgs().keySet(), ArgumentCheck.declared(instructions), notices);
  }

  private Stage stage(StageDraft draft, Reach.Reached reached) {
    var base = base(draft);
    var platform = platform(draft, base);
    var start = start(base, platform);
    var scope =
        base instanceof StageBase.EarlierStage(int index)
            ? planned(index).scope().copy()
            : Scope.of(start.config().env(), notices);
    var state = new StageState(start, scope, platform, notices);
    var steps =
        new StagePlanner(state, table, globals, request.buildArgs()).steps(reached.instructions());
    var stage =
        new Stage(
            draft.index(),
            draft.name(),
            draft.from().span(),
            base,
            platform,
            start,
            start.withConfig(state.config()).withAuthor(state.author()),
            steps,
            reached.needs());
    planned.put(draft.index(), new Planned(stage, scope));
    return stage;
  }

  private Planned planned(int index) {
    return Objects.requireNonNull(planned.get(index), "stages are planned from above");
  }

  private ImageConfig config(ImageRequest image) {
    return Objects.requireNonNull(known.get(image), "nothing is missing any more");
  }

  private StageBase base(StageDraft draft) {
    return switch (draft.base()) {
      case Origin.Image(var image) -> new StageBase.Image(image, config(image));
      case Origin.EarlierStage(int index) -> new StageBase.EarlierStage(index);
      case Origin.Files(var context) -> new StageBase.Files(context);
      case Origin.Scratch() -> new StageBase.Scratch();
      case Origin.Context() -> throw new IllegalStateException("FROM names no build context");
    };
  }

  /// `FROM scratch` is always for the target, and a stage runs on what its base stage runs on.
  /// If nobody asked for a platform, an image's own is taken.
  private Platform platform(StageDraft draft, StageBase base) {
    var expected = draft.platform().orElse(request.targetPlatform());
    return switch (base) {
      case StageBase.EarlierStage(int index) -> planned(index).stage().platform();
      case StageBase.Scratch() -> request.targetPlatform();
      case StageBase.Files _ -> expected;
      case StageBase.Image(_, var config) -> {
        boolean known = !config.os().isEmpty() && !config.architecture().isEmpty();
        warnOfPlatform(draft, expected, config);
        boolean adopt = draft.platform().isEmpty() && request.requestedPlatform().isEmpty();
        yield adopt && known ? config.platform() : expected;
      }
    };
  }

  private void warnOfPlatform(StageDraft draft, Platform expected, ImageConfig config) {
    var actual = config.platform();
    if (!actual.os().equals(expected.os())
        || !actual.architecture().equals(expected.architecture())) {
      notices.add(
          "InvalidBaseImagePlatform",
          draft.from().image().span(),
          Printable.of(draft.baseText())
              + " is an image for "
              + Printable.of(actual.toString())
              + ", not for "
              + expected);
    }
  }

  private ImageConfig start(StageBase base, Platform platform) {
    var image =
        switch (base) {
          case StageBase.EarlierStage(int index) -> planned(index).stage().image();
          case StageBase.Image(_, var config) -> config;
          case StageBase.Files _, StageBase.Scratch _ ->
              ImageConfig.scratch(platform).withConfig(ContainerConfig.EMPTY.withWorkingDir("/"));
        };
    var config = image.config().withOnBuild(List.of());
    if (config.variable("PATH").isEmpty()) {
      config = config.withVariable("PATH", DEFAULT_PATH);
    }
    if (!config.workingDir().isEmpty()) {
      config = config.withWorkingDir(ImagePath.resolve("/", config.workingDir()));
    }
    return config.equals(image.config()) ? image : image.withConfig(config);
  }

  /// What `--label` and `--platform` do to the last stage's config.
  private ImageConfig finished(ImageConfig image) {
    var config = image.config();
    for (var label : request.labels().entrySet()) {
      config = config.withLabel(label.getKey(), label.getValue());
    }
    var labelled = config.equals(image.config()) ? image : image.withConfig(config);
    return request.requestedPlatform().map(labelled::withPlatform).orElse(labelled);
  }
}
