package dev.jbuild.layer;

import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.util.Arrays;

/// A way through the entries of an index, which makes objects only of those that are asked for:
/// there may be a million. The bytes were read before, and are what [IndexCodec] takes them for.
final class IndexCursor {

  private final IndexCodec codec;
  private long left;
  private int record;
  private int details;
  private TarEntry.Type type = TarEntry.Type.DIRECTORY;
  private boolean isBeside;

  /// @param first where the first of `count` entries begins
  IndexCursor(byte[] bytes, int first, long count) {
    this.codec = new IndexCodec(bytes, first, true);
    this.left = count;
  }

  /// Goes to the next entry; false at the end.
  boolean next() {
    if (left == 0) {
      return false;
    }
    left--;
    record = codec.position();
    isBeside = codec.readPath();
    details = codec.position();
    type = codec.skipDetails();
    return true;
  }

  /// Where the entry begins in the index.
  int record() {
    return record;
  }

  TarEntry.Type type() {
    return type;
  }

  boolean isRoot() {
    return codec.pathLength() == 0;
  }

  /// Whether it has this path.
  boolean is(byte[] path) {
    return Arrays.equals(codec.pathBytes(), 0, codec.pathLength(), path, 0, path.length);
  }

  /// Whether it is in the directory of this path. The root is in itself.
  boolean isIn(byte[] directory) {
    int length = parentLength();
    return length == directory.length
        && Arrays.equals(codec.pathBytes(), 0, length, directory, 0, length);
  }

  /// Whether it is in the directory that the entry before is in.
  boolean isBesideTheOneBefore() {
    return isBeside;
  }

  private int parentLength() {
    return Math.max(codec.nameStart() - 1, 0);
  }

  /// Its last component.
  byte[] name() {
    return Arrays.copyOfRange(codec.pathBytes(), codec.nameStart(), codec.pathLength());
  }

  /// The place of that in `names`, as [ViewNames#find] says it.
  long findIn(ViewNames names, long before) {
    return names.find(codec.pathBytes(), codec.nameStart(), codec.pathLength(), before);
  }

  /// Adds it to `names`, where it is `missing`, as what `node` is.
  long addTo(ViewNames names, long missing, ViewNode node) {
    return names.add(missing, codec.pathBytes(), codec.nameStart(), codec.pathLength(), node);
  }

  ArchivePath path() {
    return codec.path();
  }

  /// The directory it is in.
  ArchivePath parent() {
    return ArchivePath.of(codec.pathBytes(), 0, parentLength());
  }

  /// All of it.
  IndexEntry entry() {
    return codec.detailsAt(details, path());
  }
}
