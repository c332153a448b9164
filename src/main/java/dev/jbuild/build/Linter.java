package dev.jbuild.build;

import dev.jbuild.context.IgnoreRules;
import dev.jbuild.dockerfile.Checks;
import dev.jbuild.dockerfile.Finding;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.dockerfile.Target;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Reference;
import dev.jbuild.plan.ImageRequest;
import dev.jbuild.plan.Outline;
import dev.jbuild.plan.Plan;
import dev.jbuild.plan.PlanRequest;
import dev.jbuild.plan.Planner;
import dev.jbuild.plan.Planning;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Looks at a Dockerfile: what could be better in it, and what it can be given. Builds nothing,
/// fetches nothing, and works without a store.
public final class Linter {

  private final Optional<Images> images;

  /// @param store where base images are looked up, if there is one; it is only read
  public Linter(Optional<Store> store) {
    this.images = store.map(Images::new);
  }

  /// Looks at the stages that the target needs, or at all of them if there is no target.
  ///
  /// @param requests one Dockerfile for several platforms; what is found for each is told once
  /// @param ignored what the context's ignore file leaves out
  /// @param mistake why the text behind the Dockerfile is none: told after what is found above it
  /// @return also if there is a mistake that is no finding: with what was found before it
  /// @throws BuildFailure if the mistake is in the choice of what is to be heard
  public LintResult lint(
      List<PlanRequest> requests, IgnoreRules ignored, Optional<BuildFailure> mistake)
      throws IOException {
    var findings = new ArrayList<Finding>();
    var unknown = new LinkedHashSet<Reference>();
    for (var request : requests) {
      try {
        var plan = plan(request, unknown, findings::addAll);
        findings.addAll(plan.findings());
        findings.addAll(IgnoredSources.of(plan, ignored));
      } catch (BuildFailure e) {
        return new LintResult(
            heard(request, findings, mistake), List.of(), Optional.of(mistake.orElse(e)));
      }
    }
    return new LintResult(
        heard(requests.getFirst(), findings, mistake), List.copyOf(unknown), mistake);
  }

  /// What the target can be given, or without one the last stage.
  ///
  /// What ONBUILD of an image asks for is not told if the store does not have it.
  ///
  /// @throws BuildFailure if the Dockerfile cannot be planned
  public Outline outline(PlanRequest request) throws IOException {
    var last = String.valueOf(Target.of(request.dockerfile()).size() - 1);
    var plan =
        plan(request.forTarget(request.target().orElse(last)), new LinkedHashSet<>(), _ -> {});
    return Outline.of(plan, request.dockerfile());
  }

  /// Without its end nobody knows how most of a Dockerfile is written.
  private static List<Finding> heard(
      PlanRequest request, List<Finding> findings, Optional<BuildFailure> mistake) {
    if (mistake.isPresent()) {
      findings.removeIf(each -> each.rule() == Rule.CONSISTENT_INSTRUCTION_CASING);
    }
    var argument = Optional.ofNullable(request.buildArgs().get(Checks.ARGUMENT));
    return findings.isEmpty()
        ? List.of()
        : Checks.of(request.dockerfile(), argument).heard(findings);
  }

  private Plan plan(
      PlanRequest request, Set<Reference> missing, Consumer<List<Finding>> beforeAFailure)
      throws IOException {
    var planner = new Planner(request);
    var known = new HashMap<ImageRequest, ImageConfig>();
    var unknown = new LinkedHashSet<ImageRequest>();
    while (true) {
      switch (planner.lint(known, unknown, beforeAFailure)) {
        case Planning.Done(var plan) -> {
          unknown.forEach(image -> missing.add(image.reference()));
          return plan;
        }
        case Planning.NeedsImages(var needs) -> {
          for (var need : needs) {
            var config = config(need.image());
            config.ifPresentOrElse(
                found -> known.put(need.image(), found), () -> unknown.add(need.image()));
          }
        }
      }
    }
  }

  /// Empty also for an image that is damaged or for another platform only: a build will tell.
  private Optional<ImageConfig> config(ImageRequest image) throws IOException {
    if (images.isEmpty()) {
      return Optional.empty();
    }
    try {
      return images.get().find(image.reference(), image.platform()).map(ResolvedImage::config);
    } catch (ImageFormatException | BuildFailure e) {
      return Optional.empty();
    }
  }
}
