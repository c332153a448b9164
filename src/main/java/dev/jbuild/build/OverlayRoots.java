package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.TreeUnpacker;
import dev.jbuild.store.KeptHold;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Roots that are mounted: overlays over the trees of layers.
final class OverlayRoots implements StepRoots {

  private final Store store;
  private final LayerReader layers;
  private final TreeUnpacker unpacker;

  OverlayRoots(Store store, LayerReader layers, TreeUnpacker unpacker) {
    this.store = store;
    this.layers = layers;
    this.unpacker = unpacker;
  }

  @Override
  public OverlayRoot prepare(List<Digest> diffIds) throws IOException {
    return OverlayRoot.prepare(store, layers, unpacker, diffIds);
  }

  @Override
  public OverlayRoot reopen(List<Digest> diffIds, KeptHold kept) throws IOException {
    return OverlayRoot.reopen(store, layers, unpacker, diffIds, kept);
  }

  /// The unpacked trees of layers, the lowest first; those that are missing are made.
  List<Path> trees(List<Digest> diffIds) throws IOException {
    return unpacker.trees(diffIds);
  }

  /// The trees are the store's, and stay.
  @Override
  public void close() {}
}
