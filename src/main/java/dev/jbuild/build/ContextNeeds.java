package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.plan.CopyStep;
import dev.jbuild.plan.Origin;
import dev.jbuild.plan.RunStep;
import dev.jbuild.plan.Step;
import java.io.IOException;

/// What a plan takes from contexts by name: what is not there is told before the first step of the
/// build, whatever the cache holds. Whether a wildcard matches is seen when its step comes.
final class ContextNeeds {

  private ContextNeeds() {}

  /// Looks at all steps of a plan.
  ///
  /// @throws BuildFailure at the first source that is not there
  static void check(Workshop shop) throws IOException {
    for (var stage : shop.plan().stages()) {
      for (var step : stage.steps()) {
        try {
          check(step, shop);
        } catch (BuildFailure e) {
          throw shop.told(e, stage);
        }
      }
    }
  }

  private static void check(Step step, Workshop shop) throws IOException {
    if (step instanceof CopyStep copy && isContext(copy.origin())) {
      var source = shop.source(copy.origin());
      CopyInputs.checkThere(copy, source.tree(), source.name());
    }
    if (step instanceof RunStep run) {
      for (var mount : BoundFiles.mounts(run)) {
        if (isContext(mount.origin())) {
          BoundFiles.find(mount, shop);
        }
      }
    }
  }

  private static boolean isContext(Origin origin) {
    return switch (origin) {
      case Origin.Context _, Origin.Files _ -> true;
      case Origin.EarlierStage _, Origin.Image _, Origin.Scratch _ -> false;
    };
  }
}
