package dev.jbuild.build;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Progress;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.plan.Plan;
import java.util.List;
import java.util.stream.Collectors;

/// What a build says of its Dockerfile before the first step.
final class Findings {

  private Findings() {}

  /// Shows the findings and remarks as warnings, what several plans say alike once.
  ///
  /// @throws BuildFailure DOCKERFILE if `check=error=true` makes a failure of one; only BuildKit's
  ///     rules count, so that what others build is built here too
  static void tell(List<Plan> plans, Progress progress) {
    var findings = plans.stream().flatMap(plan -> plan.findings().stream()).distinct().toList();
    for (var finding : findings) {
      progress.on(
          new BuildEvent.Warning(
              finding.span() + ": " + finding.message() + " (" + finding.rule().ruleName() + ")"));
    }
    plans.stream()
        .flatMap(plan -> plan.remarks().stream())
        .distinct()
        .forEach(remark -> progress.on(new BuildEvent.Warning(remark)));
    var errors = findings.stream().filter(each -> each.rule().isBuildKits()).toList();
    if (plans.getFirst().checks().areErrors() && !errors.isEmpty()) {
      var names =
          errors.stream()
              .map(each -> each.rule().ruleName())
              .distinct()
              .collect(Collectors.joining(", "));
      throw BuildFailure.of(
              BuildFailure.Kind.DOCKERFILE,
              "the check options make errors of what the lint rules found: " + names)
          .at(errors.getFirst().span())
          .hint(
              "mend them, or leave rules out with # check=skip=RuleName;error=true in the first"
                  + " line");
    }
  }
}
