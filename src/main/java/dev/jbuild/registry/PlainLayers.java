package dev.jbuild.registry;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.store.CompressedForm;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// How layers that lie plain leave: in which form, and what is known of it. Safe for use by many
/// threads.
final class PlainLayers implements AutoCloseable {

  private final Store store;
  private final Compression compression;
  private final OptionalInt level;
  private final int threads;
  private @Nullable Path scratch;

  /// @param compression NONE, GZIP or ZSTD
  /// @param level of it, or none for the usual one
  /// @param threads that compress a layer; no influence on its bytes
  PlainLayers(Store store, Compression compression, OptionalInt level, int threads) {
    this.store = store;
    this.compression = compression;
    this.level = level;
    this.threads = threads;
  }

  Compression compression() {
    return compression;
  }

  /// What such a blob is called in an OCI manifest.
  Descriptor inOci(Descriptor blob) {
    return new Descriptor(LayerKind.of(compression), blob.digest(), blob.size());
  }

  /// The forms of the wanted kind of which it is certain that they are this layer.
  List<Descriptor> known(Digest diffId) throws IOException {
    return store.layers().compressedForms(diffId).stream()
        .filter(CompressedForm::isVerified)
        .filter(form -> level.isEmpty() || form.how().equals(compression.how(level)))
        .map(CompressedForm::descriptor)
        .filter(form -> form.mediaType().oci().equals(LayerKind.of(compression)))
        .toList();
  }

  /// Begins to compress a layer.
  Spool spool(Digest diffId) throws IOException {
    return new Spool(store, diffId, compression, level, threads, scratch());
  }

  /// Says what came out.
  void remember(Digest diffId, Descriptor made) throws IOException {
    store.layers().remember(diffId, made, compression.how(level));
  }

  private synchronized Path scratch() throws IOException {
    var known = scratch;
    if (known == null) {
      known = store.makeTemporaryDirectory();
      scratch = known;
    }
    return known;
  }

  /// Removes what was temporary.
  @Override
  public synchronized void close() throws IOException {
    var made = scratch;
    if (made != null) {
      Files.deleteIfExists(made);
    }
  }
}
