package dev.jbuild.archive;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.store.Blobs;
import dev.jbuild.tar.AheadInput;
import dev.jbuild.tar.Compression;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;

/// A blob that leaves the store, and where its bytes come from.
record OutgoingBlob(Descriptor descriptor, Source source) {

  private static final int BUFFER = 1 << 16;

  /// Where the bytes of a blob come from.
  sealed interface Source {}

  /// They are in the store under their digest.
  record Stored() implements Source {}

  /// They are here: a manifest or index that was rewritten for the way out.
  record Document(byte[] bytes) implements Source {}

  /// They were compressed or inflated to a file that lives as long as the export.
  record Prepared(Path file) implements Source {}

  /// They were compressed at an earlier time, and will be again, to the same bytes.
  record Recompressed(Digest plain, Compression compression, Packing packing) implements Source {}

  /// Writes exactly the descriptor's bytes to `out`, which stays open.
  ///
  /// @throws IOException also if the bytes turn out to be others; some are written by then
  void writeTo(OutputStream out, Blobs blobs) throws IOException {
    switch (source) {
      case Stored() -> {
        try (var in = AheadInput.of(blobs.open(descriptor.digest()))) { // hashed on another core
          in.transferTo(out);
        }
      }
      case Document(byte[] bytes) -> out.write(bytes);
      case Prepared(Path file) -> Files.copy(file, out);
      case Recompressed(Digest plain, Compression compression, Packing packing) ->
          recompress(out, blobs, plain, compression, packing);
    }
  }

  private void recompress(
      OutputStream out, Blobs blobs, Digest plain, Compression compression, Packing packing)
      throws IOException {
    var hashed = new DigestOutputStream(out, Digest.sha256());
    var buffered = new BufferedOutputStream(hashed, BUFFER);
    try (var in = blobs.open(plain);
        var compressor =
            compression.compress(
                buffered, packing.level(), packing.threads())) { // leaves `out` open
      in.transferTo(compressor);
    }
    buffered.flush();
    var digest = Digest.ofHash(hashed.getMessageDigest().digest());
    if (!digest.equals(descriptor.digest())) {
      throw new IOException(
          "layer "
              + plain
              + " was compressed to other bytes than before: "
              + digest
              + " instead of "
              + descriptor.digest());
    }
  }
}
