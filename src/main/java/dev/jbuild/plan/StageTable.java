package dev.jbuild.plan;

import dev.jbuild.dockerfile.Expansion;
import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.dockerfile.Instruction.From;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.dockerfile.Word;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The stages of a Dockerfile, by number and by name, and what the names in FROM, `--from` and
/// `--target` stand for.
final class StageTable {

  static final String SCRATCH = "scratch";
  private static final String TARGET_PLATFORM = "TARGETPLATFORM";

  private final Platform target;
  private final Contexts contexts;
  private final GlobalScope globals;
  private final char escape;
  private final Notices notices;
  private final List<StageDraft> stages = new ArrayList<>();
  private final Map<String, Integer> byName = new HashMap<>(); // the last of a name

  /// Reads all FROM lines, those of stages that nobody needs too.
  ///
  /// @throws BuildFailure if one is blank or no image name, or its platform is none
  StageTable(
      List<List<Instruction>> blocks,
      PlanRequest request,
      Contexts contexts,
      GlobalScope globals,
      Notices notices) {
    this.target = request.targetPlatform();
    this.contexts = contexts;
    this.globals = globals;
    this.escape = request.dockerfile().escape();
    this.notices = notices;
    for (var block : blocks) {
      var from = (From) block.getFirst();
      var draft = draft(stages.size(), from, block.subList(1, block.size()));
      stages.add(draft);
      draft.name().ifPresent(name -> byName.put(name, draft.index()));
    }
  }

  /// Splits a Dockerfile at its FROM lines; what stands before the first is left out.
  static List<List<Instruction>> blocks(List<Instruction> instructions) {
    var blocks = new ArrayList<List<Instruction>>();
    for (var instruction : instructions) {
      if (instruction instanceof From) {
        blocks.add(new ArrayList<>());
      }
      if (!blocks.isEmpty()) {
        blocks.getLast().add(instruction);
      }
    }
    return blocks;
  }

  List<StageDraft> stages() {
    return List.copyOf(stages);
  }

  StageDraft get(int index) {
    return stages.get(index);
  }

  private StageDraft draft(int index, From from, List<Instruction> instructions) {
    var text = Expansion.expand(from.image(), globals, escape);
    boolean unnamed = notices.lint() && isUnnamed(from.image(), text);
    if (text.isBlank() && !unnamed) {
      throw blank(from.image());
    }
    var platform = from.platform().map(word -> platform(from, word));
    var replaced = from.name().flatMap(name -> contexts.find(name.text(), platform.orElse(target)));
    if (replaced.isPresent()) {
      var origin = replaced.get().origin(platform.orElse(target));
      return new StageDraft(index, from, origin, text, platform, false, true, List.of());
    }
    var base = unnamed ? new Origin.Scratch() : base(from, text, platform.orElse(target));
    return new StageDraft(index, from, base, text, platform, unnamed, false, instructions);
  }

  /// Whether variables are to blame that `text` is no image name; [#checkDefaults] tells of it.
  private static boolean isUnnamed(Word image, String text) {
    return image.text().indexOf('$') >= 0 && Reference.problem(text).isPresent();
  }

  private static BuildFailure blank(Word image) {
    var failure =
        Mistake.at(
            image.span(), "FROM: the image name " + Printable.of(image.text()) + " is blank");
    return image.text().indexOf('$') < 0
        ? failure
        : failure.hint(
            "give it a value: ARG name=default before the first FROM, or --build-arg name=value");
  }

  private Platform platform(From from, Word word) {
    var text = Expansion.expand(word, globals, escape);
    if (notices.lint() && word.text().indexOf('$') >= 0 && !isPlatform(text)) {
      return target; // a build argument may say; what is not declared is told
    }
    if (text.isEmpty()) {
      throw Mistake.at(
          word.span(), "FROM: the platform " + Printable.of(word.text()) + " is empty");
    }
    try {
      var platform = Platform.parse(text);
      checkPlatform(from, word, text, platform);
      return platform;
    } catch (IllegalArgumentException e) {
      throw Mistake.at(word.span(), "FROM: " + e.getMessage())
          .hint("a platform is os/arch or os/arch/variant, as linux/arm64");
    }
  }

  private static boolean isPlatform(String text) {
    try {
      return !Platform.parse(text).os().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void checkPlatform(From from, Word word, String text, Platform platform) {
    var variables = Expansion.variablesOf(word, escape);
    if (variables.isEmpty()) {
      var name = from.name().map(Instruction.StageName::text).orElse("");
      if (!name.contains(platform.os()) && !name.contains(platform.architecture())) {
        notices.add(
            Rule.FROM_PLATFORM_FLAG_CONST_DISALLOWED,
            word.span(),
            "the platform " + Printable.of(text) + " is a constant");
      }
    } else if (variables.equals(List.of(TARGET_PLATFORM))
        && text.equals(globals.value(TARGET_PLATFORM))) {
      notices.add(
          Rule.REDUNDANT_TARGET_PLATFORM,
          word.span(),
          Printable.of(word.text()) + " is the platform that FROM has anyhow");
    }
  }

  /// A name in FROM is that of the nearest stage above, in any case (BuildKit takes a capital
  /// letter for an image).
  private Origin base(From from, String text, Platform platform) {
    var above = byName.get(text.toLowerCase(Locale.ROOT));
    if (above != null) {
      return new Origin.EarlierStage(above);
    }
    if (text.equals(SCRATCH)) {
      return new Origin.Scratch();
    }
    return image(from.image(), "FROM", text, platform);
  }

  private Origin image(Word word, String instruction, String text, Platform platform) {
    var context = contexts.find(text, platform);
    if (context.isPresent()) {
      return context.get().origin(platform);
    }
    try {
      return new Origin.Image(new ImageRequest(Reference.parse(text), platform));
    } catch (IllegalArgumentException e) {
      var failure = Mistake.at(word.span(), instruction + ": " + e.getMessage());
      throw hint(text).map(failure::hint).orElse(failure);
    }
  }

  /// What may have been meant by a name that is no image.
  Optional<String> hint(String text) {
    var candidates = new ArrayList<>(byName.keySet());
    candidates.add(SCRATCH);
    return Nearest.to(text, candidates).map(near -> "did you mean " + near + "?");
  }

  /// What `--from` of COPY or of a mount names; empty text is the caller's business.
  ///
  /// @param numbers whether a number is a stage (COPY) or an image (mounts)
  /// @throws BuildFailure for a variable, a number that no stage has, or what is no image name
  Origin from(Word word, String instruction, boolean numbers) {
    var text = word.text();
    if (hasVariable(word)) {
      throw Mistake.at(word.span(), instruction + ": from= takes no variables")
          .hint("name a stage for it: FROM " + Printable.of(text) + " AS name, then from=name");
    }
    if (numbers && text.matches("-?[0-9]{1,9}")) {
      int index = Integer.parseInt(text);
      if (index < 0 || index >= stages.size()) {
        throw Mistake.at(word.span(), instruction + ": there is no stage number " + index)
            .hint("stages are counted from 0; the last one is " + (stages.size() - 1));
      }
      return new Origin.EarlierStage(index);
    }
    var named = byName.get(text.toLowerCase(Locale.ROOT));
    if (named != null) {
      return new Origin.EarlierStage(named);
    }
    return text.equals(SCRATCH) ? new Origin.Scratch() : image(word, instruction, text, target);
  }

  private boolean hasVariable(Word word) {
    return word.text().indexOf('$') >= 0
        && word.text().matches("(?s).*\\$[^\\s].*")
        && !Expansion.expand(word, name -> null, escape).equals(word.text());
  }

  /// The number of the stage that `--target` names, or of the last one.
  ///
  /// @param blocks as [#blocks] made them
  /// @throws BuildFailure if there is none; it guesses which was meant
  static int targetIndex(List<List<Instruction>> blocks, Optional<String> target) {
    if (blocks.isEmpty()) {
      throw BuildFailure.of(BuildFailure.Kind.DOCKERFILE, "the Dockerfile has no FROM");
    }
    if (target.isEmpty() || target.get().isEmpty()) {
      return blocks.size() - 1;
    }
    var text = target.get();
    var names = new ArrayList<String>();
    int found = -1;
    for (int i = 0; i < blocks.size(); i++) {
      var name = name(blocks.get(i));
      name.ifPresent(names::add);
      found = name.isPresent() && name.get().equalsIgnoreCase(text) ? i : found;
    }
    if (found >= 0) {
      return found;
    }
    if (text.matches("[0-9]{1,9}") && Integer.parseInt(text) < blocks.size()) {
      return Integer.parseInt(text);
    }
    throw noTarget(text, names);
  }

  /// The name of the stage that a block is.
  static Optional<String> name(List<Instruction> block) {
    return ((From) block.getFirst()).name().map(Instruction.StageName::text);
  }

  private static BuildFailure noTarget(String text, List<String> names) {
    var failure =
        BuildFailure.of(
            BuildFailure.Kind.DOCKERFILE,
            "no stage is called \"" + Printable.of(text) + "\" (--target)");
    var near = Nearest.to(text, names);
    if (near.isPresent()) {
      return failure.hint("did you mean " + near.get() + "?");
    }
    return names.isEmpty()
        ? failure.hint("no stage has a name; stages are counted from 0")
        : failure.hint("there are " + String.join(", ", names));
  }

  /// Tells of FROM lines that are blank or malformed unless a build argument is given.
  ///
  /// @param defaults the global arguments as they are without build arguments
  void checkDefaults(GlobalScope defaults) {
    for (var stage : stages) {
      var word = stage.from().image();
      if (word.text().indexOf('$') >= 0 && isBlankOrWrong(word, defaults)) {
        notices.add(
            Rule.INVALID_DEFAULT_ARG_IN_FROM,
            word.span(),
            "without build arguments " + Printable.of(word.text()) + " is no image name");
      }
    }
  }

  private boolean isBlankOrWrong(Word word, GlobalScope defaults) {
    try {
      return Reference.problem(Expansion.expand(word, defaults, escape)).isPresent();
    } catch (BuildFailure _) {
      return true; // ${name:?}: it wants a build argument
    }
  }
}
