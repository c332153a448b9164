package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.TreeUnpacker;
import dev.jbuild.sandbox.Sandbox;
import dev.jbuild.store.KeptHold;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Makes the root file systems of steps, as their sandbox can have them. Safe for use by many
/// threads.
sealed interface StepRoots extends AutoCloseable permits OverlayRoots, CopiedRoots {

  /// What suits `sandbox`.
  static StepRoots of(Sandbox sandbox, Store store, LayerReader layers) {
    return switch (sandbox.kind()) {
      case NAMESPACES, RUNC, CRUN ->
          new OverlayRoots(store, layers, new TreeUnpacker(store, layers));
      case CHROOT -> new CopiedRoots(store, layers);
    };
  }

  /// Tells that so many stages will begin with these layers and run something.
  default void expect(List<Digest> diffIds, int stages) {}

  /// A root that begins with these layers, the lowest first; closed by the caller.
  StepRoot prepare(List<Digest> diffIds) throws IOException;

  /// A root on top of another of which the layer is not written yet, closed by the caller. The one
  /// below stays open until this is no longer used. What is below is told with
  /// [StepRoot#settle].
  ///
  /// @return empty if the layer has to be there first
  default Optional<StepRoot> prepareAbove(StepRoot below, StepChange change) throws IOException {
    return Optional.empty();
  }

  /// The root of something that is kept, with what it has changed above these layers; closed by the
  /// caller before `kept` is. What is changed now is kept with it.
  StepRoot reopen(List<Digest> diffIds, KeptHold kept) throws IOException;

  /// Removes what was kept from one step to the next.
  @Override
  void close() throws IOException;
}
