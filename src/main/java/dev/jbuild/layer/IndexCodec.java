package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarLimits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

  private final byte[] in;
  private long expanded;
  private int at = MAGIC.length;
  private byte[] lastPath = {};

  private IndexCodec(byte[] in) {
    this.in = in;
  }

  static byte[] write(LayerIndex index) throws IOException {
    var draft = new IndexDraft();
    for (var each : index.entries()) {
      draft.entry(each.entry(), each.offset(), each.digest());
    }
    index.hidden().forEach(draft::hide);
    index.opaque().forEach(draft::setOpaque);
    index.contents().forEach(draft::keep);
    return draft.toBytes();
  }

  static LayerIndex read(byte[] bytes) throws IOException {
    if (!Arrays.equals(bytes, 0, Math.min(MAGIC.length, bytes.length), MAGIC, 0, MAGIC.length)) {
      throw new IOException("not an index of a layer");
    }
    try {
      return new IndexCodec(bytes).index();
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IOException("a damaged index of a layer", e);
    }
  }

  private LayerIndex index() throws IOException {
    var builder = new LayerIndex.Builder();
    for (long n = number(); n > 0; n--) {
      readEntry(builder);
    }
    for (long n = number(); n > 0; n--) {
      builder.hide(path());
    }
    for (long n = number(); n > 0; n--) {
      builder.setOpaque(path());
    }
    for (long n = number(); n > 0; n--) {
      builder.keep(path(), bytes());
    }
    if (at != in.length) {
      throw new IOException("a damaged index of a layer: bytes follow it");
    }
    return builder.build();
  }

  private void readEntry(LayerIndex.Builder builder) throws IOException {
    var path = path();
    var type = TYPES.get((int) number());
    int mode = (int) number();
    long uid = number();
    long gid = number();
    long mtime = unzigzag(number());
    long size = 0;
    long offset = 0;
    byte[] digest = {};
    byte[] link = {};
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
    builder.add(entry, offset, digestOf(digest));
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
    if ((long) shared + rest > TarLimits.DEFAULT.maxName()
        || expanded > FREE_EXPANSION + (long) RATIO * in.length) {
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
