package dev.jbuild.build;

import dev.jbuild.plan.CopyStep;
import dev.jbuild.plan.Origin;
import dev.jbuild.plan.RunMount;
import dev.jbuild.plan.RunStep;
import java.io.IOException;

/// What a plan takes from contexts by name: what is not there is told before the first step of the
/// build, whatever the cache holds. Whether a wildcard matches is seen when its step comes.
final class ContextNeeds {

  private ContextNeeds() {}

  /// Looks at all steps of a plan.
  ///
  /// @throws dev.jbuild.failure.BuildFailure at the first source that is not there
  static void check(Workshop shop) throws IOException {
    for (var stage : shop.plan().stages()) {
      for (var step : stage.steps()) {
        if (step instanceof CopyStep copy && isContext(copy.origin())) {
          var source = shop.source(copy.origin());
          CopyInputs.checkThere(copy, source.tree(), source.name());
        }
        if (step instanceof RunStep run) {
          for (var mount : run.mounts()) {
            if (mount instanceof RunMount.Bind bind && isContext(bind.origin())) {
              BoundFiles.find(bind.span(), bind.origin(), bind.source(), shop);
            }
          }
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
