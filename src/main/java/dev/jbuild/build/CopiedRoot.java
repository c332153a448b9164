package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.TreeDiff;
import dev.jbuild.layer.ViewEntry;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.linux.Directory;
import dev.jbuild.sandbox.MountPoint;
import dev.jbuild.store.KeptEntry;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A root that is a working tree: what changed is found by comparing. A tree of which no layer was
/// made, as after a failed step, is good for nothing and goes.
final class CopiedRoot implements StepRoot {

  private final Store store;
  private final LayerReader layers;
  private final MergedView view;
  private final CopiedRoots roots;
  private @Nullable WorkingTree tree;

  CopiedRoot(
      Store store, LayerReader layers, WorkingTree tree, MergedView view, CopiedRoots roots) {
    this.store = store;
    this.layers = layers;
    this.tree = tree;
    this.view = view;
    this.roots = roots;
  }

  private WorkingTree tree() {
    var current = tree;
    if (current == null) {
      throw new IllegalStateException("the root is closed");
    }
    return current;
  }

  @Override
  public MergedView view() {
    return view;
  }

  @Override
  public InputStream content(ViewEntry file) throws IOException {
    return layers.content(file);
  }

  @Override
  public Path path() {
    return tree().fs();
  }

  /// Whatever has to exist for mounts is made by the sandbox, which also takes it away.
  @Override
  public Open open(List<MountPoint> needed) {
    return new Unmounted(path());
  }

  @Override
  public Optional<WrittenLayer> layer(@Nullable Digest below, OptionalLong clamp)
      throws IOException {
    var tree = tree();
    try (var diff =
            new TreeDiff(
                Directory.open(tree.fs()), tree.stamps(), tree.leftOut(), view, layers, clamp);
        var beside = Directory.open(tree.beside())) {
      var changes = diff.changes();
      var now = new ArrayList<>(tree.diffIds());
      Optional<WrittenLayer> written =
          changes.isEmpty() ? Optional.empty() : Optional.of(changes.write(store));
      written.ifPresent(layer -> now.add(layer.diffId()));
      tree.became(now, diff.stamps(beside));
      this.tree = null;
      roots.giveBack(tree);
      return written;
    }
  }

  @Override
  public Optional<Path> changes() {
    return Optional.empty();
  }

  /// A whole file system, of which nobody wants to keep one for each failed build.
  @Override
  public Optional<KeptEntry> keep(byte[] spec, Map<String, Path> extra) {
    return Optional.empty();
  }

  @Override
  public void close() throws IOException {
    var left = tree;
    tree = null;
    if (left != null) {
      left.close();
    }
  }

  /// Nothing is mounted, so nothing is to be unmounted.
  private record Unmounted(Path root) implements Open {

    @Override
    public void makeDirectory(ArchivePath path) throws IOException {
      StepRoot.makeDirectory(root, path);
    }

    @Override
    public void close() {}
  }
}
