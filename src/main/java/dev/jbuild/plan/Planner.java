package dev.jbuild.plan;

import dev.jbuild.image.ImageConfig;
import java.util.Map;

/// Makes plans. Safe for use by many threads.
public final class Planner {

  private final PlanRequest request;

  public Planner(PlanRequest request) {
    this.request = request;
  }

  /// The plan, or the images whose configs have to be known for it.
  ///
  /// Ask with an empty map first; resolve what is needed; ask again with all that is known.
  /// Triggers of base images may name new ones, so there can be several rounds; each names at
  /// least one image that is not in `known`.
  ///
  /// @throws dev.jbuild.failure.BuildFailure for whatever is wrong with the Dockerfile
  public Planning plan(Map<ImageRequest, ImageConfig> known) {
    return new PlanRound(request, known).planning();
  }
}
