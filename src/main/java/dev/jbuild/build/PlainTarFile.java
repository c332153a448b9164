package dev.jbuild.build;

import dev.jbuild.layer.LayerIndex;
import dev.jbuild.layer.PlainTar;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarLimits;
import dev.jbuild.tar.TarReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A plain tar in a file that nobody else changes: files in it are read in place.
///
/// @param file in the store, or a temporary one
record PlainTarFile(Path file) implements Piece.PlainTar {

  /// How many bytes tell what a stream is.
  static final int HEAD = 512;

  private static final int BUFFER = 1 << 17;

  /// Writes the plain bytes of `in` to `file`, which must not be there or be empty.
  ///
  /// @throws dev.jbuild.tar.TarFormatException if what is compressed is damaged or a bomb
  static PlainTarFile inflate(Compression compression, InputStream in, Path file)
      throws IOException {
    try (var out = Files.newOutputStream(file);
        var plain = compression.decompress(in, TarLimits.DEFAULT)) {
      plain.transferTo(out);
    }
    return new PlainTarFile(file);
  }

  /// Whether a plain stream that begins with `head` is a tar.
  static boolean isTar(byte[] head) {
    return TarReader.looksLikeTar(head);
  }

  /// What is in it, with the digest of each file.
  LayerIndex index() throws IOException {
    try (var in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
      return PlainTar.index(in, true);
    }
  }

  @Override
  public InputStream open(long offset, long size) throws IOException {
    var channel = FileChannel.open(file, StandardOpenOption.READ);
    channel.position(offset < 0 ? -1 - offset : offset);
    var in = Channels.newInputStream(channel);
    return offset < 0 ? PlainTar.sparse(in) : new Limited(in, size);
  }

  /// The first bytes of a stream.
  private static final class Limited extends InputStream {
    private final InputStream in;
    private long left;

    Limited(InputStream in, long left) {
      this.in = in;
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int n = in.read(into, offset, (int) Math.min(length, left));
      left -= Math.max(n, 0);
      return n;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
