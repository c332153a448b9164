package dev.jbuild.layer;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.store.BlobWriter;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarWriter;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;

/// Writes a layer into the store: one pass, hashed while it is written, its index made on the way.
///
/// Entries go out in the order in which they come; who wants the fixed order uses [LayerDraft].
/// Closed before it is finished, nothing is left of it.
public final class LayerWriter implements AutoCloseable {

  private final Store store;
  private final BlobWriter blob;
  private final TarWriter tar;
  private final IndexDraft index = new IndexDraft();
  private final CRC32 sum = new CRC32();

  public LayerWriter(Store store) throws IOException {
    this.store = store;
    this.blob = store.blobs().create();
    this.tar = new TarWriter(blob);
  }

  /// Writes an entry and its content.
  ///
  /// @param digest of the content, if it is known already
  /// @throws BuildFailure if the content is not as long as the entry says: the file was changed
  public void add(TarEntry entry, Content content, @Nullable Digest digest) throws IOException {
    long offset = tar.begin(entry);
    if (entry.size() > 0) {
      sum.reset();
      write(entry, content, digest != null);
    }
    boolean isSummed = entry.size() > 0 && digest != null;
    index.add(entry, offset, digest, isSummed ? sum.getValue() : IndexEntry.NO_SUM);
  }

  /// @param sums whether to find out the CRC-32, which the index keeps beside a digest only
  private void write(TarEntry entry, Content content, boolean sums) throws IOException {
    try (InputStream in = sums ? new CheckedInputStream(content.open(), sum) : content.open()) {
      if (LayerIndex.Builder.keeps(entry)) {
        var bytes = in.readNBytes((int) entry.size());
        requireEnd(entry, entry.size() - bytes.length, in);
        tar.write(bytes, 0, bytes.length);
        index.keep(entry.path(), bytes);
      } else {
        requireEnd(entry, tar.write(in), in);
      }
    }
  }

  private static void requireEnd(TarEntry entry, long missing, InputStream in) throws IOException {
    if (missing > 0 || in.read() >= 0) {
      throw BuildFailure.of(
              BuildFailure.Kind.CONTEXT,
              "/" + entry.path().printable() + " changed while it was being read")
          .hint("build again when nothing writes to it");
    }
  }

  /// Hides what lies below at `path`.
  public void hide(ArchivePath path) throws IOException {
    tar.begin(TarEntry.file(Whiteout.marker(path), 0, 0, 0, 0, 0));
    index.hide(path);
  }

  /// Ends the layer; it and its index are in the store now.
  public WrittenLayer finish() throws IOException {
    tar.finish();
    long size = tar.position();
    var diffId = blob.commit();
    var made = index.finish();
    store.layers().putIndex(diffId, made.bytes());
    return new WrittenLayer(diffId, size, made);
  }

  @Override
  public void close() throws IOException {
    blob.close();
  }
}
