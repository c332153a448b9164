package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Writes the parts of an index in the form that [IndexCodec] reads.
final class IndexWriter {

  private final OutputStream out;
  private byte[] lastPath = {};

  IndexWriter(OutputStream out) {
    this.out = out;
  }

  /// @param sum of the content, or [IndexEntry#NO_SUM]; kept beside a digest only
  void entry(TarEntry e, long offset, @Nullable Digest digest, long sum) throws IOException {
    entry(e, e.mtime(), offset, digest, sum);
  }

  /// An entry without its time and place.
  void describe(TarEntry e, @Nullable Digest digest) throws IOException {
    entry(e, 0, 0, digest, IndexEntry.NO_SUM);
  }

  private void entry(TarEntry e, long mtime, long offset, @Nullable Digest digest, long sum)
      throws IOException {
    path(e.path());
    number(IndexCodec.TYPES.indexOf(e.type()));
    number(e.mode());
    number(e.uid());
    number(e.gid());
    number(zigzag(mtime));
    switch (e.type()) {
      case FILE -> {
        number(e.size());
        number(offset);
        digest(digest, sum);
      }
      case SYMLINK -> bytes(e.link());
      case HARDLINK -> bytes(e.hardLink().bytes());
      case CHARACTER, BLOCK -> {
        number(e.major());
        number(e.minor());
      }
      case DIRECTORY, FIFO -> {}
    }
    number(e.xattrs().size());
    for (var attribute : e.xattrs().entrySet()) {
      bytes(attribute.getKey().getBytes(StandardCharsets.UTF_8));
      bytes(attribute.getValue());
    }
  }

  private void digest(@Nullable Digest digest, long sum) throws IOException {
    if (digest == null || sum == IndexEntry.NO_SUM) {
      bytes(digest == null ? new byte[0] : digest.hash());
      return;
    }
    number(IndexCodec.HASH_AND_SUM);
    out.write(digest.hash());
    for (int shift = 24; shift >= 0; shift -= 8) {
      out.write((int) (sum >>> shift));
    }
  }

  void path(ArchivePath path) throws IOException {
    var bytes = path.bytes();
    int shared = Arrays.mismatch(lastPath, bytes);
    shared = shared < 0 ? bytes.length : shared;
    number(shared);
    number(bytes.length - shared);
    out.write(bytes, shared, bytes.length - shared);
    lastPath = bytes;
  }

  void bytes(byte[] bytes) throws IOException {
    number(bytes.length);
    out.write(bytes);
  }

  void number(long value) throws IOException {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private static long zigzag(long value) {
    return (value << 1) ^ (value >> 63);
  }
}
