package dev.jbuild.plan;

import dev.jbuild.dockerfile.Expansion;
import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.dockerfile.Instruction.Add;
import dev.jbuild.dockerfile.Instruction.Arg;
import dev.jbuild.dockerfile.Instruction.From;
import dev.jbuild.dockerfile.Variables;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Span;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What SOURCE_DATE_EPOCH names, as a build argument or a global ARG: a number of seconds, a
/// context, or a stage that is nothing but one remote source.
final class SourceDate {

  static final String NAME = PredefinedArgs.SOURCE_DATE_EPOCH;

  private static final long LATEST = 253_402_300_799L; // the end of the year 9999

  private final PlanRequest request;
  private final GlobalScope globals;
  private final List<List<Instruction>> blocks;

  /// @param blocks the stages, each from its FROM
  SourceDate(PlanRequest request, GlobalScope globals, List<List<Instruction>> blocks) {
    this.request = request;
    this.globals = globals;
    this.blocks = blocks;
  }

  /// Whether there is anything to look for.
  static boolean isMentioned(PlanRequest request) {
    return request.buildArgs().containsKey(NAME)
        || ArgumentCheck.declared(request.dockerfile().instructions()).contains(NAME);
  }

  /// What is written; empty if nothing is.
  ///
  /// @throws BuildFailure if it is no time and names nothing that could have one
  Optional<Clamp> clamp() {
    var text = globals.inherited(NAME);
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    if (text.equals("context")) {
      return Optional.of(new Clamp.OfContext(Optional.empty()));
    }
    var context = new Contexts(request.contexts()).find(text, request.targetPlatform());
    if (context.isPresent()) {
      return Optional.of(new Clamp.OfContext(Optional.of(context.get().name())));
    }
    if (text.matches("[0-9]{1,18}") && Long.parseLong(text) <= LATEST) {
      return Optional.of(new Clamp.At(Long.parseLong(text)));
    }
    for (var block : blocks) {
      var name = StageTable.name(block);
      if (name.isPresent() && name.get().equals(text.toLowerCase(Locale.ROOT))) {
        return Optional.of(source(block));
      }
    }
    throw BuildFailure.of(
            BuildFailure.Kind.DOCKERFILE, NAME + ": \"" + Printable.of(text) + "\" is not a time")
        .hint(
            "it is a number of seconds since 1970, the word context, a named context, or a stage"
                + " with one remote ADD");
  }

  /// The time that is written or was found.
  OptionalLong seconds() {
    if (request.epoch().isPresent()) {
      return request.epoch().get();
    }
    return clamp().orElse(null) instanceof Clamp.At(var seconds)
        ? OptionalLong.of(seconds)
        : OptionalLong.empty();
  }

  private Clamp source(List<Instruction> block) {
    var from = (From) block.getFirst();
    var own = new HashMap<String, String>();
    Variables variables =
        name -> own.containsKey(name) ? own.get(name) : name.equals(NAME) ? null : value(name);
    char escape = request.dockerfile().escape();
    if (!Expansion.expand(from.image(), variables, escape).equals(StageTable.SCRATCH)) {
      throw unfit(from.image().span());
    }
    Optional<Clamp> found = Optional.empty();
    for (var instruction : block.subList(1, block.size())) {
      if (instruction instanceof Arg arg) {
        declare(arg, own, variables);
      } else if (instruction instanceof Add add && found.isEmpty()) {
        found = Optional.of(source(add, variables));
      } else {
        throw unfit(instruction.span());
      }
    }
    return found.orElseThrow(() -> unfit(from.span()));
  }

  private @Nullable String value(String name) {
    return globals.value(name);
  }

  private void declare(Arg arg, Map<String, String> own, Variables variables) {
    for (var declaration : arg.declarations()) {
      var given = request.buildArgs().get(declaration.name());
      if (given != null) {
        own.put(declaration.name(), given);
      } else if (declaration.value().isPresent()) {
        var value = declaration.value().get();
        own.put(
            declaration.name(), Expansion.expand(value, variables, request.dockerfile().escape()));
      }
    }
  }

  private Clamp source(Add add, Variables variables) {
    if (add.sources().size() != 1 || !add.heredocs().isEmpty()) {
      throw unfit(add.span());
    }
    char escape = request.dockerfile().escape();
    var word = add.sources().getFirst();
    var source = RemoteSource.classify(Expansion.expand(word, variables, escape), word.span());
    if (source instanceof CopySource.Files) {
      throw unfit(word.span());
    }
    return new Clamp.OfSource(
        source,
        add.checksum()
            .map(text -> Expansion.expand(text, variables, escape))
            .filter(text -> !text.isEmpty()),
        add.keepGitDir());
  }

  private static BuildFailure unfit(Span span) {
    return Mistake.at(
            span, "the stage that " + NAME + " names is not FROM scratch with one remote ADD alone")
        .hint("ARG may stand before the ADD, whose only source is a URL or a git repository");
  }
}
