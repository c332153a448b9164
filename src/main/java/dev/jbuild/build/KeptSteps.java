package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The failed steps that a store keeps: the last one of each Dockerfile, context and target, and of
/// those the newest. One whose files somebody changed by hand is not replaced by the next failure,
/// does not go when the build succeeds, and is not one of those that are counted: it goes only by
/// age, `prune` or `rm`.
public final class KeptSteps {

  /// How many are kept that nobody changed.
  static final int MOST = 10;

  private static final String HINT =
      "The layers before it are kept. Step inside:  jbuild debug     Only this step's log:  jbuild"
          + " debug --log";

  private final Store store;

  public KeptSteps(Store store) {
    this.store = store;
  }

  /// All of them, the newest first.
  public List<KeptStep> list() throws IOException {
    return store.kept().list().stream().flatMap(entry -> KeptStep.of(entry).stream()).toList();
  }

  /// Keeps the step that `failure` tells of.
  ///
  /// @param warnings told of files that are not kept
  /// @return the failure, with what can be done now
  BuildFailure keep(FailedStep step, BuildFailure failure, Consumer<String> warnings)
      throws IOException, InterruptedException {
    step.sweep().forEach(warnings);
    var kept = step.keep();
    var others = list().stream().filter(each -> !each.entry().id().equals(kept.id())).toList();
    for (var other : outlived(others, step.shop().notes().build())) {
      remove(other);
    }
    return step.status().reason().isPresent() ? failure : failure.hint(HINT);
  }

  /// Those of `others` that go when a step of `build` is kept.
  ///
  /// @param others the newest first
  static List<KeptStep> outlived(List<KeptStep> others, Digest build) {
    var gone = new ArrayList<KeptStep>();
    int left = MOST - 1;
    for (var other : others) {
      if (other.isChanged()) {
        continue; // somebody's work
      }
      if (left == 0 || other.build().equals(build)) {
        gone.add(other);
      } else {
        left--;
      }
    }
    return gone;
  }

  /// After a build that succeeded its failed step is of no use any more.
  void forget(Digest build) throws IOException {
    for (var step : list()) {
      if (step.build().equals(build) && !step.isChanged()) {
        remove(step);
      }
    }
  }

  /// Unless somebody is in it.
  private void remove(KeptStep step) throws IOException {
    var hold = store.kept().tryHold(step.entry());
    if (hold.isPresent()) {
      try (var held = hold.get()) {
        held.remove();
      }
    }
  }
}
