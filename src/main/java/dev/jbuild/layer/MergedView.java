package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarFormatException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The file system that layers make together, known from their indexes alone.
///
/// It is not a union of path strings: a parent that is a link is resolved through what lies below,
/// and a parent that a layer does not name has the metadata that it has below. Links never lead out
/// of the root: this is a tree in memory, there is nothing outside (CVE-2021-29136).
///
/// Grows by [#apply], layer by layer; safe for use by many threads once nothing is applied any
/// more.
public final class MergedView {

  private final ViewNode root = ViewNode.directory();
  private boolean hasLinkedFiles;

  /// Where a path leads.
  ///
  /// @param path without links in it (the last component's own link excepted, if not followed)
  /// @param entry what is there; empty if nothing is
  public record Place(ArchivePath path, Optional<ViewEntry> entry) {
    public boolean isDirectory() {
      return entry.isPresent() && entry.get().isDirectory();
    }
  }

  /// An empty file system: a root directory, 0755, 0:0.
  public MergedView() {}

  /// What is at `path`, which is taken to have no links in its parents.
  public Optional<ViewEntry> find(ArchivePath path) {
    return Optional.ofNullable(root.find(path)).map(node -> node.entry(path));
  }

  /// What is in the directory at `path` (no links in it), names by their bytes; nothing if it is no
  /// directory.
  public List<ViewEntry> list(ArchivePath path) {
    var node = root.find(path);
    if (node == null || node.children == null) {
      return List.of();
    }
    var entries = new ArrayList<ViewEntry>(node.children.size());
    var children = node.children;
    for (long at = children.first(); at >= 0; at = children.next(at)) {
      entries.add(children.node(at).entry(path.child(children.name(at))));
    }
    return Collections.unmodifiableList(entries);
  }

  /// Whether there may be files with several names.
  public boolean hasLinkedFiles() {
    return hasLinkedFiles;
  }

  /// Whether the file at `path` may have several names; others have one.
  public boolean isLinked(ArchivePath path) {
    var node = root.find(path);
    return node != null && node.isLinked();
  }

  /// Follows the links in `path`, the last component's too if `followLast`, as a process would
  /// whose root this is. What does not exist is kept as it is written.
  ///
  /// @throws TarFormatException if there are too many links, or a file stands where a directory
  ///     must
  public Place resolve(ArchivePath path, boolean followLast) throws TarFormatException {
    return ViewWalk.place(root, path, followLast);
  }

  /// Puts a layer on top. What it hides is hidden of the layers below only, wherever in the tar the
  /// whiteouts stand; of its entries the later replaces the earlier, also where a file stands in
  /// the way of a directory (case 8).
  ///
  /// @return what the layer changed, as places in this file system
  /// @throws TarFormatException if the layer is not one that can stand here
  public LayerChange apply(Digest diffId, LayerIndex layer) throws TarFormatException {
    var change = new LayerChange();
    put(diffId, layer, change);
    return change;
  }

  /// The same for whom what it changes is all one: nothing of it is remembered.
  ///
  /// @throws TarFormatException as [#apply]
  public void stack(Digest diffId, LayerIndex layer) throws TarFormatException {
    put(diffId, layer, null);
  }

  private void put(Digest diffId, LayerIndex layer, @Nullable LayerChange change)
      throws TarFormatException {
    hasLinkedFiles |= LayerPlacement.put(root, diffId, layer, change);
  }

  /// A file system of its own that begins with what is in the directory `path` of this one.
  public MergedView subtree(ArchivePath path) {
    var copy = new MergedView();
    copy.hasLinkedFiles = hasLinkedFiles;
    var from = new ArrayDeque<ViewNode>();
    var to = new ArrayDeque<ViewNode>();
    var top = root.find(path);
    if (top != null && top.isDirectory()) {
      from.add(top);
      to.add(copy.root);
    }
    for (var at = from.poll(); at != null; at = from.poll()) {
      var target = to.remove().inside();
      var children = at.inside();
      for (long place = children.first(); place >= 0; place = children.next(place)) {
        var child = children.node(place);
        var moved = child.copy();
        var name = children.name(place);
        target.add(target.find(name, 0, name.length, -1), name, 0, name.length, moved);
        if (child.isDirectory()) {
          from.add(child);
          to.add(moved);
        }
      }
    }
    return copy;
  }

  /// Puts a layer on top and says what of it is there afterwards, parents first.
  ///
  /// @throws TarFormatException as [#apply]
  public List<ViewEntry> place(Digest diffId, LayerIndex layer) throws TarFormatException {
    var placed = new ArrayList<ViewEntry>();
    for (var each : apply(diffId, layer).placed().entrySet()) {
      var node = now(each.getKey(), each.getValue());
      if (node != null) {
        placed.add(node.entry(each.getKey()));
      }
    }
    return placed;
  }

  /// What `node`, which a layer put at `path`, is now; null if it is not there any more.
  @Nullable ViewNode now(ArchivePath path, ViewNode node) {
    var there = root.find(path);
    return there != null && there.isSame(node) ? there : null;
  }

  /// Everything, as if one layer had brought it.
  LayerChange all() {
    var change = new LayerChange();
    var ahead = new ArrayDeque<ArchivePath>();
    for (@Nullable ArchivePath at = ArchivePath.ROOT; at != null; at = ahead.poll()) {
      var node = root.find(at);
      if (node == null) {
        throw new IllegalStateException(at.printable());
      }
      change.placed(at, node);
      if (node.children != null) {
        for (long name = node.children.first(); name >= 0; name = node.children.next(name)) {
          ahead.add(at.child(node.children.name(name)));
        }
      }
    }
    return change;
  }
}
