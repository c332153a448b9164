package dev.jbuild.registry;

import dev.jbuild.http.PassingException;
import dev.jbuild.http.WebAnswer;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A blob as it comes from a registry, for one that it is copied to. Read from its first byte to
/// its last it is verified: the read that would give the end fails if it is another.
final class BlobStream extends InputStream {

  private final WebAnswer answer;
  private final Descriptor blob;
  private final @Nullable MessageDigest hash;
  private final ArrayDeque<ByteBuffer> pieces = new ArrayDeque<>();
  private long at;
  private boolean verified;

  private BlobStream(WebAnswer answer, Descriptor blob, long offset) {
    this.answer = answer;
    this.blob = blob;
    this.at = offset;
    this.hash = offset == 0 ? Digest.sha256() : null;
  }

  /// Opens a blob at an offset, whether the registry knows ranges or not.
  static BlobStream open(Repository repository, Descriptor blob, long offset) throws IOException {
    try {
      var answer = repository.blob(blob, offset);
      boolean continued = answer.status() == 206;
      var stream = new BlobStream(answer, blob, continued ? offset : 0);
      if (!continued) {
        stream.skipNBytes(offset);
      }
      return stream;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    while (pieces.isEmpty() || !pieces.getFirst().hasRemaining()) {
      pieces.poll();
      if (pieces.isEmpty() && !more()) {
        verify();
        return -1;
      }
    }
    int n = Math.min(length, pieces.getFirst().remaining());
    pieces.getFirst().get(into, offset, n);
    at += n;
    if (at > blob.size()) {
      throw wrong("it is longer than " + blob.size() + " bytes");
    }
    if (hash != null) {
      hash.update(into, offset, n);
    }
    if (at == blob.size()) {
      verify();
    }
    return n;
  }

  private boolean more() throws IOException {
    try {
      var next = answer.next();
      if (next == null) {
        return false;
      }
      pieces.addAll(next);
      return true;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void verify() throws IOException {
    if (at < blob.size()) {
      throw new PassingException("the body ends too early", Optional.empty());
    }
    if (hash != null && !verified) {
      verified = true;
      var found = Digest.ofHash(hash.digest());
      if (!found.equals(blob.digest())) {
        throw wrong("it is " + found);
      }
    }
  }

  private IOException wrong(String why) {
    return new IOException(blob.digest() + " is not what it should be: " + why);
  }

  private static InterruptedIOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    var failure = new InterruptedIOException("interrupted while copying");
    failure.initCause(e);
    return failure;
  }

  @Override
  public void close() {
    answer.close();
  }
}
