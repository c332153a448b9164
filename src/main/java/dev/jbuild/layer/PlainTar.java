package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.OpenFile;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarFormatException;
import dev.jbuild.tar.TarLimits;
import dev.jbuild.tar.TarReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// What is in a plain tar: its index, and the bytes of its files.
public final class PlainTar {

  private PlainTar() {}

  /// Reads a plain tar to its end.
  ///
  /// @param digests whether the digests of the files are computed on the way
  public static LayerIndex index(InputStream plain, boolean digests) throws IOException {
    var index = new LayerIndex.Builder();
    var tar = new TarReader(plain, TarLimits.DEFAULT);
    for (var entry = tar.next(); entry != null; entry = tar.next()) {
      if (LayerIndex.Builder.keeps(entry)) {
        var content = tar.content().readAllBytes();
        index.add(entry, offset(tar, entry), digests ? Digest.of(content) : null);
        index.keep(entry.path(), content);
      } else {
        long offset = offset(tar, entry);
        index.add(entry, offset, digests && entry.isFile() ? hash(tar.content()) : null);
      }
    }
    return index.build();
  }

  private static long offset(TarReader tar, TarEntry entry) {
    boolean sparse = entry.isFile() && tar.contentOffset() < 0;
    return sparse ? -1 - tar.headerOffset() : tar.contentOffset();
  }

  static Digest hash(InputStream content) throws IOException {
    var sha = Digest.sha256();
    var buffer = new byte[1 << 16];
    for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
      sha.update(buffer, 0, n);
    }
    return Digest.ofHash(sha.digest());
  }

  /// The bytes of a file of a layer whose plain tar is open.
  ///
  /// @param closes whether the tar is closed with the content
  static InputStream content(OpenFile plain, ViewEntry file, boolean closes) throws IOException {
    return file.offset() < 0
        ? sparse(new Range(plain, -1 - file.offset(), Long.MAX_VALUE, closes))
        : new Range(plain, file.offset(), file.entry().size(), closes);
  }

  /// The bytes of a sparse file, holes as zeros.
  ///
  /// @param headers a tar from the headers of the file on (-1 less its offset); closed with the
  ///     content
  public static InputStream sparse(InputStream headers) throws IOException {
    var tar = new TarReader(headers, TarLimits.DEFAULT);
    if (tar.next() == null) {
      throw new TarFormatException("a layer ends before its file does");
    }
    return new FilterInputStream(tar.content()) {
      @Override
      public void close() throws IOException {
        headers.close();
      }
    };
  }

  /// A stretch of an open file.
  private static final class Range extends InputStream {
    private final OpenFile file;
    private long at;
    private final long end;
    private final boolean closes;

    Range(OpenFile file, long offset, long length, boolean closes) {
      this.closes = closes;
      this.file = file;
      this.at = offset;
      this.end = length > Long.MAX_VALUE - offset ? Long.MAX_VALUE : offset + length;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (at >= end) {
        return -1;
      }
      int n = file.readAt(at, into, offset, (int) Math.min(length, end - at));
      if (n < 0 && end < Long.MAX_VALUE) {
        throw new TarFormatException("a layer ends before its file does");
      }
      if (n < 0) {
        return n;
      }
      at += n;
      return n;
    }

    @Override
    public void close() {
      if (closes) {
        file.close();
      }
    }
  }
}
