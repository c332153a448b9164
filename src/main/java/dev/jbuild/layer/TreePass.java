package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// Writes what one layer places into a tree: one of its own, or one that holds the layers below.
///
/// All directories are made first, then the files of one name, on a few threads, then those of
/// several.
final class TreePass implements AutoCloseable {

  private final Digest diffId;
  private final LayerReader layers;
  private final MergedView view;
  private final LayerChange change;
  private final FileMaker maker;
  private final NavigableSet<ArchivePath> directories = new TreeSet<>();
  private final Set<ArchivePath> leftOut = ConcurrentHashMap.newKeySet();

  /// @param view with the layer on top
  /// @param change what the layer did to the view
  /// @param root is closed with the pass
  TreePass(Digest diffId, LayerReader layers, MergedView view, LayerChange change, Directory root) {
    this.diffId = diffId;
    this.layers = layers;
    this.view = view;
    this.change = change;
    this.maker = new FileMaker(diffId, layers, root);
  }

  TreeCursor tree() {
    return maker.tree();
  }

  /// What could not be made here: device nodes.
  Set<ArchivePath> leftOut() {
    return Collections.unmodifiableSet(leftOut);
  }

  /// Makes all that the layer places and that is there in the end.
  void placeAll() throws IOException {
    makeDirectory(ArchivePath.ROOT);
    var paths = new ArrayList<ArchivePath>();
    var nodes = new ArrayList<ViewNode>();
    var linked = new ArrayList<ArchivePath>();
    for (var each : change.placed().entrySet()) {
      var path = each.getKey();
      var node = view.now(path, each.getValue());
      if (node != null) {
        makeDirectory(node.isDirectory() ? path : path.parent());
        if (node.isLinked()) {
          linked.add(path);
        } else if (!node.isDirectory()) {
          paths.add(path);
          nodes.add(node);
        }
      }
    }
    var root = tree().at(ArchivePath.ROOT);
    FileMakers.make(
        paths.size(),
        () -> new FileMaker(diffId, layers, root.reopen()),
        (with, i) -> {
          var path = paths.get(i);
          if (!with.make(path, nodes.get(i).entry(path))) {
            leftOut.add(path);
          }
        });
    link(linked);
  }

  private void link(List<ArchivePath> linked) throws IOException {
    var made = new HashMap<Object, ArchivePath>();
    for (var path : linked) {
      var file = view.find(path).orElseThrow();
      var first = made.get(file.file());
      if (first != null) {
        maker.link(path, first);
      } else if (maker.make(path, file)) {
        made.put(file.file(), path);
      } else {
        leftOut.add(path);
      }
    }
  }

  /// Whether it is one in the end.
  boolean isDirectory(ArchivePath path) {
    return view.find(path).filter(ViewEntry::isDirectory).isPresent();
  }

  /// Makes the directory at `path` and its parents, open to us until all is in them.
  void makeDirectory(ArchivePath path) throws IOException {
    if (directories.contains(path)) {
      return;
    }
    var missing = new ArrayDeque<ArchivePath>();
    for (var at = path; directories.add(at) && !at.isRoot(); at = at.parent()) {
      missing.push(at);
    }
    for (var each : missing) {
      make(tree().at(each.parent()), each.name());
    }
  }

  private static void make(Directory parent, byte[] name) throws IOException {
    try {
      parent.makeDirectory(name, 0700);
    } catch (LinuxException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      // In a tree with the layers below; what was no directory is gone already.
      for (var xattr : OverlayMarks.portable(parent.xattrs(name)).keySet()) {
        parent.removeXattr(name, xattr);
      }
    }
  }

  /// Directories get what they are when nothing more is put into them: deepest first.
  void finishDirectories() throws IOException {
    for (var path : directories.descendingSet()) {
      var entry = view.find(path).orElseThrow().entry();
      if (path.isRoot()) {
        FileAttributes.set(tree().at(path), entry);
      } else {
        described(path, entry);
      }
    }
  }

  private void described(ArchivePath path, TarEntry entry) throws IOException {
    try {
      FileAttributes.set(tree().at(path.parent()), path.name(), entry);
    } catch (LinuxException e) {
      throw FileMaker.explained(path, entry, e);
    }
  }

  @Override
  public void close() {
    maker.close();
  }
}
