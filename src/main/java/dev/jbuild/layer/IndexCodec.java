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

  private static final int HASH = 32;

  /// A digest, and the CRC-32 of the same content behind it, high byte first.
  static final int HASH_AND_SUM = HASH + 4;

  private static final byte[] NOTHING = {};

  private final byte[] in;
  private final boolean isTrusted;
  private long expanded;
  private int at;

  /// The path that was read last is its beginning.
  private byte[] path = NOTHING;

  private int pathLength;

  /// Where its last component begins.
  private int nameStart;

  /// Whether a component that the path before did not have begins like a whiteout; known of what a
  /// stranger wrote.
  private boolean hasMarker;

  /// @param at where to begin
  /// @param isTrusted whether the bytes were read before, or written by this process
  IndexCodec(byte[] in, int at, boolean isTrusted) {
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

  private LayerIndex index() throws IOException {
    long entries = count();
    int first = at;
    for (long n = entries; n > 0; n--) {
      readPath();
      if (hasMarker) {
        throw new IOException("a damaged index of a layer: a whiteout among its entries");
      }
      checkDetails();
    }
    var hidden = paths();
    var opaque = paths();
    var contents = new TreeMap<ArchivePath, byte[]>();
    for (long n = count(); n > 0; n--) {
      readPath();
      var content = bytes();
      if (!LayerIndex.Builder.keeps(path(), content.length)) {
        throw new IOException("a damaged index of a layer: content that none keeps");
      }
      contents.put(path(), content);
    }
    if (at != in.length) {
      throw new IOException("a damaged index of a layer: bytes follow it");
    }
    return new LayerIndex(in, first, entries, hidden, opaque, contents);
  }

  private List<ArchivePath> paths() {
    var paths = new ArrayList<ArchivePath>();
    for (long n = count(); n > 0; n--) {
      readPath();
      paths.add(path());
    }
    return paths;
  }

  /// The entry that begins at `record`, under the name `path`.
  static IndexEntry entry(byte[] bytes, int record, ArchivePath path) {
    var codec = new IndexCodec(bytes, record, true);
    codec.skipPath();
    return codec.details(path);
  }

  /// Where the next that is read begins.
  int position() {
    return at;
  }

  private void skipPath() {
    skipNumber();
    skipBytes();
  }

  /// Reads a path.
  ///
  /// @return whether it is in the directory that the path before is in
  boolean readPath() {
    int shared = (int) number();
    int rest = (int) number();
    if (shared < 0 || shared > pathLength || rest < 0 || rest > in.length - at) {
      throw new IndexOutOfBoundsException(rest);
    }
    expanded += shared;
    if (!isTrusted
        && ((long) shared + rest > TarLimits.DEFAULT.maxName()
            || expanded > FREE_EXPANSION + (long) RATIO * in.length)) {
      throw new IllegalArgumentException("paths that are too long");
    }
    pathLength = shared + rest;
    if (pathLength > path.length) {
      path = Arrays.copyOf(path, Math.max(128, 2 * pathLength));
    }
    boolean isBeside = shared >= nameStart;
    int differsAt = Math.min(shared, nameStart); // where a component begins that is another one
    while (differsAt > 0 && path[differsAt - 1] != '/') {
      differsAt--;
    }
    nameStart = differsAt;
    boolean isPlain = true;
    hasMarker = false;
    for (int i = shared; i < pathLength; i++) {
      byte b = in[at++];
      path[i] = b;
      if (b == '/') {
        nameStart = i + 1;
        isBeside = false;
      }
      isPlain &= b != '/' && b != 0;
    }
    if (!isTrusted && !(isPlain && differsAt < pathLength && path[differsAt] != '.')) {
      checkComponents(differsAt);
    }
    return isBeside;
  }

  /// Those from `differsAt` on, which the path before did not have.
  private void checkComponents(int differsAt) {
    if (!ArchivePath.isNormal(path, differsAt, pathLength)) {
      throw new IllegalArgumentException("a path that nobody would write so");
    }
    var marker = Whiteout.PREFIX;
    for (int start = differsAt; start < pathLength; start++) {
      hasMarker |=
          (start == 0 || path[start - 1] == '/')
              && marker.length <= pathLength - start
              && Arrays.equals(path, start, start + marker.length, marker, 0, marker.length);
    }
  }

  /// The path that was read last.
  ArchivePath path() {
    return ArchivePath.of(path, 0, pathLength);
  }

  /// What holds the path that was read last, up to [#pathLength]; until the next is read.
  byte[] pathBytes() {
    return path;
  }

  int pathLength() {
    return pathLength;
  }

  /// Where the last component of that path begins.
  int nameStart() {
    return nameStart;
  }

  /// All of the entry of this path whose details begin at `position`; what comes next stays.
  IndexEntry detailsAt(int position, ArchivePath of) {
    int next = at;
    at = position;
    var entry = details(of);
    at = next;
    return entry;
  }

  /// All of an entry but its path, which stands before it.
  private IndexEntry details(ArchivePath of) {
    var type = type();
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
        new TarEntry(of, type, mode, uid, gid, size, mtime, link, hardLink, major, minor, xattrs);
    return digest.length == HASH_AND_SUM
        ? new IndexEntry(
            entry, offset, Digest.ofHash(Arrays.copyOf(digest, HASH)), sumBehind(digest))
        : new IndexEntry(entry, offset, digestOf(digest), IndexEntry.NO_SUM);
  }

  private static @Nullable Digest digestOf(byte[] hash) {
    return hash.length == 0 ? null : Digest.ofHash(hash);
  }

  private static long sumBehind(byte[] hash) {
    long sum = 0;
    for (int i = HASH; i < HASH_AND_SUM; i++) {
      sum = sum << 8 | (hash[i] & 0xFF);
    }
    return sum;
  }

  private SortedMap<String, byte[]> xattrs() {
    long count = count();
    if (count == 0) {
      return Collections.emptySortedMap();
    }
    var xattrs = new TreeMap<String, byte[]>();
    for (; count > 0; count--) {
      xattrs.put(new String(bytes(), StandardCharsets.UTF_8), bytes());
    }
    return xattrs;
  }

  /// Goes past all of an entry but its path.
  TarEntry.Type skipDetails() {
    var type = type();
    for (int i = 0; i < 4; i++) { // mode, owner, time
      skipNumber();
    }
    if (type == TarEntry.Type.FILE) {
      skipNumber();
      skipNumber();
      skipBytes();
    } else {
      skipLink(type);
    }
    skipXattrs();
    return type;
  }

  /// Goes past what says where an entry that is no file leads.
  private void skipLink(TarEntry.Type type) {
    switch (type) {
      case SYMLINK, HARDLINK -> skipBytes();
      case CHARACTER, BLOCK -> {
        skipNumber();
        skipNumber();
      }
      case FILE, DIRECTORY, FIFO -> {}
    }
  }

  private void skipXattrs() {
    for (long n = count(); n > 0; n--) {
      skipBytes();
      skipBytes();
    }
  }

  /// As [#skipDetails] for an entry of a stranger; what [TarEntry] and [Digest] would refuse is
  /// refused.
  private void checkDetails() {
    int start = at;
    var type = type();
    int mode = (int) number();
    long uid = number();
    long gid = number();
    skipNumber(); // any time
    boolean isProper =
        (mode & ~07777) == 0 && uid >= 0 && gid >= 0 && uid < 0xFFFFFFFFL && gid < 0xFFFFFFFFL;
    if (type == TarEntry.Type.FILE) {
      isProper &= number() >= 0;
      skipNumber(); // any offset
      int hash = length();
      isProper &= hash == 0 || hash == HASH || hash == HASH_AND_SUM;
      at += hash;
    }
    if (!isProper) {
      throw new IllegalArgumentException("an entry that no tar can have");
    }
    if (type != TarEntry.Type.FILE) {
      skipLink(type);
    }
    skipXattrs();
    if (type == TarEntry.Type.HARDLINK) {
      detailsAt(start, ArchivePath.ROOT); // for the path that it names
    }
  }

  private TarEntry.Type type() {
    return TYPES.get((int) number());
  }

  private byte[] bytes() {
    int length = length();
    var bytes = Arrays.copyOfRange(in, at, at + length);
    at += length;
    return bytes;
  }

  private void skipBytes() {
    int length = length();
    at += length;
  }

  private int length() {
    int length = (int) number();
    if (length < 0 || length > in.length - at) {
      throw new IndexOutOfBoundsException(length);
    }
    return length;
  }

  /// How many of something follow, of which each takes a byte at least.
  private long count() {
    long count = number();
    if (count < 0 || count > in.length - at) {
      throw new IllegalArgumentException("more than there are bytes");
    }
    return count;
  }

  private long number() {
    byte first = in[at++];
    return first >= 0 ? first : number(first);
  }

  private long number(byte first) {
    long value = first & 0x7F;
    for (int shift = 7; shift < 64; shift += 7) {
      byte b = in[at++];
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number of more than 64 bits");
  }

  private void skipNumber() {
    if (in[at++] < 0) {
      number((byte) 0);
    }
  }

  private static long unzigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }
}
