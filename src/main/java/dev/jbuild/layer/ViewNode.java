package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import org.jspecify.annotations.Nullable;

/// What a name of a [MergedView] stands for. No more than where it is described. Of a directory it
/// is the one node; of a file a copy of what [ViewNames] knows.
final class ViewNode {

  /// A layer as it was put into a view; the same layer put there again is another one.
  static final class Placed {
    final Digest diffId;
    final LayerIndex index;

    Placed(Digest diffId, LayerIndex index) {
      this.diffId = diffId;
      this.index = index;
    }
  }

  /// A file, whatever names it has.
  private record File(Placed layer, int record) {}

  /// Null for a directory that no layer names.
  private @Nullable Placed layer;

  /// Where the index of the layer describes it; for a further name of a file, the file.
  private int record;

  private final boolean isSymlink;
  private final boolean isLinked;

  /// Null unless it is a directory.
  final @Nullable ViewNames children;

  private ViewNode(
      @Nullable Placed layer,
      int record,
      boolean isSymlink,
      boolean isLinked,
      @Nullable ViewNames children) {
    this.layer = layer;
    this.record = record;
    this.isSymlink = isSymlink;
    this.isLinked = isLinked;
    this.children = children;
  }

  /// A directory that no layer names.
  static ViewNode directory() {
    return new ViewNode(null, 0, false, false, new ViewNames());
  }

  /// The directory that the entry at `record` of a layer is.
  static ViewNode directory(Placed layer, int record) {
    return new ViewNode(layer, record, false, false, new ViewNames());
  }

  /// The file that the entry at `record` of a layer is.
  static ViewNode file(Placed layer, int record, boolean isSymlink, boolean isLinked) {
    return new ViewNode(layer, record, isSymlink, isLinked, null);
  }

  /// This file when there is a hard link to it.
  ViewNode linked() {
    return new ViewNode(layer, record, isSymlink, true, null);
  }

  /// The same, with nothing in it if it is a directory.
  ViewNode copy() {
    return new ViewNode(layer, record, isSymlink, isLinked, isDirectory() ? new ViewNames() : null);
  }

  /// Another entry describes the directory now.
  void describe(Placed by, int at) {
    layer = by;
    record = at;
  }

  /// Whether this and `other`, one that was or is at the same path, are one file or directory.
  boolean isSame(ViewNode other) {
    return isDirectory() ? this == other : layer == other.layer && record == other.record;
  }

  @Nullable Placed layer() {
    return layer;
  }

  int record() {
    return record;
  }

  boolean isDirectory() {
    return children != null;
  }

  boolean isSymlink() {
    return isSymlink;
  }

  /// Whether a hard link was made to the file, whatever became of its names; others have one.
  boolean isLinked() {
    return isLinked;
  }

  /// What is in the directory.
  ///
  /// @throws IllegalStateException if it is none
  ViewNames inside() {
    var inside = children;
    if (inside == null) {
      throw new IllegalStateException("not a directory");
    }
    return inside;
  }

  /// What is at `path` below this directory, no link followed; null if nothing is.
  @Nullable ViewNode find(ArchivePath path) {
    var bytes = path.bytes();
    var node = this;
    for (int start = 0; start < bytes.length; ) {
      int end = endOfName(bytes, start);
      var in = node.children;
      var child = in == null ? null : in.get(bytes, start, end);
      if (child == null) {
        return null;
      }
      node = child;
      start = end + 1;
    }
    return node;
  }

  /// Where the component of `path` that begins at `start` ends.
  static int endOfName(byte[] path, int start) {
    int end = start;
    while (end < path.length && path[end] != '/') {
      end++;
    }
    return end;
  }

  /// All that is known of it.
  ///
  /// @param path where it is
  ViewEntry entry(ArchivePath path) {
    if (layer == null) {
      return new ViewEntry(TarEntry.directory(path, 0755, 0, 0, 0), null, 0, null, this);
    }
    var known = layer.index.entry(record, path);
    Object file = isDirectory() ? this : new File(layer, record);
    return new ViewEntry(known.entry(), layer.diffId, known.offset(), known.digest(), file);
  }
}
