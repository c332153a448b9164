package dev.jbuild.layer;

import dev.jbuild.image.ChainId;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes the directories that an overlay stacks into a root file system: one for each layer, as the
/// layer looks at its place above the others.
///
/// A tree belongs to a place (a chain ID), not to a layer: a directory that the layer does not name
/// has in its tree the mode, owner and times that it has below, a link to a name below becomes a
/// copy, a path through a link lies where the link leads. Unpacked alone, a layer that holds only
/// `tmp/f` would turn /tmp from 1777 to 0755.
public final class TreeUnpacker {

  private final Store store;
  private final LayerReader layers;
  private final OverlayMarks marks = new OverlayMarks();

  public TreeUnpacker(Store store, LayerReader layers) {
    this.store = store;
    this.layers = layers;
  }

  /// The trees of an image's layers, the lowest first; those that are missing are made.
  public List<Path> trees(List<Digest> diffIds) throws IOException {
    layers.verify(diffIds);
    layers.bring(untreed(diffIds));
    return unpacked(diffIds);
  }

  /// The layers that have no tree at their place yet.
  private List<Digest> untreed(List<Digest> diffIds) throws IOException {
    var found = new ArrayList<Digest>();
    @Nullable Digest chain = null;
    for (var diffId : diffIds) {
      chain = ChainId.next(chain, diffId);
      if (store.trees().find(chain).isEmpty()) {
        found.add(diffId);
      }
    }
    return found;
  }

  private synchronized List<Path> unpacked(List<Digest> diffIds) throws IOException {
    var trees = new ArrayList<Path>();
    var view = new MergedView();
    @Nullable Digest chain = null;
    for (var diffId : diffIds) {
      chain = ChainId.next(chain, diffId);
      var change = view.apply(diffId, layers.index(diffId));
      var known = store.trees().find(chain);
      trees.add(known.isPresent() ? known.get() : unpack(diffId, chain, view, change));
    }
    return trees;
  }

  /// Writes the whole file system that layers make into `directory`, over what is there: files of
  /// the same names are replaced, others stay.
  ///
  /// @throws BuildFailure if something else is where a directory belongs, or the other way round;
  ///     nothing is written then
  public void export(List<Digest> diffIds, Path directory) throws IOException {
    try (var target = Directory.open(directory)) {
      if (target.list().isEmpty()) {
        fill(diffIds, directory);
        return;
      }
      var scratch = Files.createTempDirectory(directory, ".jbuild-");
      try (var made = Directory.open(scratch)) {
        fill(diffIds, scratch);
        TreeMerge.move(made, target);
      } finally {
        target.removeTree(scratch.getFileName().toString().getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  private void fill(List<Digest> diffIds, Path directory) throws IOException {
    layers.verify(diffIds);
    layers.bring(diffIds);
    var view = layers.view(diffIds);
    if (!diffIds.isEmpty()) {
      write(diffIds.getLast(), view, view.all(), directory);
    }
  }

  private Path unpack(Digest diffId, Digest chain, MergedView view, LayerChange change)
      throws IOException {
    try (var draft = store.trees().draft()) {
      write(diffId, view, change, draft.fs());
      return store.trees().commit(draft, chain);
    }
  }

  private void write(Digest diffId, MergedView view, LayerChange change, Path directory)
      throws IOException {
    try (var pass = new TreePass(diffId, layers, view, change, Directory.open(directory))) {
      pass.placeAll();
      new Marking(pass, view, change).run();
      pass.finishDirectories();
    }
  }

  /// What an overlay has to be told beside the files of a layer.
  private final class Marking {
    private final TreePass pass;
    private final MergedView view;
    private final LayerChange change;

    Marking(TreePass pass, MergedView view, LayerChange change) {
      this.pass = pass;
      this.view = view;
      this.change = change;
    }

    void run() throws IOException {
      hideRemoved();
      for (var path : change.opaque()) {
        if (pass.isDirectory(path)) {
          pass.makeDirectory(path);
          setOpaque(path);
        }
      }
    }

    private void hideRemoved() throws IOException {
      for (var each : change.removed().entrySet()) {
        var path = each.getKey();
        if (!pass.isDirectory(path.parent()) || isHiddenAbove(path)) {
          continue;
        }
        var now = view.find(path);
        if (now.isEmpty() || pass.leftOut().contains(path)) {
          pass.makeDirectory(path.parent());
          marks.hide(pass.tree().at(path.parent()), path.name());
        } else if (now.get().isDirectory() && each.getValue()) {
          pass.makeDirectory(path);
          setOpaque(path);
        }
      }
    }

    /// Whether a directory above is new itself, so that nothing of below shows at `path` anyway.
    private boolean isHiddenAbove(ArchivePath path) {
      for (var at = path; !at.isRoot(); ) {
        at = at.parent();
        if (change.opaque().contains(at) || change.removed().containsKey(at)) {
          return true;
        }
      }
      return false;
    }

    private void setOpaque(ArchivePath path) throws IOException {
      if (path.isRoot()) {
        marks.setRootOpaque(pass.tree().at(path));
      } else {
        marks.setOpaque(pass.tree().at(path.parent()), path.name());
      }
    }
  }
}
