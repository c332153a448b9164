package dev.jbuild.registry;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// A plain layer that is being compressed into a file, and can be read from it meanwhile: the
/// network does not wait for the compressor, and what was cut is sent again without compressing it
/// again.
final class Spool implements AutoCloseable {

  private static final int BUFFER = 1 << 17;

  private final Path file;
  private final Thread compressor;
  private long written;
  private @Nullable Descriptor result;
  private @Nullable IOException failure;
  private boolean closed;

  /// Begins to compress.
  ///
  /// @param directory for the file, which goes with [#close]
  Spool(
      Store store,
      Digest diffId,
      Compression compression,
      OptionalInt level,
      int threads,
      Path directory)
      throws IOException {
    this.file = directory.resolve(diffId.hex());
    Files.createFile(file);
    this.compressor =
        Thread.ofPlatform()
            .daemon()
            .name("compressor")
            .start(() -> compress(store, diffId, compression, level, threads));
  }

  private void compress(
      Store store, Digest diffId, Compression compression, OptionalInt level, int threads) {
    try {
      var hashed = new DigestOutputStream(new Told(Files.newOutputStream(file)), Digest.sha256());
      try (OutputStream out = new BufferedOutputStream(hashed, BUFFER);
          InputStream plain = store.blobs().open(diffId);
          OutputStream packed = compression.compress(out, level, threads)) {
        var buffer = new byte[BUFFER];
        for (int n = plain.read(buffer); n >= 0; n = plain.read(buffer)) {
          packed.write(buffer, 0, n);
        }
      }
      var digest = Digest.ofHash(hashed.getMessageDigest().digest());
      finished(new Descriptor(LayerKind.of(compression), digest, Files.size(file)), null);
    } catch (IOException e) {
      finished(null, e);
    } catch (RuntimeException e) {
      finished(null, new IOException(e));
    }
  }

  private synchronized void finished(@Nullable Descriptor made, @Nullable IOException failed) {
    result = made;
    failure = failed;
    notifyAll();
  }

  /// Tells readers of each write, and stops when nobody reads any more.
  private final class Told extends FilterOutputStream {

    Told(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      synchronized (Spool.this) {
        if (closed) {
          throw new IOException("nobody wants the layer any more");
        }
        written += length;
        Spool.this.notifyAll();
      }
    }
  }

  /// What the compressed layer is; waits for it.
  synchronized Descriptor result() throws IOException, InterruptedException {
    while (result == null && failure == null) {
      wait();
    }
    if (failure != null) {
      throw failure;
    }
    return Objects.requireNonNull(result);
  }

  /// The compressed bytes from `offset` on; a read waits for the compressor.
  InputStream open(long offset) throws IOException {
    var channel = FileChannel.open(file, StandardOpenOption.READ);
    channel.position(offset);
    return new Reader(channel, offset);
  }

  /// How many bytes may be read at `offset`; 0 at the end.
  private synchronized long ready(long offset) throws IOException {
    while (written <= offset && result == null && failure == null && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new java.io.InterruptedIOException("interrupted while waiting for the compressor");
      }
    }
    if (failure != null) {
      throw failure;
    }
    if (closed) {
      throw new EOFException("the layer is not sent any more");
    }
    return Math.max(0, (result == null ? written : result.size()) - offset);
  }

  private final class Reader extends InputStream {
    private final FileChannel channel;
    private long at;

    Reader(FileChannel channel, long at) {
      this.channel = channel;
      this.at = at;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      long most = ready(at);
      if (most == 0) {
        return -1;
      }
      int n = channel.read(ByteBuffer.wrap(into, offset, (int) Math.min(length, most)));
      at += Math.max(0, n);
      return n;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /// Stops the compressor and removes the file.
  @Override
  public void close() throws IOException {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      compressor.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Files.deleteIfExists(file);
  }
}
