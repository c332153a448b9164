package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a name of a [MergedView] stands for. No more than where it is described: there may be a
/// million.
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

  /// Whether a hard link was made to the file, whatever became of its names.
  private boolean isLinked;

  /// Null unless it is a directory.
  final @Nullable TreeMap<byte[], ViewNode> children;

  private ViewNode(@Nullable Placed layer, int record, boolean isDirectory) {
    this.layer = layer;
    this.record = record;
    this.children = isDirectory ? new TreeMap<>(Arrays::compareUnsigned) : null;
  }

  /// A directory that no layer names.
  static ViewNode directory() {
    return new ViewNode(null, 0, true);
  }

  /// What the entry at `record` of a layer is.
  static ViewNode of(Placed layer, int record, boolean isDirectory) {
    return new ViewNode(layer, record, isDirectory);
  }

  /// One more name of this file.
  ViewNode link() {
    isLinked = true;
    return copy();
  }

  /// The same, with nothing in it if it is a directory.
  ViewNode copy() {
    var copy = new ViewNode(layer, record, isDirectory());
    copy.isLinked = isLinked;
    return copy;
  }

  /// Another entry describes the directory now.
  void describe(Placed by, int at) {
    layer = by;
    record = at;
  }

  boolean isDirectory() {
    return children != null;
  }

  boolean isSymlink() {
    return layer != null && layer.index.type(record) == TarEntry.Type.SYMLINK;
  }

  /// Whether the file may have several names; others have one.
  boolean isLinked() {
    return isLinked;
  }

  /// What is in the directory.
  ///
  /// @throws IllegalStateException if it is none
  Map<byte[], ViewNode> inside() {
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
      var child = in == null ? null : in.get(Arrays.copyOfRange(bytes, start, end));
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
