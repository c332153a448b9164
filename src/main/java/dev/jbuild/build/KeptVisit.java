package dev.jbuild.build;

import dev.jbuild.failure.Printable;
import dev.jbuild.store.KeptHold;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.time.Instant;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/// A failed step while somebody is in it. Whoever is given a secret there may copy it by hand, so
/// the files are searched for it when he is gone. That they were not yet is written down, durably,
/// before he comes in: if jbuild is killed meanwhile the next one knows it (case 105).
final class KeptVisit implements AutoCloseable {

  private final Store store;
  private final KeptStep step;
  private final KeptHold hold;
  private final StepRoot root;
  private final Secrets secrets;
  private final Consumer<String> notices;
  private final Instant before;

  private KeptVisit(
      Store store,
      DebugTarget.Kept kept,
      StepRoot root,
      Secrets secrets,
      Consumer<String> notices,
      Instant before) {
    this.store = store;
    this.step = kept.step();
    this.hold = kept.hold();
    this.root = root;
    this.secrets = secrets;
    this.notices = notices;
    this.before = before;
  }

  /// Begins it, before the root is open.
  ///
  /// @param root of the step; closed after the visit
  /// @param notices told of secrets that an earlier visit may have left, and of files that go
  static KeptVisit begin(
      Store store, DebugTarget.Kept kept, StepRoot root, Secrets secrets, Consumer<String> notices)
      throws IOException {
    var step = kept.step();
    for (var id : step.unswept()) {
      if (!secrets.has(id)) {
        notices.accept(
            "jbuild was killed in this step, whose files may hold the secret \""
                + Printable.of(id)
                + "\"; it is searched for if it is given again: --secret id="
                + Printable.of(id));
      }
    }
    var before = kept.hold().lastChange();
    var unswept = unswept(step);
    if (unswept.addAll(secrets.ids())) {
      kept.hold().replaceSpec(step.spec(step.isChanged(), unswept, step.changes()));
    }
    return new KeptVisit(store, kept, root, secrets, notices, before);
  }

  private static SortedSet<String> unswept(KeptStep step) {
    return new TreeSet<>(step.unswept());
  }

  /// Ends it, when all processes and mounts are gone.
  @Override
  public void close() throws IOException {
    root.sweep(secrets.values()).forEach(notices);
    var more = root.moreLayers();
    var unswept = unswept(step);
    unswept.removeAll(secrets.ids());
    boolean isChanged = !more.isEmpty() || hold.lastChange().isAfter(before);
    if (isChanged || !secrets.ids().isEmpty()) {
      ChangeLayers.keep(
          step.layers(),
          step.changes(),
          more,
          store,
          now -> hold.replaceSpec(step.spec(isChanged || step.isChanged(), unswept, now)));
    }
  }
}
