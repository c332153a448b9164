package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import dev.jbuild.image.ContainerConfig;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A Dockerfile, what it is planned with, and the images there are.
final class PlanBench {

  static final Platform HOST = new Platform("linux", "amd64");

  private final String text;
  private final SortedMap<String, String> args = new TreeMap<>();
  private final SortedMap<String, String> labels = new TreeMap<>();
  private final Map<String, NamedContext> contexts = new HashMap<>();
  private final Map<String, ImageConfig> images = new HashMap<>();
  private final List<String> asked = new ArrayList<>();
  private Optional<String> target = Optional.empty();
  private Optional<Platform> platform = Optional.empty();

  private PlanBench(String text) {
    this.text = text;
  }

  static PlanBench of(String dockerfile) {
    return new PlanBench(dockerfile);
  }

  /// `NAME=value` each.
  PlanBench args(String... assignments) {
    for (var assignment : assignments) {
      int equals = assignment.indexOf('=');
      args.put(assignment.substring(0, equals), assignment.substring(equals + 1));
    }
    return this;
  }

  PlanBench label(String name, String value) {
    labels.put(name, value);
    return this;
  }

  PlanBench context(String name, NamedContext context) {
    contexts.put(name, context);
    return this;
  }

  PlanBench target(String name) {
    target = Optional.of(name);
    return this;
  }

  PlanBench platform(String name) {
    platform = Optional.of(Platform.parse(name));
    return this;
  }

  PlanBench image(String name, ContainerConfig config) {
    return image(name, ImageConfig.scratch(HOST).withConfig(config));
  }

  PlanBench image(String name, ImageConfig config) {
    images.put(Reference.parse(name).full(), config);
    return this;
  }

  /// Asks until there is a plan; an image that nobody described has an empty config.
  Plan plan() {
    var planner = new Planner(request());
    var known = new HashMap<ImageRequest, ImageConfig>();
    while (true) {
      switch (planner.plan(known)) {
        case Planning.Done(var plan) -> {
          return plan;
        }
        case Planning.NeedsImages(var needs) -> {
          assertTrue(!needs.isEmpty(), "a round that needs nothing");
          for (var need : needs) {
            asked.add(need.image().toString());
            var image = images.get(need.image().reference().full());
            var config = image == null ? ImageConfig.scratch(need.image().platform()) : image;
            assertTrue(known.put(need.image(), config) == null, "asked twice");
          }
        }
      }
    }
  }

  /// What SOURCE_DATE_EPOCH names.
  Optional<Clamp> clamp() {
    return new Planner(request()).clamp();
  }

  PlanRequest request() {
    return new PlanRequest(
        Dockerfile.parse(new Source("Dockerfile", text)),
        args,
        target,
        platform,
        HOST,
        labels,
        contexts);
  }

  /// What a lint run finds, `Rule line:column` each; an image that nobody described is not known.
  List<String> lint() {
    var planner = new Planner(request());
    var known = new HashMap<ImageRequest, ImageConfig>();
    var unknown = new HashSet<ImageRequest>();
    while (true) {
      switch (planner.lint(known, unknown, _ -> {})) {
        case Planning.Done(var plan) -> {
          return plan.findings().stream()
              .map(
                  finding ->
                      finding.rule().ruleName()
                          + (" " + finding.span().line() + ":" + finding.span().column()))
              .toList();
        }
        case Planning.NeedsImages(var needs) -> {
          for (var need : needs) {
            var image = images.get(need.image().reference().full());
            boolean asked =
                image == null ? !unknown.add(need.image()) : known.put(need.image(), image) != null;
            assertTrue(!asked, "asked twice");
          }
        }
      }
    }
  }

  /// The images that planning asked for, in order.
  List<String> asked() {
    plan();
    return asked;
  }

  BuildFailure failure() {
    return assertThrows(BuildFailure.class, this::plan);
  }

  List<Step> steps() {
    return plan().target().steps();
  }

  /// The history that the target's own steps make.
  List<String> history() {
    return steps().stream().flatMap(step -> step.createdBy().stream()).toList();
  }

  ContainerConfig config() {
    return plan().image().config();
  }

  /// The last step of the target, which is of this kind.
  <S extends Step> S last(Class<S> kind) {
    return kind.cast(steps().getLast());
  }
}
