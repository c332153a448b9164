package dev.jbuild.archive;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarFormatException;
import dev.jbuild.tar.TarLimits;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Gives layers the form in which they leave.
///
/// A layer is compressed at most once in the life of a store: digest and size of the compressed
/// form are remembered, and the next export, knowing them, compresses straight into its output.
final class OutgoingLayers implements AutoCloseable {

  private static final int BUFFER = 1 << 16;

  private final Store store;
  private final Packing packing;
  private final Compression usual;
  private final List<Path> files = new ArrayList<>();
  private @Nullable Path scratch;

  /// @param usual the compression of plain layers if `packing` does not say
  OutgoingLayers(Store store, Packing packing, Compression usual) {
    this.store = store;
    this.packing = packing;
    this.usual = usual;
  }

  /// The form in which `layer`, whose plain tar is `diffId`, leaves.
  OutgoingBlob prepare(Descriptor layer, Digest diffId) throws IOException {
    var is = LayerType.compression(layer.mediaType());
    boolean stays = packing.compression().isEmpty() || !packing.all();
    if (stays && is != Compression.NONE) {
      return new OutgoingBlob(layer, new OutgoingBlob.Stored());
    }
    var wanted = packing.compression().orElse(usual);
    if (is == wanted) {
      return new OutgoingBlob(layer, new OutgoingBlob.Stored());
    }
    if (wanted == Compression.NONE && store.blobs().contains(diffId)) {
      var plain = descriptor(wanted, diffId, store.blobs().size(diffId));
      return new OutgoingBlob(plain, new OutgoingBlob.Stored());
    }
    var known = known(diffId, wanted);
    return known.isPresent() ? known.get() : pack(layer, diffId, is, wanted);
  }

  private Optional<OutgoingBlob> known(Digest diffId, Compression wanted) throws IOException {
    var type = LayerType.of(wanted);
    for (var form : store.layers().compressedForms(diffId)) {
      var descriptor = form.descriptor();
      if (!form.isVerified() || !descriptor.mediaType().oci().equals(type)) {
        continue;
      }
      var asOci = descriptor(wanted, descriptor.digest(), descriptor.size());
      boolean any = packing.level().isEmpty() || form.how().equals(wanted.how(packing.level()));
      if (any && store.blobs().contains(descriptor.digest())) {
        return Optional.of(new OutgoingBlob(asOci, new OutgoingBlob.Stored()));
      }
      if (form.how().equals(wanted.how(packing.level())) && store.blobs().contains(diffId)) {
        var source = new OutgoingBlob.Recompressed(diffId, wanted, packing);
        return Optional.of(new OutgoingBlob(asOci, source));
      }
    }
    return Optional.empty();
  }

  /// Compresses or inflates to a file, since an archive must know the size before the bytes.
  private OutgoingBlob pack(Descriptor layer, Digest diffId, Compression is, Compression wanted)
      throws IOException {
    var file = newFile();
    var hashed =
        new DigestOutputStream(
            new BufferedOutputStream(Files.newOutputStream(file), BUFFER), Digest.sha256());
    try (OutputStream out = hashed;
        InputStream stored = store.blobs().open(is == Compression.NONE ? diffId : layer.digest());
        InputStream plain = plain(stored, is);
        var checked = new DigestInputStream(plain, Digest.sha256())) {
      try (OutputStream packed = wanted.compress(out, packing.level(), packing.threads())) {
        checked.transferTo(packed);
      }
      var found = Digest.ofHash(checked.getMessageDigest().digest());
      if (!found.equals(diffId)) {
        throw new ImageFormatException(
            "layer " + layer.digest() + " holds " + found + ", not " + diffId);
      }
    } catch (TarFormatException e) {
      throw new ImageFormatException(
          "layer " + layer.digest() + " cannot be read: " + e.getMessage(), e);
    }
    var digest = Digest.ofHash(hashed.getMessageDigest().digest());
    var packed = descriptor(wanted, digest, Files.size(file));
    if (wanted != Compression.NONE) {
      store.layers().remember(diffId, packed, wanted.how(packing.level()));
    }
    return new OutgoingBlob(packed, new OutgoingBlob.Prepared(file));
  }

  /// A tool may have said zstd where it wrote gzip: what is compressed says itself how.
  private static InputStream plain(InputStream stored, Compression is) throws IOException {
    return is == Compression.NONE
        ? is.decompress(stored, TarLimits.DEFAULT)
        : Compression.decompressAny(stored, TarLimits.DEFAULT);
  }

  private Path newFile() throws IOException {
    var directory = scratch;
    if (directory == null) {
      directory = store.makeTemporaryDirectory();
      scratch = directory;
    }
    var file = directory.resolve("layer-" + files.size());
    files.add(file);
    return file;
  }

  /// Removes the temporary files.
  @Override
  public void close() throws IOException {
    for (var file : files) {
      Files.deleteIfExists(file);
    }
    if (scratch != null) {
      Files.delete(scratch);
    }
  }

  private static Descriptor descriptor(Compression compression, Digest digest, long size) {
    return new Descriptor(LayerType.of(compression), digest, size);
  }
}
