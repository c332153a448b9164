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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A root that is a working tree: what changed is found by comparing, and written at once, since
/// the next step goes on in it. A tree of which no layer was made, as after a failed step, is good
/// for nothing and goes; what is kept of it is a layer too.
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
  public StepChange change(OptionalLong clamp) throws IOException {
    var tree = tree();
    try (var diff = diff(clamp);
        var beside = Directory.open(tree.beside())) {
      var changes = diff.changes();
      var now = new ArrayList<>(tree.diffIds());
      Optional<WrittenLayer> written =
          changes.isEmpty() ? Optional.empty() : Optional.of(changes.write(store));
      written.ifPresent(layer -> now.add(layer.diffId()));
      tree.became(now, diff.stamps(beside));
      this.tree = null;
      roots.giveBack(tree);
      return written.isEmpty() ? new StepChange.None() : new StepChange.Made(written.get());
    }
  }

  @Override
  public void settle(WrittenLayer below) {
    throw new IllegalStateException("a working tree has no step running ahead");
  }

  /// Not the whole tree, which would take long, and holds what the image holds.
  @Override
  public List<String> sweep(Collection<byte[]> secrets) throws IOException {
    if (SecretSweep.isIdle(secrets)) {
      return List.of();
    }
    try (var diff = diff(OptionalLong.empty())) {
      return SecretSweep.sweep(tree().fs(), secrets, diff.changes().paths());
    }
  }

  @Override
  public KeptEntry keep(Spec spec, Map<String, Path> extra) throws IOException {
    var layers = moreLayers();
    var draft = store.trees().draft();
    try (var root = Directory.open(tree().fs());
        var top = Directory.open(draft.fs())) {
      var stat = root.stat(); // what another sandbox mounts over the layers
      top.setOwner(Integer.toUnsignedLong(stat.uid()), Integer.toUnsignedLong(stat.gid()));
      top.setMode(stat.permissions());
      top.setTime(stat.mtime(), 0);
      return StepRoot.keep(store, draft, spec.json(layers), extra);
    } catch (IOException | RuntimeException e) {
      draft.close();
      throw e;
    }
  }

  @Override
  public List<Digest> moreLayers() throws IOException {
    try (var diff = diff(OptionalLong.empty())) {
      var changes = diff.changes();
      return changes.isEmpty() ? List.of() : List.of(changes.write(store).diffId());
    }
  }

  private TreeDiff diff(OptionalLong clamp) throws IOException {
    var tree = tree();
    return new TreeDiff(
        Directory.open(tree.fs()), tree.stamps(), tree.leftOut(), view, layers, clamp);
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
