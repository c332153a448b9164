package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.linux.Directory;
import dev.jbuild.store.KeptHold;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Roots that are copies of files, where nothing can be mounted.
///
/// A tree that a step leaves is the root of the step after it: what a COPY between them brings is
/// added. Where several stages go on from one place the tree of that place stays, and all but the
/// last get a copy of it that shares its blocks. Where the file system shares none, and where
/// nobody left a tree, one is written from the layers.
final class CopiedRoots implements StepRoots {

  private final Store store;
  private final LayerReader layers;
  private final List<WorkingTree> idle = new ArrayList<>(); // guarded by this

  /// How many stages are still to begin with these layers; guarded by this.
  private final Map<List<Digest>, Integer> expected = new HashMap<>();

  CopiedRoots(Store store, LayerReader layers) {
    this.store = store;
    this.layers = layers;
  }

  @Override
  public CopiedRoot prepare(List<Digest> diffIds) throws IOException {
    LayerCount.check(diffIds.size());
    var start = start(diffIds);
    var tree = start.tree.isPresent() ? start.tree.get() : WorkingTree.make(store);
    try {
      if (start.branch > 0) {
        tree.advance(diffIds.subList(0, start.branch), layers);
        var copy = tree.shared(store);
        if (copy.isPresent()) {
          giveBack(tree);
          tree = copy.get();
        }
      }
      tree.advance(diffIds, layers);
      return new CopiedRoot(store, layers, tree, layers.view(diffIds), this);
    } catch (IOException | RuntimeException e) {
      tree.close();
      throw e;
    }
  }

  @Override
  public synchronized void expect(List<Digest> diffIds, int stages) {
    if (stages > 1) {
      expected.merge(List.copyOf(diffIds), stages, Integer::sum);
    }
  }

  /// Where to begin.
  ///
  /// @param tree that has most of it, and is in use now
  /// @param branch so many of the layers are what other stages begin with as well; 0 if none do
  private record Start(Optional<WorkingTree> tree, int branch) {}

  private synchronized Start start(List<Digest> wanted) {
    int place = wanted.size();
    while (place > 0 && !expected.containsKey(wanted.subList(0, place))) {
      place--;
    }
    var best = best(wanted, wanted.size());
    boolean isOnItsWay = best.isPresent() && best.get().diffIds().size() > place;
    int branch = isOnItsWay || place == 0 || isLast(wanted.subList(0, place)) ? 0 : place;
    var tree = branch == 0 ? best : best(wanted, branch);
    tree.ifPresent(idle::remove);
    return new Start(tree, branch);
  }

  /// Counts off one of the stages that begin with these layers.
  private boolean isLast(List<Digest> place) {
    var left =
        expected.computeIfPresent(
            List.copyOf(place), (_, stages) -> stages > 1 ? stages - 1 : null);
    return left == null;
  }

  /// The idle tree that has most of the first `most` layers, and nothing else.
  private Optional<WorkingTree> best(List<Digest> wanted, int most) {
    return idle.stream()
        .filter(tree -> tree.leadsTo(wanted) && tree.diffIds().size() <= most)
        .max((one, other) -> Integer.compare(one.diffIds().size(), other.diffIds().size()));
  }

  /// What changes is written as a layer; files that another sandbox has changed are no layer.
  @Override
  public CopiedRoot reopen(List<Digest> diffIds, KeptHold kept) throws IOException {
    try (var fs = Directory.open(kept.entry().fs())) {
      if (!fs.list().isEmpty()) {
        throw BuildFailure.of(
                BuildFailure.Kind.SANDBOX,
                "a chroot cannot go on from files that were kept with mounts")
            .hint("use the sandbox that " + kept.entry().id() + " was made in");
      }
    }
    return prepare(diffIds);
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
