package dev.jbuild.plan;

import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.dockerfile.Part.Statement;
import dev.jbuild.dockerfile.Target;
import dev.jbuild.failure.Span;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What can be given to the build of a target: the arguments, secrets, SSH agents and caches that
/// it and the stages it needs ask for. Each name stands here once, in the order of the Dockerfile;
/// what the triggers of a base image ask for comes last.
///
/// @param name of the target, if it has one
/// @param description what the comment above it says
public record Outline(
    Optional<String> name,
    Optional<String> description,
    List<Argument> arguments,
    List<Need> secrets,
    List<Need> agents,
    List<Need> caches) {

  public Outline {
    arguments = List.copyOf(arguments);
    secrets = List.copyOf(secrets);
    agents = List.copyOf(agents);
    caches = List.copyOf(caches);
  }

  /// @param value without a build argument that says otherwise; empty if it has none
  /// @param description what the comment above it says
  /// @param span of the ARG that says the value
  public record Argument(
      String name, Optional<String> value, Optional<String> description, Span span) {}

  /// A secret, an SSH agent or a cache of RUN.
  ///
  /// @param span of the RUN
  public record Need(String id, boolean required, Span span) {}

  /// Of a plan of this Dockerfile for one target.
  public static Outline of(Plan plan, Dockerfile dockerfile) {
    return new Collector(plan, dockerfile).outline();
  }

  /// Goes through the stages from the target on: what is nearer to it comes first.
  private static final class Collector {

    private final Plan plan;
    private final Dockerfile dockerfile;
    private final Map<String, Argument> arguments = new LinkedHashMap<>();
    private final Map<String, Need> secrets = new LinkedHashMap<>();
    private final Map<String, Need> agents = new LinkedHashMap<>();
    private final Map<String, Need> caches = new LinkedHashMap<>();
    private final Map<Integer, Stage> stages = new HashMap<>();
    private final Set<Integer> visited = new HashSet<>();
    private final Map<Integer, Statement> statements = new HashMap<>(); // by their first line
    private final Map<Integer, Map<String, String>> descriptions = new HashMap<>(); // likewise
    private final Map<String, List<GlobalArg>> globals;
    private final Set<String> toldGlobals = new HashSet<>();

    Collector(Plan plan, Dockerfile dockerfile) {
      this.plan = plan;
      this.dockerfile = dockerfile;
      plan.stages().forEach(stage -> stages.put(stage.index(), stage));
      for (var part : dockerfile.parts()) {
        if (part instanceof Statement statement) {
          statements.put(statement.instruction().span().line(), statement);
        }
      }
      this.globals =
          plan.globals().stream().collect(Collectors.groupingBy(each -> each.declared().name()));
    }

    Outline outline() {
      var target = plan.target();
      var open = new ArrayDeque<>(List.of(target.index()));
      while (!open.isEmpty()) {
        int index = open.pop();
        if (visited.add(index)) {
          visit(
              Objects.requireNonNull(stages.get(index), "the plan has what its stages need"), open);
        }
      }
      return new Outline(
          target.name(),
          Target.of(dockerfile).get(target.index()).description(),
          inOrder(arguments, Argument::span),
          inOrder(secrets, Need::span),
          inOrder(agents, Need::span),
          inOrder(caches, Need::span));
    }

    /// @param open takes the stages that this one needs; what it is based on is visited next
    private void visit(Stage stage, Deque<Integer> open) {
      var own = new LinkedHashMap<String, Argument>();
      global(stage.globals(), own);
      for (var step : stage.steps()) {
        switch (step) {
          case ConfigStep config -> config.declared().forEach(each -> declare(each, own));
          case RunStep run -> run.mounts().forEach(mount -> mount(mount, run.head().span()));
          case CopyStep _, WorkdirStep _ -> {}
        }
      }
      own.forEach(arguments::putIfAbsent);
      stage.needs().reversed().forEach(open::push);
      if (stage.base() instanceof StageBase.EarlierStage(int index)) {
        open.push(index);
      }
    }

    /// Those of `names` that an ARG above the first FROM declares, and all that their values are
    /// made of. One that was told of a stage nearer to the target is not told again.
    private void global(Set<String> names, Map<String, Argument> own) {
      var open = new ArrayDeque<>(names);
      while (!open.isEmpty()) {
        var same = globals.getOrDefault(open.peek(), List.of());
        if (!toldGlobals.add(open.remove()) || same.isEmpty()) {
          continue;
        }
        var last = same.getLast().declared();
        own.put(last.name(), argument(last));
        for (var each : same.reversed()) {
          open.addAll(each.uses());
          if (!each.uses().contains(last.name())) {
            break; // it begins anew
          }
        }
      }
    }

    /// What has the value of above the first FROM is told there; the automatic ones are not told.
    private void declare(Declared declared, Map<String, Argument> own) {
      if (!declared.inherited()) {
        own.put(declared.name(), argument(declared));
      }
    }

    private Argument argument(Declared declared) {
      var description = description(declared.name(), declared.span());
      return new Argument(declared.name(), declared.value(), description, declared.span());
    }

    private void mount(RunMount mount, Span span) {
      switch (mount) {
        case RunMount.Secret secret ->
            secrets.putIfAbsent(secret.id(), new Need(secret.id(), secret.required(), span));
        case RunMount.Ssh ssh ->
            agents.putIfAbsent(ssh.id(), new Need(ssh.id(), ssh.required(), span));
        case RunMount.Cache cache ->
            caches.putIfAbsent(cache.id(), new Need(cache.id(), false, span));
        case RunMount.Bind _, RunMount.Tmpfs _ -> {}
      }
    }

    private Optional<String> description(String name, Span instruction) {
      int line = instruction.line();
      return Optional.ofNullable(statements.get(line))
          .filter(statement -> statement.instruction().span().equals(instruction))
          .map(statement -> descriptions.computeIfAbsent(line, _ -> statement.descriptions()))
          .map(all -> all.get(name));
    }

    private <T> List<T> inOrder(Map<String, T> found, Function<T, Span> span) {
      var sorted = new ArrayList<>(found.values());
      sorted.sort(
          Comparator.comparing((T each) -> !span.apply(each).source().equals(dockerfile.source()))
              .thenComparingInt(each -> span.apply(each).line()));
      return sorted;
    }
  }
}
