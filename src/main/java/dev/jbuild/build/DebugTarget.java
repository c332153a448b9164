package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.store.KeptHold;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A step that can be looked into.
///
/// @param shown what a person is told of it, printable
/// @param before the layers below it, the lowest first
/// @param after the same with its own, if it made any
/// @param kept the files that a failed step left
public record DebugTarget(
    String shown,
    List<Digest> before,
    List<Digest> after,
    StepRecipe recipe,
    List<KeptSource> sources,
    Optional<Kept> kept) {

  /// A failed step, held.
  public record Kept(KeptStep step, KeptHold hold) {}

  public DebugTarget {
    before = List.copyOf(before);
    after = List.copyOf(after);
    sources = List.copyOf(sources);
  }

  /// Names of the proxy variables that the step was given.
  public List<String> proxies() {
    return recipe.proxies();
  }

  /// Of a failed step that is kept.
  public static DebugTarget of(KeptStep step, KeptHold hold) {
    var after = new ArrayList<>(step.layers());
    after.addAll(step.changes());
    return new DebugTarget(
        step.shown(),
        step.layers(),
        after,
        step.recipe(),
        step.sources(),
        Optional.of(new Kept(step, hold)));
  }
}
