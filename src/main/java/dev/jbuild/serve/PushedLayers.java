package dev.jbuild.serve;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.store.CompressedForm;
import dev.jbuild.store.Store;
import java.io.IOException;

/// Which layers the blobs of an image hold that was pushed into a store: what runs it or builds on
/// it asks for layers, not for blobs.
record PushedLayers(Store store) {

  /// More layers are not taken: for each, a file of the store is read and perhaps written.
  private static final int MOST_LAYERS = 1000;

  /// So many forms of a layer are believed that nobody has inflated.
  private static final int MOST_CLAIMS = 16;

  /// @throws Refusal (MANIFEST_INVALID) for an image of more layers than any has
  static void refuseTooMany(Document document) {
    int layers = document.blobs().size() - 1;
    if (document.mediaType().isManifest() && layers > MOST_LAYERS) {
      throw Refusal.bad(
          ErrorCode.MANIFEST_INVALID,
          "the manifest has " + layers + " layers; at most " + MOST_LAYERS + " are taken");
    }
  }

  /// Takes the word of whoever pushed, which is believed when a layer is inflated. An artifact, and
  /// an image that nobody could run, is kept as it is.
  void remember(Document document) throws IOException {
    if (!document.mediaType().isManifest()) {
      return;
    }
    try {
      remember(Manifest.parse(document.bytes(), document.mediaType()));
    } catch (ImageFormatException e) {
      return;
    }
  }

  private void remember(Manifest image) throws IOException {
    var config = image.config();
    if (!config.mediaType().isConfig()
        || !store.lease().keep(config.digest())
        || store.blobs().size(config.digest()) > Json.DOCUMENT_LIMIT) {
      return;
    }
    var bytes = store.blobs().read(config.digest(), Json.DOCUMENT_LIMIT);
    var diffIds = ImageConfig.parse(bytes).diffIds();
    if (diffIds.size() != image.layers().size()) {
      return;
    }
    for (int i = 0; i < diffIds.size(); i++) {
      remember(diffIds.get(i), image.layers().get(i));
    }
  }

  private void remember(Digest diffId, Descriptor layer) throws IOException {
    boolean isOther = !layer.digest().equals(diffId) && layer.mediaType().isLayer();
    if (isOther && store.lease().keep(layer.digest()) && isWanted(diffId, layer.digest())) {
      store.layers().remember(diffId, layer.bare(), CompressedForm.PULLED);
    }
  }

  /// What is known stays in any case: another image may live by it.
  private boolean isWanted(Digest diffId, Digest form) throws IOException {
    var known = store.layers().compressedForms(diffId);
    return known.stream().noneMatch(each -> each.descriptor().digest().equals(form))
        && known.stream().filter(each -> !each.isVerified()).count() < MOST_CLAIMS;
  }
}
