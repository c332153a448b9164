package dev.jbuild.plan;

import dev.jbuild.dockerfile.Checks;
import dev.jbuild.dockerfile.Expansion;
import dev.jbuild.dockerfile.FileRules;
import dev.jbuild.dockerfile.Finding;
import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.dockerfile.StageRules;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.ContainerConfig;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// One question and its answer.
final class PlanRound {

  /// What programs are looked for in if an image does not say.
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final PlanRequest request;
  private final Map<ImageRequest, ImageConfig> known;
  private final Set<ImageRequest> unknown;
  private final Checks checks;
  private final Notices notices;
  private final GlobalScope globals;
  private final Optional<Clamp> clamp;
  private final OptionalLong seconds;
  private final StageTable table;
  private final SortedSet<Integer> targets = new TreeSet<>();
  private final Map<Integer, Planned> planned = new HashMap<>();

  /// A stage and what stages based on it inherit.
  private record Planned(Stage stage, StageState state) {}

  /// @param known with a [#standIn] for each image in `unknown`
  /// @param notices takes what is found; it says whether the question is that, and not how to build
  PlanRound(
      PlanRequest request,
      Map<ImageRequest, ImageConfig> known,
      Set<ImageRequest> unknown,
      Notices notices) {
    this.request = request;
    this.known = known;
    this.unknown = unknown;
    this.notices = notices;
    var dockerfile = request.dockerfile();
    this.checks =
        Checks.of(dockerfile, Optional.ofNullable(request.buildArgs().get(Checks.ARGUMENT)));
    notices.addAll(checks.unknown());
    notices.addAll(FileRules.of(dockerfile));
    var instructions = dockerfile.instructions();
    var blocks = StageTable.blocks(instructions);
    int targetIndex = StageTable.targetIndex(blocks, request.target());
    var globalArgs = globalArgs(instructions);
    var automatic =
        PredefinedArgs.automatic(
            request.buildPlatform(),
            request.targetPlatform(),
            StageTable.name(blocks.get(targetIndex)).orElse("default"));
    char escape = dockerfile.escape();
    globals = GlobalScope.of(globalArgs, automatic, request.buildArgs(), escape, notices);
    var date = new SourceDate(request, globals, blocks);
    clamp = date.clamp();
    seconds = date.seconds();
    if (request.epoch().isPresent()) {
      globals.settle(SourceDate.NAME, seconds.stream().mapToObj(Long::toString).findFirst());
    }
    table = new StageTable(blocks, request, new Contexts(request.contexts()), globals, notices);
    GlobalScope.withoutBuildArgs(globalArgs, automatic, escape).ifPresent(table::checkDefaults);
    targets.add(targetIndex);
    if (notices.lint() && request.target().isEmpty()) {
      table.stages().forEach(stage -> targets.add(stage.index()));
    }
  }

  /// What stands for the config of an image that is not known.
  static ImageConfig standIn(Platform platform) {
    return ImageConfig.scratch(platform)
        .withConfig(ContainerConfig.EMPTY.withWorkingDir("/directory-of-the-base"));
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

  Optional<Clamp> clamp() {
    return clamp;
  }

  Planning planning() {
    var reach = new Reach(table, targets, known, request.dockerfile().escape());
    var missing = reach.missing();
    if (!missing.isEmpty()) {
      return new Planning.NeedsImages(missing);
    }
    var stages = new ArrayList<Stage>();
    reach.stages().forEach((index, reached) -> stages.add(stage(table.get(index), reached)));
    warnOfUnused(reach.stages().values());
    if (notices.lint()) {
      notices.addAll(Advice.on(stages, table));
    }
    var last = stages.getLast();
    return new Planning.Done(
        new Plan(
            stages,
            last,
            finished(last.image()),
            request.requestedPlatform().orElse(last.image().platform()),
            seconds,
            request
                .buildArgs()
                .getOrDefault(PredefinedArgs.HOSTNAME, PredefinedArgs.DEFAULT_HOSTNAME),
            globals.arguments(),
            findings(),
            notices.remarks(),
            checks));
  }

  private List<Finding> findings() {
    return checks.heard(
        notices.findings().stream()
            .filter(each -> notices.lint() || each.rule().kind() != Rule.Kind.ADVICE)
            .toList());
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
    var start = draft.unnamed() ? start(standIn(platform)) : start(base, platform);
    notices.addAll(StageRules.of(draft.instructions()));
    var state =
        base instanceof StageBase.EarlierStage(int index)
            ? planned(index).state().next(start)
            : new StageState(start, scope(draft, start), platform, notices);
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
            reached.needs(),
            globals(draft, steps));
    planned.put(draft.index(), new Planned(stage, state));
    if (CopyRules.concern(stage)) {
      notices.addAll(CopyRules.of(chain(stage)));
    }
    return stage;
  }

  private Set<String> globals(StageDraft draft, List<Step> steps) {
    var names = new HashSet<String>();
    if (!draft.replaced()) {
      char escape = request.dockerfile().escape();
      var from = draft.from();
      names.addAll(Expansion.variablesOf(from.image(), escape));
      from.platform().ifPresent(word -> names.addAll(Expansion.variablesOf(word, escape)));
    }
    for (var step : steps) {
      if (step instanceof ConfigStep(_, var declared)) {
        declared.stream().filter(Declared::inherited).map(Declared::name).forEach(names::add);
      }
    }
    return names;
  }

  private Scope scope(StageDraft draft, ImageConfig start) {
    var environment = start.config().env();
    return isUnknown(draft)
        ? Scope.ofUnknown(environment, globals.names(), notices)
        : Scope.of(environment, notices);
  }

  private boolean isUnknown(StageDraft draft) {
    return draft.unnamed()
        || (draft.base() instanceof Origin.Image(var image) && unknown.contains(image));
  }

  /// The stages that `stage` is based on, from the first, and itself.
  private List<Stage> chain(Stage stage) {
    var chain = new ArrayList<Stage>(List.of(stage));
    while (chain.getLast().base() instanceof StageBase.EarlierStage(int index)) {
      chain.add(planned(index).stage());
    }
    return chain.reversed();
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
      case Origin.Scratch() -> new StageBase.Scratch(); // also for a FROM that names nothing yet
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
          Rule.INVALID_BASE_IMAGE_PLATFORM,
          draft.from().image().span(),
          Printable.of(draft.baseText())
              + " is an image for "
              + Printable.of(actual.toString())
              + ", not for "
              + expected);
    }
  }

  private ImageConfig start(StageBase base, Platform platform) {
    return start(
        switch (base) {
          case StageBase.EarlierStage(int index) -> planned(index).stage().image();
          case StageBase.Image(_, var config) -> config;
          case StageBase.Files _, StageBase.Scratch _ ->
              ImageConfig.scratch(platform).withConfig(ContainerConfig.EMPTY.withWorkingDir("/"));
        });
  }

  private static ImageConfig start(ImageConfig image) {
    var config = image.config().withOnBuild(List.of());
    if (config.variable("PATH").isEmpty() && !image.os().equals("windows")) {
      config = config.withVariable("PATH", DEFAULT_PATH);
    }
    if (!config.workingDir().isEmpty() && !config.workingDir().startsWith("/")) {
      config = config.withWorkingDir(ImagePath.workingDirectory(config.workingDir()));
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
