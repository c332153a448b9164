package dev.jbuild.build;

import dev.jbuild.context.Selected;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarFormatException;
import dev.jbuild.tar.TarLimits;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// Archives that ADD unpacks: found by content, whatever they are called, and read in place as far
/// as they are plain; a compressed one is inflated to a temporary file (dockerfile-rules.md 6.6).
final class Archives implements AutoCloseable {

  /// Where temporary files of this process alone go; made when the first is.
  interface Place {
    Path directory() throws IOException;
  }

  private static final AtomicLong LAST = new AtomicLong();

  private final Place place;
  private final List<Path> temporary = new ArrayList<>();

  Archives(Place place) {
    this.place = place;
  }

  /// The archive that `file` is; empty if it is none.
  Optional<Piece.Archive> open(Selected file) throws IOException {
    var tree = file.tree();
    var entry = file.entry();
    try (var in = new BufferedInputStream(tree.open(entry), 1 << 16)) {
      in.mark(PlainTarFile.HEAD);
      var head = in.readNBytes(PlainTarFile.HEAD);
      in.reset();
      var compression = Compression.detect(head);
      if (compression == Compression.NONE && !PlainTarFile.isTar(head)) {
        return Optional.empty();
      }
      if (compression != Compression.NONE && !holdsTar(compression, tree.open(entry))) {
        return Optional.empty();
      }
      var plain = inflate(compression, in);
      return Optional.of(new Piece.Archive(file, tree.digest(entry), plain.index(), plain));
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
      return PlainTarFile.isTar(plain.readNBytes(PlainTarFile.HEAD));
    } catch (TarFormatException e) {
      return false; // it only begins like one
    }
  }

  private PlainTarFile inflate(Compression compression, InputStream in) throws IOException {
    // Not createTempFile: Java's SecureRandom costs the first ADD of a build ten milliseconds.
    var file = place.directory().resolve("archive-" + LAST.incrementAndGet());
    temporary.add(file);
    return PlainTarFile.inflate(compression, in, file);
  }

  @Override
  public void close() throws IOException {
    for (var file : temporary) {
      Files.deleteIfExists(file);
    }
  }
}
