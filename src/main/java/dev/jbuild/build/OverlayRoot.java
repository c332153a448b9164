package dev.jbuild.build;

import dev.jbuild.image.ChainId;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.TreeUnpacker;
import dev.jbuild.layer.UpperDiff;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.Mounts;
import dev.jbuild.sandbox.MountPoint;
import dev.jbuild.store.Store;
import dev.jbuild.store.TreeDraft;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// An overlay over the trees of layers. What its upper directory holds in the end is the change,
/// and becomes the tree of its place.
final class OverlayRoot implements StepRoot {

  private final Store store;
  private final LayerReader layers;
  private final List<Path> trees;
  private final MergedView view;
  private final TreeDraft draft;
  private final TreeDraft points;

  private OverlayRoot(
      Store store,
      LayerReader layers,
      List<Path> trees,
      MergedView view,
      TreeDraft draft,
      TreeDraft points) {
    this.store = store;
    this.layers = layers;
    this.trees = trees;
    this.view = view;
    this.draft = draft;
    this.points = points;
  }

  /// Makes what is needed for a mount: trees that are missing, the top directory.
  static OverlayRoot prepare(
      Store store, LayerReader layers, TreeUnpacker unpacker, List<Digest> diffIds)
      throws IOException {
    LayerCount.check(diffIds.size());
    var view = layers.view(diffIds);
    var trees = unpacker.trees(diffIds);
    var draft = store.trees().draft();
    try {
      copyRoot(view, draft.fs());
      return new OverlayRoot(store, layers, trees, view, draft, store.trees().draft());
    } catch (IOException | RuntimeException e) {
      draft.close();
      throw e;
    }
  }

  /// The top of the stack decides what the root directory itself is.
  private static void copyRoot(MergedView view, Path top) throws IOException {
    var entry = view.find(ArchivePath.ROOT).orElseThrow().entry();
    try (var root = Directory.open(top)) {
      root.setOwner(entry.uid(), entry.gid());
      root.setMode(entry.mode());
      root.setTime(entry.mtime(), 0);
    }
  }

  @Override
  public MergedView view() {
    return view;
  }

  @Override
  public Path path() {
    return points.directory().resolve("root");
  }

  @Override
  public Mounted open(List<MountPoint> needed) throws IOException {
    try (var directory = Directory.open(points.fs())) {
      new MountPointTree(view, directory).make(needed);
    }
    var lowers = new ArrayList<>(List.of(points.fs()));
    lowers.addAll(trees.reversed());
    Files.createDirectories(path());
    Mounts.overlay(lowers, draft.fs(), draft.work(), path(), Machine.inUserNamespace(), true);
    return new Mounted(path());
  }

  @Override
  public Optional<WrittenLayer> layer(@Nullable Digest below, OptionalLong clamp)
      throws IOException {
    var upper = Directory.open(draft.fs());
    try (var diff = new UpperDiff(upper, view, layers, clamp)) {
      var changes = diff.changes();
      if (changes.isEmpty()) {
        return Optional.empty();
      }
      var written = changes.write(store);
      store.trees().commit(draft, ChainId.next(below, written.diffId()));
      return Optional.of(written);
    }
  }

  /// While it is mounted. Closing unmounts it.
  static final class Mounted implements Open {
    private final Path target;

    private Mounted(Path target) {
      this.target = target;
    }

    @Override
    public void makeDirectory(ArchivePath path) throws IOException {
      StepRoot.makeDirectory(target, path);
    }

    @Override
    public void close() throws IOException {
      Mounts.unmount(target);
    }
  }

  @Override
  public void close() throws IOException {
    try (points) {
      draft.close();
    }
  }
}
