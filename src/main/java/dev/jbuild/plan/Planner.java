package dev.jbuild.plan;

import dev.jbuild.dockerfile.Finding;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.ImageConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Makes plans. Safe for use by many threads.
public final class Planner {

  private final PlanRequest request;

  public Planner(PlanRequest request) {
    this.request = request;
  }

  /// What SOURCE_DATE_EPOCH names, if anything. Whoever builds finds its time and gives it back,
  /// with [PlanRequest#at]: then ARG sees the number. Else only a number counts.
  ///
  /// @throws BuildFailure if it names nothing that could have a time
  public Optional<Clamp> clamp() {
    return SourceDate.isMentioned(request)
        ? new PlanRound(request, Map.of(), Set.of(), new Notices(false)).clamp()
        : Optional.empty();
  }

  /// The plan, or the images whose configs have to be known for it.
  ///
  /// Ask with an empty map first; resolve what is needed; ask again with all that is known.
  /// Triggers of base images may name new ones, so there can be several rounds; each names at
  /// least one image that is not in `known`.
  ///
  /// @throws BuildFailure for whatever is wrong with the Dockerfile
  public Planning plan(Map<ImageRequest, ImageConfig> known) {
    return new PlanRound(request, known, Set.of(), new Notices(false)).planning();
  }

  /// The same for a lint run: of all stages if no target is given, with the findings that a build
  /// does not show too.
  ///
  /// What depends on an image that is not known is left out; a FROM that only a build argument
  /// completes is a finding and not a failure. Such a plan cannot be built.
  ///
  /// @param unknown images whose configs nobody has; none of them is in `known`
  /// @param found told, if there can be no plan, of what was found before that was noticed
  public Planning lint(
      Map<ImageRequest, ImageConfig> known,
      Set<ImageRequest> unknown,
      Consumer<List<Finding>> found) {
    var configs = new HashMap<>(known);
    unknown.forEach(image -> configs.put(image, PlanRound.standIn(image.platform())));
    var notices = new Notices(true);
    try {
      return new PlanRound(request, configs, unknown, notices).planning();
    } catch (BuildFailure e) {
      found.accept(notices.findings());
      throw e;
    }
  }
}
