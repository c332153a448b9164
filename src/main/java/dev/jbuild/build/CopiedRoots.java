package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.store.KeptHold;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Roots that are copies of files, where nothing can be mounted.
///
/// A tree that a step leaves is the root of the step after it: what a COPY between them brings is
/// added. Only where nobody left one, at the beginning of a stage, or where two stages go on from
/// the same place, a tree is written from the layers.
final class CopiedRoots implements StepRoots {

  private final Store store;
  private final LayerReader layers;
  private final List<WorkingTree> idle = new ArrayList<>(); // guarded by this

  CopiedRoots(Store store, LayerReader layers) {
    this.store = store;
    this.layers = layers;
  }

  @Override
  public CopiedRoot prepare(List<Digest> diffIds) throws IOException {
    LayerCount.check(diffIds.size());
    var tree = take(diffIds);
    try {
      tree.advance(diffIds, layers);
      return new CopiedRoot(store, layers, tree, layers.view(diffIds), this);
    } catch (IOException | RuntimeException e) {
      tree.close();
      throw e;
    }
  }

  @Override
  public boolean canKeep() {
    return false;
  }

  @Override
  public CopiedRoot reopen(List<Digest> diffIds, KeptHold kept) {
    throw BuildFailure.of(
            BuildFailure.Kind.SANDBOX,
            "a failed step that is kept needs mounts, and there are none")
        .hint("--before goes into the files as they were before it");
  }

  /// The tree that has most of it.
  private WorkingTree take(List<Digest> diffIds) throws IOException {
    synchronized (this) {
      var best =
          idle.stream()
              .filter(tree -> tree.leadsTo(diffIds))
              .max(Comparator.comparingInt(tree -> tree.diffIds().size()));
      if (best.isPresent()) {
        idle.remove(best.get());
        return best.get();
      }
    }
    return WorkingTree.make(store);
  }

  /// Takes a tree that is whole for whoever needs it next.
  synchronized void giveBack(WorkingTree tree) {
    idle.add(tree);
  }

  @Override
  public synchronized void close() throws IOException {
    for (var tree : idle) {
      tree.close();
    }
    idle.clear();
  }
}
