package dev.jbuild.build;

import dev.jbuild.context.Selected;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.layer.LayerIndex;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarFormatException;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Archives that ADD unpacks: found by content, whatever they are called, and read in place as far
/// as they are plain; a compressed one is inflated to a temporary file (dockerfile.md 6.6).
final class Archives implements AutoCloseable {

  private static final int HEAD = 512;

  private final Path directory;
  private final List<Path> temporary = new ArrayList<>();

  /// @param directory for temporary files
  Archives(Path directory) {
    this.directory = directory;
  }

  /// The archive that `file` is; empty if it is none.
  Optional<Piece.Archive> open(Selected file) throws IOException {
    var tree = file.tree();
    var entry = file.entry();
    try (var in = new BufferedInputStream(tree.open(entry), 1 << 16)) {
      in.mark(HEAD);
      var head = in.readNBytes(HEAD);
      in.reset();
      var compression = Compression.detect(head);
      if (compression == Compression.NONE && !TarReader.looksLikeTar(head)) {
        return Optional.empty();
      }
      if (compression != Compression.NONE && !holdsTar(compression, tree.open(entry))) {
        return Optional.empty();
      }
      var plain = inflate(compression, in);
      var index = index(plain);
      return Optional.of(new Piece.Archive(file, tree.digest(entry), index, range(plain)));
    } catch (TarFormatException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.CONTEXT,
          "ADD: the archive "
              + file.source().printable()
              + " cannot be unpacked: "
              + e.getMessage(),
          e);
    }
  }

  private static boolean holdsTar(Compression compression, InputStream compressed)
      throws IOException {
    try (compressed;
        var plain = compression.decompress(compressed, TarLimits.DEFAULT)) {
      return TarReader.looksLikeTar(plain.readNBytes(HEAD));
    } catch (TarFormatException e) {
      return false; // it only begins like one
    }
  }

  private Path inflate(Compression compression, InputStream in) throws IOException {
    var file = Files.createTempFile(directory, "archive", ".tar");
    temporary.add(file);
    try (var out = Files.newOutputStream(file);
        var plain = compression.decompress(in, TarLimits.DEFAULT)) {
      plain.transferTo(out);
    }
    return file;
  }

  private static LayerIndex index(Path plain) throws IOException {
    try (var in = new BufferedInputStream(Files.newInputStream(plain), 1 << 17)) {
      return LayerReader.scan(in, true);
    }
  }

  private static Piece.PlainTar range(Path plain) {
    return (offset, size) -> {
      var channel = FileChannel.open(plain, StandardOpenOption.READ);
      channel.position(offset < 0 ? -1 - offset : offset);
      var in = Channels.newInputStream(channel);
      return offset < 0 ? LayerReader.sparse(in) : new Limited(in, size);
    };
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

  @Override
  public void close() throws IOException {
    for (var file : temporary) {
      Files.deleteIfExists(file);
    }
  }
}
