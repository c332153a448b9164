package dev.jbuild.build;

import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import dev.jbuild.image.ContainerConfig;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;
import dev.jbuild.plan.ConfigStep;
import dev.jbuild.plan.PlanRequest;
import dev.jbuild.plan.Planner;
import dev.jbuild.plan.Planning;
import dev.jbuild.plan.Step;
import dev.jbuild.plan.WorkdirStep;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The `--change` instructions of import and commit: a Dockerfile of which only the config counts.
///
/// @param platform of the image
record ConfigChanges(List<String> instructions, Platform platform) {

  ConfigChanges {
    instructions = List.copyOf(instructions);
  }

  /// The config that the instructions make of an empty one.
  ///
  /// @throws BuildFailure if one is malformed, or would change files
  ContainerConfig apply() {
    return config(planner("scratch").plan(Map.of()));
  }

  /// The config that they make of an image's. Its triggers do not fire, and are not handed on.
  ///
  /// @throws BuildFailure as above
  ContainerConfig apply(ImageConfig image) {
    var below = image.withConfig(image.config().withOnBuild(List.of()));
    var planner = planner("image");
    return switch (planner.plan(Map.of())) {
      case Planning.Done done -> config(done);
      case Planning.NeedsImages(var needs) ->
          config(planner.plan(Map.of(needs.getFirst().image(), below)));
    };
  }

  private Planner planner(String base) {
    var text = "FROM " + base + "\n" + String.join("\n", instructions) + "\n";
    return new Planner(
        new PlanRequest(
            Dockerfile.parse(new Source("--change", text)),
            new TreeMap<>(),
            Optional.empty(),
            Optional.of(platform),
            platform,
            new TreeMap<>(),
            Map.of()));
  }

  private static ContainerConfig config(Planning planning) {
    return switch (planning) {
      case Planning.Done(var done) -> {
        done.target().steps().forEach(ConfigChanges::check);
        yield done.image().config();
      }
      case Planning.NeedsImages _ ->
          throw BuildFailure.of(
              BuildFailure.Kind.USAGE, "--change takes instructions for the config only, no FROM");
    };
  }

  private static void check(Step step) {
    if (!(step instanceof ConfigStep) && !(step instanceof WorkdirStep)) {
      throw BuildFailure.of(
              BuildFailure.Kind.USAGE, "--change takes instructions for the config only")
          .at(step.span())
          .hint("CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, USER, VOLUME, WORKDIR and the like");
    }
  }
}
