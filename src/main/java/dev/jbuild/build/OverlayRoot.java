package dev.jbuild.build;

import dev.jbuild.image.ChainId;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.TreeUnpacker;
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
import java.nio.file.Files;
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

  private final Store store;
  private final LayerReader layers;
  private final List<Path> trees;
  private final MergedView view;
  private final Upper upper;
  private final Path target;

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
      Store store,
      LayerReader layers,
      List<Path> trees,
      MergedView view,
      Upper upper,
      Path target) {
    this.store = store;
    this.layers = layers;
    this.trees = trees;
    this.view = view;
    this.upper = upper;
    this.target = target;
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
      var target = store.makeTemporaryDirectory();
      return new OverlayRoot(store, layers, trees, view, new Upper.OfDraft(draft), target);
    } catch (IOException | RuntimeException e) {
      draft.close();
      throw e;
    }
  }

  /// The same over what is kept.
  static OverlayRoot reopen(
      Store store, LayerReader layers, TreeUnpacker unpacker, List<Digest> diffIds, KeptHold kept)
      throws IOException {
    var view = layers.view(diffIds);
    var trees = unpacker.trees(diffIds);
    try (var fs = Directory.open(kept.entry().fs())) {
      var upper = new Upper.OfKept(kept, UpperIndex.apply(fs, view));
      var target = store.makeTemporaryDirectory();
      return new OverlayRoot(store, layers, trees, view, upper, target);
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
    var points = store.trees().draft();
    try {
      try (var directory = Directory.open(points.fs())) {
        new MountPointTree(view, directory).make(needed);
      }
      var lowers = new ArrayList<>(List.of(points.fs()));
      lowers.addAll(trees.reversed());
      // What is kept is a person's work, which a power cut is not to tear.
      boolean isVolatile = upper instanceof Upper.OfDraft;
      Mounts.overlay(
          lowers, upper.fs(), upper.freshWork(), target, Machine.inUserNamespace(), isVolatile);
      var mounted = new Mounted(target, points);
      try {
        mounted.makeHidden(needed);
        return mounted;
      } catch (IOException | RuntimeException e) {
        Mounts.unmount(target);
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      points.close();
      throw e;
    }
  }

  @Override
  public Optional<WrittenLayer> layer(@Nullable Digest below, OptionalLong clamp)
      throws IOException {
    try (var diff = new UpperDiff(Directory.open(upper.fs()), view, layers, clamp)) {
      var changes = diff.changes();
      if (changes.isEmpty()) {
        return Optional.empty();
      }
      var written = changes.write(store);
      switch (upper) {
        case Upper.OfDraft(var draft) ->
            store.trees().commit(draft, ChainId.next(below, written.diffId()));
        case Upper.OfKept _ -> throw new IllegalStateException("it stays where it is kept");
      }
      return Optional.of(written);
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
    private final TreeDraft points;

    private Mounted(Path target, TreeDraft points) {
      this.target = target;
      this.points = points;
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
      try (points) {
        Mounts.unmount(target);
      }
    }
  }

  @Override
  public void close() throws IOException {
    switch (upper) {
      case Upper.OfDraft(var draft) -> draft.close();
      case Upper.OfKept _ -> {}
    }
    Files.delete(target);
  }
}
