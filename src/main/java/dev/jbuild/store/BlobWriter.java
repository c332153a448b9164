package dev.jbuild.store;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.OpenFile;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// New content of a store, hashed while it is written. Closed before it is committed it leaves
/// nothing. For one thread.
public final class BlobWriter extends OutputStream {

  /// Fits a core's second cache, so that hashing and writing read the bytes from there.
  static final int BUFFER = 128 << 10;

  /// Most blobs are documents: memory that is used for the first time takes its time.
  private static final int SMALL_BUFFER = 4 << 10;

  /// So many bytes are on their way to the disk together.
  private static final int AHEAD = 8 << 20;

  private static final int PERMISSIONS = 0444;

  /// Of what will be opened again.
  private static final int UNFINISHED = 0600;

  /// From here on a second thread hashes: content this large is worth one.
  private static final long LARGE = 4 << 20;

  private static final boolean HAS_CORES = Runtime.getRuntime().availableProcessors() > 1;

  private final Layout layout;
  private final Lease lease;
  private final Runnable onPublished;
  private final Directory temps;
  private final byte[] name;
  private final MessageDigest hash = Digest.sha256();
  private @Nullable OpenFile file;
  private byte @Nullable [] buffer;
  private int buffered;
  private long position;
  private long begun;
  private boolean finished;
  private boolean hashesAside = HAS_CORES;
  private long written;
  private @Nullable HashingThread hashing;

  /// @param onPublished told when the blob has its name
  BlobWriter(Layout layout, Lease lease, Runnable onPublished) throws IOException {
    this.layout = layout;
    this.lease = lease;
    this.onPublished = onPublished;
    this.temps = lease.temps().directory();
    this.name = lease.temps().freshName();
    try {
      this.file = temps.createFile(name, PERMISSIONS);
    } catch (IOException e) {
      throw StoreFailures.unlessFull(e, layout.root());
    }
  }

  /// Has this thread hash all of it: the bytes come from another one, which has the second core.
  public BlobWriter hashingHere() {
    hashesAside = false;
    return this;
  }

  /// How many bytes were written so far.
  public long position() {
    return position;
  }

  /// Lets go of descriptor, buffer and thread until it is written to or committed, which may be
  /// never.
  public void pause() throws IOException {
    flushBuffer();
    endHashing();
    buffer = null;
    var open = file;
    if (open != null && !finished) {
      open.setMode(UNFINISHED);
      file = null;
      open.close();
    }
  }

  private OpenFile file() throws IOException {
    var open = file;
    if (open == null) {
      open = temps.openForAppending(name);
      file = open;
    }
    return open;
  }

  /// The buffer, with room for `count` bytes more.
  private byte[] buffer(int count) {
    var known = buffer;
    int size = buffered + count <= SMALL_BUFFER ? SMALL_BUFFER : BUFFER;
    if (known == null) {
      known = new byte[size];
    } else if (known.length < size) {
      known = Arrays.copyOf(known, size);
    }
    buffer = known;
    return known;
  }

  @Override
  public void write(int b) throws IOException {
    if (buffered == BUFFER) {
      flushBuffer();
    }
    buffer(1)[buffered++] = (byte) b;
    position++;
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, from.length);
    int at = offset;
    int end = offset + length;
    while (at < end) {
      if (buffered == 0 && end - at >= BUFFER) {
        writeOut(from, at, BUFFER);
        at += BUFFER;
        continue;
      }
      int size = Math.min(end - at, BUFFER - buffered);
      System.arraycopy(from, at, buffer(size), buffered, size);
      buffered += size;
      at += size;
      if (buffered == BUFFER) {
        flushBuffer();
      }
    }
    position += length;
  }

  private void flushBuffer() throws IOException {
    if (buffered > 0) {
      writeOut(buffer(0), 0, buffered);
      buffered = 0;
    }
  }

  private void writeOut(byte[] from, int offset, int length) throws IOException {
    requireOpen();
    written += length;
    var aside = hashing;
    if (aside == null && written > LARGE && hashesAside) {
      aside = new HashingThread(hash);
      hashing = aside;
    }
    if (aside != null) {
      aside.update(from, offset, length);
    }
    try {
      file().write(from, offset, length);
    } catch (IOException e) {
      throw StoreFailures.unlessFull(e, layout.root());
    }
    if (aside == null) {
      hash.update(from, offset, length);
    }
    if (written - begun >= AHEAD) { // the disk works while the rest arrives
      file().beginSync(begun, written - begun);
      begun = written;
    }
  }

  private void requireOpen() throws IOException {
    if (finished) {
      throw new IOException("the blob is committed or closed");
    }
  }

  private void endHashing() {
    var aside = hashing;
    hashing = null;
    if (aside != null) {
      aside.finish();
    }
  }

  /// Makes the content durable, then visible, and says what it is. A blob of that digest that was
  /// there is replaced: it may have been damaged.
  public Digest commit() throws IOException {
    var digest = finish();
    publish(digest);
    return digest;
  }

  /// The same for content that must be `expected`.
  ///
  /// @throws WrongContentException if it is not; nothing becomes visible
  public void commit(Descriptor expected) throws IOException {
    var digest = finish();
    if (position != expected.size() || !digest.equals(expected.digest())) {
      throw new WrongContentException(expected, digest + " with " + position + " bytes");
    }
    publish(digest);
  }

  private Digest finish() throws IOException {
    requireOpen();
    flushBuffer();
    endHashing();
    return Digest.ofHash(hash.digest());
  }

  private void publish(Digest digest) throws IOException {
    var whole = file();
    try {
      whole.setMode(PERMISSIONS);
      whole.sync();
      try (var _ = lease.shared();
          var blobs = Directory.open(layout.blobs())) {
        lease.claim(digest);
        temps.rename(name, blobs, TempArea.bytes(digest.hex()));
        onPublished.run();
      }
    } catch (IOException e) {
      throw StoreFailures.unlessFull(e, layout.root());
    }
    finished = true;
    whole.close();
  }

  @Override
  public void close() throws IOException {
    if (!finished) {
      finished = true;
      try (var _ = file) {
        endHashing();
      } finally {
        temps.unlink(name);
      }
    }
  }
}
