package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.TreeUnpacker;
import dev.jbuild.linux.Directory;
import dev.jbuild.store.KeptHold;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Roots that are mounted: overlays over the trees of layers. What they need beside these, and
/// never change, they share: directories of mount points, places to be mounted at.
final class OverlayRoots implements StepRoots {

  private final Store store;
  private final LayerReader layers;
  private final TreeUnpacker unpacker;
  private final Map<MountPointTree, Path> points = new HashMap<>();
  private final Deque<Path> free = new ArrayDeque<>();

  OverlayRoots(Store store, LayerReader layers, TreeUnpacker unpacker) {
    this.store = store;
    this.layers = layers;
    this.unpacker = unpacker;
  }

  @Override
  public OverlayRoot prepare(List<Digest> diffIds) throws IOException {
    return OverlayRoot.prepare(this, store, layers, diffIds);
  }

  @Override
  public Optional<StepRoot> prepareAbove(StepRoot below, StepChange change) throws IOException {
    return below instanceof OverlayRoot root && change instanceof OverlayChange files
        ? root.above(files).map(StepRoot.class::cast)
        : Optional.empty();
  }

  @Override
  public OverlayRoot reopen(List<Digest> diffIds, KeptHold kept) throws IOException {
    return OverlayRoot.reopen(this, store, layers, diffIds, kept);
  }

  /// The unpacked trees of layers, the lowest first; those that are missing are made.
  List<Path> trees(List<Digest> diffIds) throws IOException {
    return unpacker.trees(diffIds);
  }

  /// The directory that holds these mount points; made once, and gone with the store's closing.
  synchronized Path points(MountPointTree wanted) throws IOException {
    var known = points.get(wanted);
    if (known != null) {
      return known;
    }
    var made = store.makeTemporaryDirectory();
    try (var directory = Directory.open(made)) {
      wanted.make(directory);
    }
    points.put(wanted, made);
    return made;
  }

  /// An empty directory to mount at, to be given back.
  synchronized Path takeTarget() throws IOException {
    return free.isEmpty() ? store.makeTemporaryDirectory() : free.pop();
  }

  /// @param target at which nothing is mounted any more
  synchronized void giveBack(Path target) {
    free.push(target);
  }

  /// The trees are the store's, and stay.
  @Override
  public void close() {}
}
