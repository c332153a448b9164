package dev.jbuild.plan;

import dev.jbuild.dockerfile.Expansion;
import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.dockerfile.Variables;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The arguments before the first FROM and the automatic ones. Only FROM sees them by itself; in a
/// stage `ARG name` brings one in.
final class GlobalScope implements Variables {

  private final Map<String, String> values;
  private final Map<String, String> automatic;
  private final Map<String, String> buildArgs;
  private final Set<String> declared;
  private final List<Argument> arguments = new ArrayList<>();
  private final Notices notices;

  /// One ARG.
  private record Argument(String name, Set<String> uses, Span span) {}

  private GlobalScope(
      Map<String, String> automatic, Map<String, String> buildArgs, Notices notices) {
    this.automatic = Map.copyOf(automatic);
    this.values = new LinkedHashMap<>(automatic);
    this.values.replaceAll((name, value) -> buildArgs.getOrDefault(name, value));
    this.declared = new HashSet<>(automatic.keySet());
    this.buildArgs = new HashMap<>(buildArgs);
    this.notices = notices;
  }

  /// Evaluates `args` in order; a default that a build argument overrides is not looked at.
  static GlobalScope of(
      List<Instruction.Arg> args,
      Map<String, String> automatic,
      Map<String, String> buildArgs,
      char escape,
      Notices notices) {
    var scope = new GlobalScope(automatic, buildArgs, notices);
    Variables quiet = scope.values::get; // in a default BuildKit does not mind what is not set
    for (var arg : args) {
      for (var declaration : arg.declarations()) {
        scope.note(arg, declaration, escape);
        var given = buildArgs.get(declaration.name());
        if (given != null) {
          scope.values.put(declaration.name(), given);
        } else if (declaration.value().isPresent()) {
          var value = Expansion.expand(declaration.value().get(), quiet, escape);
          PlatformDefault.check(
              declaration, scope.automatic(declaration.name()), value, escape, notices);
          scope.values.put(declaration.name(), value);
        }
      }
    }
    return scope;
  }

  private void note(Instruction.Arg arg, Instruction.Arg.Declaration declaration, char escape) {
    var name = declaration.name();
    declared.add(name);
    var uses =
        declaration
            .value()
            .filter(_ -> !buildArgs.containsKey(name))
            .map(word -> Expansion.variablesOf(word, escape))
            .orElse(List.of());
    arguments.add(new Argument(name, Set.copyOf(uses), arg.span()));
  }

  /// All of them, in order; none of the automatic ones.
  List<GlobalArg> arguments() {
    return arguments.stream()
        .map(
            each -> {
              var value = Optional.ofNullable(values.get(each.name));
              return new GlobalArg(new Declared(each.name, value, false, each.span), each.uses);
            })
        .toList();
  }

  /// The same without any build argument; empty if a default insists on one, as `${name:?}`.
  static Optional<GlobalScope> withoutBuildArgs(
      List<Instruction.Arg> args, Map<String, String> automatic, char escape) {
    try {
      return Optional.of(of(args, automatic, Map.of(), escape, new Notices(false)));
    } catch (BuildFailure _) {
      return Optional.empty();
    }
  }

  /// Gives `name`, where it has a value, another one, or none at all.
  void settle(String name, Optional<String> value) {
    for (var map : List.of(values, buildArgs)) {
      map.computeIfPresent(name, (_, _) -> value.orElse(null));
    }
  }

  /// The value that `ARG name` has in a stage if it has no default there.
  @Nullable String inherited(String name) {
    var given = buildArgs.get(name);
    return given != null ? given : values.get(name);
  }

  /// The build argument of this name, which wins over any default.
  @Nullable String given(String name) {
    return buildArgs.get(name);
  }

  /// What the argument of this name is if nobody says anything; null if it is none by itself.
  @Nullable String automatic(String name) {
    return automatic.get(name);
  }

  /// All names that are declared here or automatic.
  Set<String> names() {
    return Set.copyOf(declared);
  }

  @Override
  public @Nullable String value(String name) {
    return values.get(name);
  }

  @Override
  public void unset(String name, Span use) {
    if (declared.contains(name)) {
      return;
    }
    var nearest = Nearest.to(name, declared);
    notices.add(
        Rule.UNDEFINED_ARG_IN_FROM,
        use,
        "no ARG before the first FROM gives $"
            + Printable.of(name)
            + " a value"
            + nearest.map(near -> ": did you mean $" + Printable.of(near) + "?").orElse(""));
  }
}
