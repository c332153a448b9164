package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarLimits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The bytes of a [LayerIndex], format 1: numbers as LEB128, byte strings with their length before
/// them, each path as the length of what it shares with the one before it and the rest.
final class IndexCodec {

  static final byte[] MAGIC = "jbuild-index-1\n".getBytes(StandardCharsets.US_ASCII);

  /// How each type is written: its place in this list, for ever.
  static final List<TarEntry.Type> TYPES =
      List.of(
          TarEntry.Type.FILE,
          TarEntry.Type.DIRECTORY,
          TarEntry.Type.SYMLINK,
          TarEntry.Type.HARDLINK,
          TarEntry.Type.CHARACTER,
          TarEntry.Type.BLOCK,
          TarEntry.Type.FIFO);

  /// What paths may take from the one before them, in bytes, beyond [#RATIO] times the index: a
  /// thousand bytes can say a path of 60 KiB over and over.
  private static final long FREE_EXPANSION = 4L << 20;

  /// No tree has paths that are longer than this, on average, than what tells them apart.
  private static final int RATIO = 16;

  private static final byte[] NOTHING = {};

  private final byte[] in;
  private final boolean isTrusted;
  private long expanded;
  private int at;
  private byte[] lastPath = NOTHING;

  private IndexCodec(byte[] in, int at, boolean isTrusted) {
    this.in = in;
    this.at = at;
    this.isTrusted = isTrusted;
  }

  /// Reads an index of whatever origin.
  ///
  /// @param bytes become the index's own
  static LayerIndex read(byte[] bytes) throws IOException {
    if (!Arrays.equals(bytes, 0, Math.min(MAGIC.length, bytes.length), MAGIC, 0, MAGIC.length)) {
      throw new IOException("not an index of a layer");
    }
    try {
      return new IndexCodec(bytes, MAGIC.length, false).index();
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IOException("a damaged index of a layer", e);
    }
  }

  /// Reads what [IndexDraft] wrote in this process: its paths may be as long as they are.
  static LayerIndex readOwn(byte[] bytes) throws IOException {
    return new IndexCodec(bytes, MAGIC.length, true).index();
  }

  private LayerIndex index() throws IOException {
    long entries = number();
    int first = at;
    for (long n = entries; n > 0; n--) {
      if (!(Whiteout.of(details(path()).entry()) instanceof Whiteout.None)) {
        throw new IOException("a damaged index of a layer: a whiteout among its entries");
      }
    }
    var hidden = paths();
    var opaque = paths();
    var contents = new TreeMap<ArchivePath, byte[]>();
    for (long n = number(); n > 0; n--) {
      contents.put(path(), bytes());
    }
    if (at != in.length) {
      throw new IOException("a damaged index of a layer: bytes follow it");
    }
    return new LayerIndex(in, first, entries, hidden, opaque, contents);
  }

  private List<ArchivePath> paths() {
    var paths = new ArrayList<ArchivePath>();
    for (long n = number(); n > 0; n--) {
      paths.add(path());
    }
    return paths;
  }

  /// A way through `count` entries, the first of which begins at `first`; the bytes were read
  /// before.
  static final class Walk {
    private final IndexCodec codec;
    private long left;
    private int record;

    Walk(byte[] bytes, int first, long count) {
      this.codec = new IndexCodec(bytes, first, true);
      this.left = count;
    }

    /// The next one; null at the end.
    @Nullable IndexEntry next() {
      if (left == 0) {
        return null;
      }
      left--;
      record = codec.at;
      return codec.details(codec.path());
    }

    /// Where the one that came last begins.
    int record() {
      return record;
    }
  }

  /// The entry that begins at `record`, under the name `path`.
  static IndexEntry entry(byte[] bytes, int record, ArchivePath path) {
    var codec = new IndexCodec(bytes, record, true);
    codec.skipPath();
    return codec.details(path);
  }

  /// What the entry is that begins at `record`.
  static TarEntry.Type type(byte[] bytes, int record) {
    var codec = new IndexCodec(bytes, record, true);
    codec.skipPath();
    return TYPES.get((int) codec.number());
  }

  private void skipPath() {
    number();
    int rest = (int) number();
    at += rest;
  }

  /// All of an entry but its path, which stands before it.
  private IndexEntry details(ArchivePath path) {
    var type = TYPES.get((int) number());
    int mode = (int) number();
    long uid = number();
    long gid = number();
    long mtime = unzigzag(number());
    long size = 0;
    long offset = 0;
    byte[] digest = NOTHING;
    byte[] link = NOTHING;
    var hardLink = ArchivePath.ROOT;
    int major = 0;
    int minor = 0;
    switch (type) {
      case FILE -> {
        size = number();
        offset = number();
        digest = bytes();
      }
      case SYMLINK -> link = bytes();
      case HARDLINK -> hardLink = ArchivePath.of(bytes());
      case CHARACTER, BLOCK -> {
        major = (int) number();
        minor = (int) number();
      }
      case DIRECTORY, FIFO -> {}
    }
    var xattrs = xattrs();
    var entry =
        new TarEntry(path, type, mode, uid, gid, size, mtime, link, hardLink, major, minor, xattrs);
    return new IndexEntry(entry, offset, digestOf(digest));
  }

  private static @Nullable Digest digestOf(byte[] hash) {
    return hash.length == 0 ? null : Digest.ofHash(hash);
  }

  private SortedMap<String, byte[]> xattrs() {
    long count = number();
    if (count == 0) {
      return Collections.emptySortedMap();
    }
    var xattrs = new TreeMap<String, byte[]>();
    for (; count > 0; count--) {
      xattrs.put(new String(bytes(), StandardCharsets.UTF_8), bytes());
    }
    return xattrs;
  }

  private ArchivePath path() {
    int shared = (int) number();
    int rest = (int) number();
    if (shared < 0 || shared > lastPath.length || rest < 0 || rest > in.length - at) {
      throw new IndexOutOfBoundsException(rest);
    }
    expanded += shared;
    if (!isTrusted
        && ((long) shared + rest > TarLimits.DEFAULT.maxName()
            || expanded > FREE_EXPANSION + (long) RATIO * in.length)) {
      throw new IllegalArgumentException("paths that are too long");
    }
    var bytes = Arrays.copyOf(lastPath, shared + rest);
    System.arraycopy(in, at, bytes, shared, rest);
    at += rest;
    lastPath = bytes;
    return ArchivePath.of(bytes);
  }

  private byte[] bytes() {
    int length = (int) number();
    if (length < 0 || length > in.length - at) {
      throw new IndexOutOfBoundsException(length);
    }
    var bytes = Arrays.copyOfRange(in, at, at + length);
    at += length;
    return bytes;
  }

  private long number() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = in[at++];
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number of more than 64 bits");
  }

  private static long unzigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }
}
