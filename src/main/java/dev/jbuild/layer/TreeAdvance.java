package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/// Brings a tree that holds the file system of some layers on to that of more layers.
public final class TreeAdvance {

  private final LayerReader layers;

  public TreeAdvance(LayerReader layers) {
    this.layers = layers;
  }

  /// Writes `more` into `tree`, over what is there.
  ///
  /// @param tree holds the file system of `known`; of none: it is empty
  /// @return what could not be made here (device nodes of `more`), by path
  /// @throws dev.jbuild.failure.BuildFailure if what is claimed of `more` is false; nothing is
  ///     written then
  public Set<ArchivePath> advance(Path tree, List<Digest> known, List<Digest> more)
      throws IOException {
    layers.verify(more);
    layers.bring(more);
    var view = layers.view(known);
    if (known.isEmpty() && !more.isEmpty()) {
      for (var diffId : more) {
        view.stack(diffId, layers.index(diffId));
      }
      return write(tree, more.getLast(), view, view.all());
    }
    var leftOut = new HashSet<ArchivePath>();
    for (var diffId : more) {
      leftOut.addAll(write(tree, diffId, view, view.apply(diffId, layers.index(diffId))));
    }
    return leftOut;
  }

  private Set<ArchivePath> write(Path tree, Digest diffId, MergedView view, LayerChange change)
      throws IOException {
    try (var pass = new TreePass(diffId, layers, view, change, Directory.open(tree))) {
      remove(pass, change);
      pass.placeAll();
      pass.finishDirectories();
      return Set.copyOf(pass.leftOut());
    }
  }

  /// The deepest first, as the view had them before the layer.
  private static void remove(TreePass pass, LayerChange change) throws IOException {
    for (var path : new TreeMap<>(change.removed()).descendingKeySet()) {
      unlessMissing(() -> pass.tree().at(path.parent()).removeTree(path.name()));
      if (pass.isDirectory(path.parent())) {
        pass.makeDirectory(path.parent());
      }
    }
    for (var path : change.opaque()) {
      unlessMissing(() -> empty(pass.tree().at(path)));
      if (pass.isDirectory(path)) {
        pass.makeDirectory(path);
      }
    }
  }

  private static void empty(Directory directory) throws IOException {
    for (var each : directory.list()) {
      directory.removeTree(each.name());
    }
  }

  private interface Removal {
    void run() throws IOException;
  }

  /// What the layer itself had put there earlier never came to the disk.
  private static void unlessMissing(Removal removal) throws IOException {
    try {
      removal.run();
    } catch (LinuxException e) {
      if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR)) {
        throw e;
      }
    }
  }
}
