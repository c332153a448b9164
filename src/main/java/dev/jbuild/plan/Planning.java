package dev.jbuild.plan;

import java.util.List;

/// The answer of [Planner#plan].
public sealed interface Planning {

  /// These images have to be resolved first, in the order in which the Dockerfile names them; then
  /// the question is asked again with their configs.
  record NeedsImages(List<ImageNeed> needs) implements Planning {
    public NeedsImages {
      needs = List.copyOf(needs);
    }
  }

  /// Everything was known.
  record Done(Plan plan) implements Planning {}
}
