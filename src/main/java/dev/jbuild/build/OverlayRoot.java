package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.UpperDiff;
import dev.jbuild.layer.UpperIndex;
import dev.jbuild.layer.ViewEntry;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.Mounts;
import dev.jbuild.sandbox.MountPoint;
import dev.jbuild.store.KeptEntry;
import dev.jbuild.store.KeptHold;
import dev.jbuild.store.Store;
import dev.jbuild.store.TreeDraft;
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

/// An overlay over the trees of layers. What its upper directory holds in the end is the change,
/// and becomes the tree of its place.
final class OverlayRoot implements StepRoot {

  private final OverlayRoots roots;
  private final Store store;
  private final LayerReader layers;
  private List<Path> trees;
  private final MergedView view;
  private final Upper upper;
  private final Path target;

  /// What was made for mounts when it was last opened; null if it never was. Later what changed may
  /// hide mount points of what is below.
  private @Nullable MountPointTree points;

  /// The one directly below, while its layer may not be written yet.
  private @Nullable OverlayRoot beneath;

  /// What stands for the layer of that one in the view.
  private @Nullable Digest standIn;

  /// Where the files lie once they are the tree of their place; guarded by this.
  private @Nullable Path tree;

  /// Where changes go.
  private sealed interface Upper {
    Path fs();

    /// An overlay's work directory, as new.
    Path freshWork() throws IOException;

    /// A change that will become a layer, or be thrown away.
    record OfDraft(TreeDraft draft) implements Upper {
      @Override
      public Path fs() {
        return draft.fs();
      }

      @Override
      public Path freshWork() throws IOException {
        return draft.freshWork();
      }
    }

    /// One that is kept.
    ///
    /// @param layer what the view calls the layer of its files
    record OfKept(KeptHold hold, Digest layer) implements Upper {
      @Override
      public Path fs() {
        return hold.entry().fs();
      }

      @Override
      public Path freshWork() throws IOException {
        return hold.freshWork();
      }
    }
  }

  private OverlayRoot(
      OverlayRoots roots,
      Store store,
      LayerReader layers,
      List<Path> trees,
      MergedView view,
      Upper upper,
      Path target,
      @Nullable OverlayRoot beneath) {
    this.roots = roots;
    this.store = store;
    this.layers = layers;
    this.trees = trees;
    this.view = view;
    this.upper = upper;
    this.target = target;
    this.beneath = beneath;
  }

  /// Makes what is needed for a mount: trees that are missing, the top directory.
  static OverlayRoot prepare(
      OverlayRoots roots, Store store, LayerReader layers, List<Digest> diffIds)
      throws IOException {
    LayerCount.check(diffIds.size());
    var trees = roots.trees(diffIds); // first: layers that have to come are read in parallel
    var view = layers.view(diffIds);
    var draft = store.trees().draft();
    try {
      copyRoot(view, draft.fs());
      var target = roots.takeTarget();
      return new OverlayRoot(
          roots, store, layers, trees, view, new Upper.OfDraft(draft), target, null);
    } catch (IOException | RuntimeException e) {
      draft.close();
      throw e;
    }
  }

  /// The same over what is kept.
  static OverlayRoot reopen(
      OverlayRoots roots, Store store, LayerReader layers, List<Digest> diffIds, KeptHold kept)
      throws IOException {
    var trees = roots.trees(diffIds);
    var view = layers.view(diffIds);
    try (var fs = Directory.open(kept.entry().fs())) {
      var upper = new Upper.OfKept(kept, UpperIndex.apply(fs, view));
      return new OverlayRoot(roots, store, layers, trees, view, upper, roots.takeTarget(), null);
    }
  }

  /// A root on top of this one, over its upper directory. The view goes over to it, also if there
  /// comes to be none: nothing but [StepChange#write] is for this one then.
  ///
  /// @return empty if it needs content of the layer that can only be read when that is written
  Optional<OverlayRoot> above(OverlayChange change) throws IOException {
    if (lowers().size() + 1 > LayerCount.MOST) {
      return Optional.empty(); // the stage says so
    }
    var name = layers.expect(change.outline());
    boolean isTaken = false;
    try {
      view.apply(name, layers.index(name));
      if (!AccountFiles.areReadable(view, layers, name)) {
        return Optional.empty();
      }
      var root = onTop(name);
      isTaken = true;
      return Optional.of(root);
    } finally {
      if (!isTaken) {
        layers.forget(name);
      }
    }
  }

  private OverlayRoot onTop(Digest name) throws IOException {
    var lowers = lowers();
    var draft = store.trees().draft();
    try {
      copyRoot(view, draft.fs());
      var top = new Upper.OfDraft(draft);
      var root = new OverlayRoot(roots, store, layers, lowers, view, top, roots.takeTarget(), this);
      root.standIn = name;
      return root;
    } catch (IOException | RuntimeException e) {
      draft.close();
      throw e;
    }
  }

  /// The trees of all that is below, the lowest first.
  private List<Path> lowers() {
    var below = beneath;
    if (below == null) {
      return trees;
    }
    var all = new ArrayList<>(trees);
    all.add(below.files());
    return all;
  }

  private synchronized Path files() {
    return tree == null ? upper.fs() : tree;
  }

  /// The same layer once more, with the places and digests that it has: every name of it is put
  /// again where it is, so nothing of the outline is left.
  @Override
  public void settle(WrittenLayer below) throws IOException {
    var name = standIn;
    if (name != null) {
      view.apply(below.diffId(), layers.index(below.diffId()));
      layers.forget(name);
      standIn = null;
      trees = lowers();
      beneath = null;
    }
  }

  /// Makes the files the tree of a place.
  synchronized void place(Digest chain) throws IOException {
    tree =
        switch (upper) {
          case Upper.OfDraft(var draft) -> store.trees().commit(draft, chain);
          case Upper.OfKept _ -> throw new IllegalStateException("it stays where it is kept");
        };
  }

  Store store() {
    return store;
  }

  LayerReader layers() {
    return layers;
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
  public InputStream content(ViewEntry file) throws IOException {
    return switch (upper) {
      case Upper.OfKept(var hold, var layer) when layer.equals(file.layer()) -> {
        try (var fs = Directory.open(hold.entry().fs())) {
          yield fs.resolveFile(file.entry().path().bytes()).closingStream();
        }
      }
      case Upper.OfKept _, Upper.OfDraft _ -> layers.content(file);
    };
  }

  @Override
  public Path path() {
    return target;
  }

  @Override
  public Mounted open(List<MountPoint> needed) throws IOException {
    var lacking = MountPointTree.of(view, needed);
    var made = roots.points(lacking);
    var below = beneath;
    if (below == null) {
      mount(made);
    } else {
      synchronized (below) { // its files do not move while they are being mounted
        mount(made);
      }
    }
    var mounted = new Mounted(target);
    if (points != null || upper instanceof Upper.OfKept) {
      try {
        mounted.makeHidden(needed);
      } catch (IOException | RuntimeException e) {
        Mounts.unmount(target);
        throw e;
      }
    }
    points = lacking;
    return mounted;
  }

  private void mount(Path points) throws IOException {
    var all = new ArrayList<>(List.of(points));
    all.addAll(lowers().reversed());
    // What is kept is a person's work, which a power cut is not to tear.
    boolean isVolatile = upper instanceof Upper.OfDraft;
    Mounts.overlay(
        all, upper.fs(), upper.freshWork(), target, Machine.inUserNamespace(), isVolatile);
  }

  @Override
  public StepChange change(OptionalLong clamp) throws IOException {
    var fs = Directory.open(upper.fs());
    var diff = new UpperDiff(fs, view, layers, clamp);
    try {
      if (points != null) {
        points.removeEmpty(fs);
      }
      return new OverlayChange(this, diff, diff.changes());
    } catch (IOException | RuntimeException e) {
      diff.close();
      throw e;
    }
  }

  @Override
  public List<String> sweep(Collection<byte[]> secrets) throws IOException {
    return SecretSweep.sweep(upper.fs(), secrets);
  }

  @Override
  public KeptEntry keep(Spec spec, Map<String, Path> extra) throws IOException {
    return switch (upper) {
      case Upper.OfKept _ -> throw new IllegalStateException("it is kept");
      case Upper.OfDraft(var draft) -> StepRoot.keep(store, draft, spec.json(List.of()), extra);
    };
  }

  @Override
  public List<Digest> moreLayers() {
    return List.of();
  }

  /// While it is mounted. Closing unmounts it.
  static final class Mounted implements Open {
    private final Path target;

    private Mounted(Path target) {
      this.target = target;
    }

    /// Makes mount points that a whiteout or an opaque directory of the upper hides: somebody
    /// removed in what is kept what the image has there. They become part of the change.
    private void makeHidden(List<MountPoint> needed) throws IOException {
      try (var root = Directory.open(target)) {
        for (var point : needed) {
          var path = ArchivePath.clamped(point.path());
          if (root.resolveStat(path.bytes()).isPresent()) {
            continue;
          }
          if (point.isDirectory()) {
            StepRoot.makeDirectory(root, path);
          } else {
            StepRoot.makeDirectory(root, path.parent());
            try (var parent = root.resolveDirectory(path.parent().bytes())) {
              parent.createFile(path.name(), 0644).close();
            }
          }
        }
      }
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
    var name = standIn;
    if (name != null) { // the layer below never came
      layers.forget(name);
      standIn = null;
    }
    try {
      switch (upper) {
        case Upper.OfDraft(var draft) -> draft.close();
        case Upper.OfKept _ -> {}
      }
    } finally {
      roots.giveBack(target);
    }
  }
}
