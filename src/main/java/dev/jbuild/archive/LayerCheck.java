package dev.jbuild.archive;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Manifest;
import dev.jbuild.store.CompressedForm;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarFormatException;
import dev.jbuild.tar.TarLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;

/// Whether the layers of an image are those that its config names.
final class LayerCheck {

  private final Store store;
  private final TarLimits limits;

  LayerCheck(Store store, TarLimits limits) {
    this.store = store;
    this.limits = limits;
  }

  /// Inflates each compressed layer once in the life of a store, and remembers what it found.
  ///
  /// @throws ImageFormatException naming the layer that is another than its diff ID says, or if
  ///     there are more or fewer layers than diff IDs; layers of unknown types are not looked into
  void check(Manifest manifest, ImageConfig config) throws IOException {
    config.check(manifest.layers().size());
    for (int i = 0; i < manifest.layers().size(); i++) {
      var layer = manifest.layers().get(i);
      if (layer.mediaType().isLayer()) {
        check("layer " + i + " of " + manifest, layer, config.diffIds().get(i));
      }
    }
  }

  private void check(String what, Descriptor layer, Digest diffId) throws IOException {
    var compression = LayerType.compression(layer.mediaType());
    if (compression == Compression.NONE) {
      expect(what, diffId, layer.digest());
      return;
    }
    for (var form : store.layers().compressedForms(diffId)) {
      if (form.isVerified() && form.descriptor().digest().equals(layer.digest())) {
        return;
      }
    }
    expect(what, diffId, inflated(what, layer));
    store.layers().remember(diffId, layer, CompressedForm.ORIGINAL);
  }

  /// The media type may say another compression than there is.
  private Digest inflated(String what, Descriptor layer) throws IOException {
    try (InputStream packed = store.blobs().open(layer.digest());
        InputStream plain = Compression.decompressAny(packed, limits);
        var hashed = new DigestInputStream(plain, Digest.sha256())) {
      hashed.transferTo(OutputStream.nullOutputStream());
      return Digest.ofHash(hashed.getMessageDigest().digest());
    } catch (TarFormatException e) {
      throw new ImageFormatException(what + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static void expect(String what, Digest expected, Digest found)
      throws ImageFormatException {
    if (!found.equals(expected)) {
      throw new ImageFormatException(
          what + " is another than its config says: " + found + " instead of " + expected);
    }
  }
}
