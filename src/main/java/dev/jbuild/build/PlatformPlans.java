package dev.jbuild.build;

import dev.jbuild.image.ImageConfig;
import dev.jbuild.plan.ImageNeed;
import dev.jbuild.plan.ImageRequest;
import dev.jbuild.plan.Plan;
import dev.jbuild.plan.PlanRequest;
import dev.jbuild.plan.Planner;
import dev.jbuild.plan.Planning;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The plans of a build for its platforms. They are asked which images they need as often as new
/// ones appear; what all of them need is resolved together.
final class PlatformPlans {

  private PlatformPlans() {}

  /// One for each platform, in the order wanted.
  ///
  /// @param resolved gets the images that the plans use
  static List<Plan> of(
      BuildRequest request, Bases bases, Epoch epoch, Map<ImageRequest, ResolvedImage> resolved)
      throws IOException, InterruptedException {
    var planners = new ArrayList<Planner>();
    if (request.platforms().isEmpty()) {
      planners.add(planner(request.plan(), epoch));
    }
    for (var platform : request.platforms()) {
      planners.add(planner(request.plan().forPlatform(platform), epoch));
    }
    while (true) {
      var known = new HashMap<ImageRequest, ImageConfig>();
      resolved.forEach((image, found) -> known.put(image, found.config()));
      var plans = new ArrayList<Plan>();
      var needs = new LinkedHashMap<ImageRequest, ImageNeed>();
      for (var planner : planners) {
        switch (planner.plan(known)) {
          case Planning.Done(var plan) -> plans.add(plan);
          case Planning.NeedsImages(var more) ->
              more.forEach(need -> needs.putIfAbsent(need.image(), need));
        }
      }
      if (needs.isEmpty()) {
        return plans;
      }
      resolved.putAll(bases.resolve(List.copyOf(needs.values())));
    }
  }

  private static Planner planner(PlanRequest request, Epoch epoch)
      throws IOException, InterruptedException {
    var named = new Planner(request).clamp();
    return new Planner(named.isPresent() ? request.at(epoch.of(named.get())) : request);
  }
}
