package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.OpenFile;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// The layer that a step made the last time: what is unchanged of its small files is read from
/// there, one large file from front to back, instead of being opened one by one where it was copied
/// from.
///
/// A file is taken from it if path, size and digest are the same, and the bytes have the CRC-32
/// that they had when they were written, or the digest if that was not noted: a damaged layer is
/// not copied into a new one. Both layers are walked once, in the order in which [LayerDraft]
/// writes; of a layer in another order less is found, nothing wrong.
public final class EarlierLayer implements AutoCloseable {

  /// The largest file that is taken. To open a larger one takes little beside reading it, and what
  /// is opened here is good only until the next is: [ContentAhead] reads ahead, but what is not
  /// larger than this it reads to its end before it opens the next.
  private static final int LARGEST = ContentAhead.SMALL;

  private static final int WINDOW = 2 * LARGEST;

  private final CRC32 sum = new CRC32();
  private final LayerReader layers;
  private final Digest diffId;
  private final IndexCursor cursor;

  /// Its plain tar, open from when the first content is read.
  private @Nullable OpenFile plain;

  /// Of the entry at which the cursor stands; null at the end.
  private @Nullable ArchivePath next;

  private final byte[] window = new byte[WINDOW];
  private long windowAt;
  private int windowSize;

  private EarlierLayer(LayerReader layers, Digest diffId, LayerIndex index) {
    this.layers = layers;
    this.diffId = diffId;
    this.cursor = index.cursor();
    this.next = cursor.next() ? cursor.path() : null;
  }

  /// Reads its index. No file is open until content is read.
  ///
  /// @return empty if its bytes are not there, plain, or if what is in it is only claimed
  public static Optional<EarlierLayer> open(LayerReader layers, Digest diffId) throws IOException {
    return layers.plainIndex(diffId).map(index -> new EarlierLayer(layers, diffId, index));
  }

  /// Where the content of `entry` is best read: here, or as it was.
  ///
  /// @param entry comes after all that were asked for
  /// @param digest of its content, if it is known
  Content content(TarEntry entry, @Nullable Digest digest, Content otherwise) {
    if (digest == null || entry.size() == 0 || entry.size() > LARGEST) {
      return otherwise;
    }
    var earlier = find(entry.path());
    if (earlier == null
        || earlier.offset() < 0
        || earlier.entry().size() != entry.size()
        || !digest.equals(earlier.digest())) {
      return otherwise;
    }
    long offset = earlier.offset();
    return () -> open(offset, (int) entry.size(), earlier, otherwise);
  }

  private InputStream open(long offset, int size, IndexEntry earlier, Content otherwise)
      throws IOException {
    if (!isInWindow(offset, size)) {
      return otherwise.open();
    }
    int at = (int) (offset - windowAt);
    return isWhole(at, size, earlier)
        ? new ByteArrayInputStream(window, at, size)
        : otherwise.open();
  }

  private boolean isWhole(int at, int size, IndexEntry earlier) {
    if (earlier.sum() == IndexEntry.NO_SUM) {
      var hash = Digest.sha256();
      hash.update(window, at, size);
      return Digest.ofHash(hash.digest()).equals(earlier.digest());
    }
    sum.reset();
    sum.update(window, at, size);
    return sum.getValue() == earlier.sum();
  }

  private @Nullable IndexEntry find(ArchivePath path) {
    while (next != null && next.compareTo(path) < 0) {
      next = cursor.next() ? cursor.path() : null;
    }
    return next != null && next.equals(path) && cursor.type() == TarEntry.Type.FILE
        ? cursor.entry()
        : null;
  }

  /// Whether the window holds these bytes, filled anew if it did not; false if the tar is shorter.
  private boolean isInWindow(long offset, int size) throws IOException {
    if (offset < windowAt || offset + size > windowAt + windowSize) {
      windowAt = offset;
      windowSize = 0;
      while (windowSize < size) {
        int count = plain().readAt(windowAt + windowSize, window, windowSize, WINDOW - windowSize);
        if (count < 0) {
          return false;
        }
        windowSize += count;
      }
    }
    return true;
  }

  private OpenFile plain() throws IOException {
    var open = plain;
    if (open == null) {
      open = layers.plain(diffId);
      plain = open;
    }
    return open;
  }

  @Override
  public void close() {
    var open = plain;
    if (open != null) {
      open.close();
    }
  }
}
