package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarFormatException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Puts one layer on top of the others in a [MergedView].
final class LayerPlacement {

  private final ViewNode root;
  private final ViewNode.Placed layer;
  private final @Nullable LayerChange change;

  /// Where directories of the layer were found before, by their path in the layer; forgotten when
  /// something is replaced.
  private final Map<ArchivePath, Parent> parents = new HashMap<>();

  /// Whether one of them is not at the path that names it: a link led there, maybe past names that
  /// are no directories.
  private boolean areThroughLinks;

  /// The one of the entry before, if it is still where it was: most entries have the same.
  private @Nullable Parent last;

  /// Where in it the entry before is; -1 if that is not known.
  private long before = -1;

  private boolean hasLinks;

  /// A directory that entries of a layer name as their parent.
  ///
  /// @param named its path in the layer
  private record Parent(byte[] named, ArchivePath place, ViewNames children) {}

  private LayerPlacement(ViewNode root, ViewNode.Placed layer, @Nullable LayerChange change) {
    this.root = root;
    this.layer = layer;
    this.change = change;
  }

  /// Puts the layer of `index` on top of what is there; the view is that of one layer more then.
  ///
  /// @param root of the view
  /// @param change is told of what becomes different; null if nobody wants to know
  /// @return whether the layer has hard links
  /// @throws TarFormatException if the layer is not one that can stand here
  static boolean put(ViewNode root, Digest diffId, LayerIndex index, @Nullable LayerChange change)
      throws TarFormatException {
    var placement = new LayerPlacement(root, new ViewNode.Placed(diffId, index), change);
    placement.hide();
    var cursor = index.cursor();
    while (cursor.next()) {
      placement.put(cursor);
    }
    return placement.hasLinks;
  }

  private void hide() throws TarFormatException {
    var index = layer.index;
    if (index.hidden().isEmpty() && index.opaque().isEmpty()) {
      return;
    }
    var own = new HashSet<ArchivePath>();
    var cursor = index.cursor();
    while (cursor.next()) {
      if (cursor.type() == TarEntry.Type.DIRECTORY) {
        own.add(cursor.path());
      }
    }
    for (var path : index.hidden()) {
      if (!replacesWithDirectory(own, path.parent())) {
        remove(placeOf(path));
      }
    }
    for (var path : index.opaque()) {
      if (!replacesWithDirectory(own, path)) {
        empty(path.isRoot() ? path : ViewWalk.directory(root, path));
      }
    }
  }

  /// Whether the layer itself puts a directory, `path` or one above it, where a link or a file is
  /// below: then whiteouts in it have nothing to hide, above all not where the link leads.
  private boolean replacesWithDirectory(Set<ArchivePath> own, ArchivePath path)
      throws TarFormatException {
    for (var at = path; !at.isRoot(); at = at.parent()) {
      if (own.contains(at)) {
        var below = root.find(placeOf(at));
        if (below != null && !below.isDirectory()) {
          return true;
        }
      }
    }
    return false;
  }

  private void remove(ArchivePath place) {
    var parent = place.isRoot() ? null : root.find(place.parent());
    if (parent == null || parent.children == null) {
      return;
    }
    var name = place.name();
    long at = parent.children.find(name, 0, name.length, -1);
    if (at >= 0) {
      tellRemoved(place, parent.children.node(at));
      parent.children.remove(at);
    }
  }

  private void empty(ArchivePath place) {
    var node = root.find(place);
    if (node == null || node.children == null) {
      return;
    }
    if (place.isRoot()) { // overlay does not look for the mark on a root
      var children = node.children;
      for (long at = children.first(); at >= 0; at = children.next(at)) {
        tellRemoved(ArchivePath.of(children.name(at)), children.node(at));
      }
    } else if (change != null) {
      change.setOpaque(place);
    }
    node.children.clear();
  }

  private void put(IndexCursor entry) throws TarFormatException {
    if (entry.isRoot()) {
      if (entry.type() != TarEntry.Type.DIRECTORY) {
        throw new TarFormatException("the root is an entry that is no directory");
      }
      root.describe(layer, entry.record());
      last = null;
      tellPlaced(ArchivePath.ROOT, root);
      return;
    }
    var parent = parentOf(entry);
    long at = entry.findIn(parent.children, before);
    if (entry.type() == TarEntry.Type.DIRECTORY) {
      putDirectory(entry, parent, at);
    } else if (entry.type() == TarEntry.Type.HARDLINK) {
      replace(entry, parent, at, linked(entry));
    } else {
      boolean isSymlink = entry.type() == TarEntry.Type.SYMLINK;
      replace(entry, parent, at, ViewNode.file(layer, entry.record(), isSymlink, false));
    }
  }

  private void putDirectory(IndexCursor entry, Parent parent, long at) {
    var node = at < 0 ? null : parent.children.node(at);
    if (node != null && node.isDirectory()) {
      node.describe(layer, entry.record());
      before = at;
      if (change != null) {
        tellPlaced(parent.place.child(entry.name()), node);
      }
    } else {
      node = ViewNode.directory(layer, entry.record());
      replace(entry, parent, at, node);
    }
    var path = entry.path();
    var place = parent.place.child(entry.name());
    areThroughLinks |= !place.equals(path);
    parents.put(path, new Parent(path.bytes(), place, node.inside()));
  }

  private void replace(IndexCursor entry, Parent parent, long at, ViewNode node) {
    var existing = at < 0 ? null : parent.children.node(at);
    if (existing == null) {
      before = entry.addTo(parent.children, at, node);
    } else {
      parent.children.set(at, node);
      before = at;
      if (existing.isDirectory() || existing.isSymlink()) { // other paths may lead through it
        forgetParents();
      }
    }
    if (areThroughLinks && node.isSymlink()) { // a link may lead past it with ".."
      forgetParents();
    }
    if (change != null) {
      var place = parent.place.child(entry.name());
      if (existing != null) {
        tellRemoved(place, existing);
      }
      tellPlaced(place, node);
    }
  }

  private void forgetParents() {
    parents.clear();
    areThroughLinks = false;
    last = null;
  }

  /// The file to which the entry is a hard link.
  private ViewNode linked(IndexCursor entry) throws TarFormatException {
    var link = entry.entry().entry();
    var place = placeOf(link.hardLink());
    var directory = place.isRoot() ? null : root.find(place.parent());
    var names = directory == null ? null : directory.children;
    var name = place.name();
    long at = names == null ? -1 : names.find(name, 0, name.length, -1);
    var target = place.isRoot() ? root : names == null || at < 0 ? null : names.node(at);
    if (names == null || target == null || target.isDirectory()) {
      throw new TarFormatException(
          "the hard link "
              + link.path().printable()
              + " names "
              + link.hardLink().printable()
              + (target == null ? ", which does not exist" : ", which is a directory"));
    }
    hasLinks = true;
    var linked = target.linked();
    names.set(at, linked);
    return linked;
  }

  private Parent parentOf(IndexCursor entry) throws TarFormatException {
    var known = last;
    if (known != null && (entry.isBesideTheOneBefore() || entry.isIn(known.named))) {
      return known;
    }
    var named = entry.parent();
    var parent = parents.get(named);
    if (parent == null) {
      var place = parentPlace(entry.path());
      parent = new Parent(named.bytes(), place, directoryAt(place));
      parents.clear();
      parents.put(named, parent);
      areThroughLinks = !place.equals(named);
    }
    last = parent;
    before = -1;
    return parent;
  }

  private ArchivePath placeOf(ArchivePath path) throws TarFormatException {
    return path.isRoot() ? path : parentPlace(path).child(path.name());
  }

  /// Where the directory of the entry `path` is, links followed.
  private ArchivePath parentPlace(ArchivePath path) throws TarFormatException {
    try {
      return ViewWalk.directory(root, path.parent());
    } catch (TarFormatException e) {
      throw new TarFormatException(path.printable() + ": " + e.getMessage());
    }
  }

  /// The children of the directory at `place`, in whose path are no links; missing directories are
  /// made, 0755, 0:0, also in the place of files.
  private ViewNames directoryAt(ArchivePath place) {
    var bytes = place.bytes();
    var node = root;
    for (int start = 0; start < bytes.length; ) {
      int end = ViewNode.endOfName(bytes, start);
      var names = node.inside();
      long at = names.find(bytes, start, end, -1);
      var child = at < 0 ? null : names.node(at);
      if (child == null || !child.isDirectory()) {
        if (child != null) {
          tellRemoved(ArchivePath.of(bytes, 0, end), child);
        }
        child = ViewNode.directory();
        if (at < 0) {
          names.add(at, bytes, start, end, child);
        } else {
          names.set(at, child);
        }
      }
      node = child;
      start = end + 1;
    }
    return node.inside();
  }

  private void tellRemoved(ArchivePath place, ViewNode node) {
    if (change != null) {
      change.removed(place, node.isDirectory());
    }
  }

  private void tellPlaced(ArchivePath place, ViewNode node) {
    if (change != null) {
      change.placed(place, node);
    }
  }
}
