package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.OpenFile;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The layer that a step made the last time: what is unchanged of its files is read from there, one
/// large file from front to back, instead of being opened one by one where it was copied from.
///
/// A file is taken from it if path, size and digest are the same. Both layers are walked once, in
/// the order in which [LayerDraft] writes; of a layer in another order less is found, nothing
// wrong.
public final class EarlierLayer implements AutoCloseable {

  private final OpenFile plain;
  private final IndexCodec.Walk walk;
  private @Nullable IndexEntry next;

  private final byte[] window = new byte[1 << 17];
  private long windowAt;
  private int windowSize;

  private EarlierLayer(OpenFile plain, LayerIndex index) {
    this.plain = plain;
    this.walk = index.walk();
    this.next = walk.next();
  }

  /// @return empty if its bytes are not there, plain, or if what is in it is only claimed
  public static Optional<EarlierLayer> open(LayerReader layers, Digest diffId) throws IOException {
    if (!layers.isPlain(diffId)) {
      return Optional.empty();
    }
    var index = layers.index(diffId);
    return Optional.of(new EarlierLayer(layers.plain(diffId), index));
  }

  /// Where the content of `entry` is best read: here, or as it was.
  ///
  /// @param entry comes after all that were asked for
  /// @param digest of its content, if it is known
  Content content(TarEntry entry, @Nullable Digest digest, Content otherwise) {
    if (digest == null || entry.size() == 0) {
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
    return () -> new Part(offset, entry.size());
  }

  private @Nullable IndexEntry find(ArchivePath path) {
    var candidate = next;
    while (candidate != null && candidate.entry().path().compareTo(path) < 0) {
      candidate = walk.next();
    }
    next = candidate;
    return candidate != null && candidate.entry().isFile() && candidate.entry().path().equals(path)
        ? candidate
        : null;
  }

  /// What the window holds from `position`, which is filled anew if it holds nothing.
  private int inWindow(long position) throws IOException {
    if (position < windowAt || position >= windowAt + windowSize) {
      windowSize = Math.max(0, plain.readAt(position, window, 0, window.length));
      windowAt = position;
    }
    return (int) (windowAt + windowSize - position);
  }

  /// A part of the plain tar. It ends where the tar does, too, which its reader finds too short.
  private final class Part extends InputStream {

    private long position;
    private long left;

    Part(long position, long size) {
      this.position = position;
      this.left = size;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int there = left == 0 ? 0 : inWindow(position);
      if (there == 0) {
        return -1;
      }
      int count = (int) Math.min(Math.min(there, length), left);
      System.arraycopy(window, (int) (position - windowAt), into, offset, count);
      position += count;
      left -= count;
      return count;
    }
  }

  @Override
  public void close() {
    plain.close();
  }
}
