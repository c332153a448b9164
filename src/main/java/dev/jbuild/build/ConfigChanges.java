package dev.jbuild.build;

import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import dev.jbuild.image.ContainerConfig;
import dev.jbuild.plan.ConfigStep;
import dev.jbuild.plan.PlanRequest;
import dev.jbuild.plan.Planner;
import dev.jbuild.plan.Planning;
import dev.jbuild.plan.Step;
import dev.jbuild.plan.WorkdirStep;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The `--change` instructions of import: a Dockerfile of which only the config counts.
final class ConfigChanges {

  private final ImportRequest request;

  ConfigChanges(ImportRequest request) {
    this.request = request;
  }

  /// The config that the instructions make of an empty one.
  ///
  /// @throws BuildFailure if one is malformed, or would change files
  ContainerConfig apply() {
    var text = "FROM scratch\n" + String.join("\n", request.changes()) + "\n";
    var dockerfile = Dockerfile.parse(new Source("--change", text));
    var plan =
        new Planner(
            new PlanRequest(
                dockerfile,
                new TreeMap<>(),
                Optional.empty(),
                Optional.of(request.platform()),
                request.platform(),
                new TreeMap<>(),
                Map.of()));
    return switch (plan.plan(Map.of())) {
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
