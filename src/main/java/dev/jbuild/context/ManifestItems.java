package dev.jbuild.context;

import dev.jbuild.failure.Utf8;
import dev.jbuild.tar.ArchivePath;
import java.util.Arrays;
import java.util.TreeMap;

/// The files of one section of an [InputManifest], read one after the other. Bytes that are no
/// manifest give an IllegalArgumentException.
final class ManifestItems {

  /// So many bytes are compared at once: this section may have few, and many may follow it.
  private static final int PIECE = 1 << 12;

  private final ByteSource in;
  private long left;

  /// The path that was read last, in the first `length` bytes.
  private byte[] path = new byte[128];

  private int length;

  private ManifestItems(ByteSource in, long count) {
    this.in = in;
    this.left = count;
  }

  /// Those that stand next in `in`, which begins with their number.
  static ManifestItems in(ByteSource in) {
    return new ManifestItems(in, in.getVarint());
  }

  static ManifestItems none() {
    return new ManifestItems(new ByteSource(new byte[0], 0, 0), 0);
  }

  boolean hasNext() {
    return left > 0;
  }

  InputManifest.Item next() {
    left--;
    readPath();
    return readItem(ArchivePath.of(path, 0, length));
  }

  /// Passes over the next one.
  void skip() {
    left--;
    readPath();
    if (!ArchivePath.isNormal(path, 0, length)) {
      var _ = ArchivePath.of(path, 0, length); // which says what is wrong with it
    }
    type(in.getByte());
    in.skip(2);
    in.getVarint();
    in.getVarint();
    in.skip(in.getVarint());
    for (long count = in.getVarint(); count > 0; count--) {
      in.skip(in.getVarint());
      in.skip(in.getVarint());
    }
    in.skip(in.getVarint());
  }

  /// Passes over what follows in both and is the same, byte by byte. Most of two builds is.
  void skipSame(ManifestItems other) {
    if (left == 0
        || other.left == 0
        || !Arrays.equals(path, 0, length, other.path, 0, other.length)) {
      return; // what follows says only what of their paths is new
    }
    int piece = PIECE;
    int start = in.position();
    int same = in.common(other.in, piece);
    while (left > 0 && other.left > 0) {
      int before = in.position();
      skip();
      if (in.position() - start > same) {
        left++;
        in.back(before);
        copyPath(other); // which is what it was before
        if (same < piece) {
          return;
        }
        piece = before > start ? PIECE : Math.multiplyExact(piece, 2); // of a long item
        start = before;
        same = in.common(other.in, piece);
        continue;
      }
      other.left--;
      other.in.skip(in.position() - (long) before);
      other.copyPath(this);
    }
  }

  private void copyPath(ManifestItems from) {
    if (path.length < from.length) {
      path = new byte[from.path.length];
    }
    System.arraycopy(from.path, 0, path, 0, from.length);
    length = from.length;
  }

  /// A path is written as how much of the one before it begins with, and the rest.
  private void readPath() {
    long shared = in.getVarint();
    long rest = in.getVarint();
    if (shared > length) {
      throw new IllegalArgumentException("a path begins with nothing");
    }
    in.require(rest);
    int end = Math.addExact((int) shared, (int) rest);
    if (end > path.length) {
      path = Arrays.copyOf(path, Math.max(end, 2 * path.length));
    }
    in.get(path, (int) shared, (int) rest);
    length = end;
  }

  private static int type(int first) {
    int type = first & ~InputManifest.ONLY_FOR_BELOW;
    if (type >= InputManifest.TYPES.size()) {
      throw new IllegalArgumentException("an unknown type of file");
    }
    return type;
  }

  private InputManifest.Item readItem(ArchivePath at) {
    int first = in.getByte();
    int type = type(first);
    int mode = in.getShort();
    long uid = in.getVarint();
    long gid = in.getVarint();
    var content = in.getSized();
    var xattrs = new TreeMap<String, byte[]>();
    for (long count = in.getVarint(); count > 0; count--) {
      xattrs.put(Utf8.decode(in.getSized()), in.getSized());
    }
    var twin = Utf8.decode(in.getSized());
    return new InputManifest.Item(
        at, InputManifest.TYPES.get(type), mode, uid, gid, content, xattrs, twin, first != type);
  }
}
