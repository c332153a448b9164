package dev.jbuild.store;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;

/// A blob's bytes, of which the last are given out only if all of them are those of the digest.
final class VerifiedStream extends InputStream {

  private final OpenFile file;
  private final Digest digest;
  private final Path path;
  private final MessageDigest hash = Digest.sha256();
  private final long size;
  private long position;
  private boolean verified;

  VerifiedStream(OpenFile file, Digest digest, Path path) throws IOException {
    this.file = file;
    this.digest = digest;
    this.path = path;
    try {
      this.size = file.stat().size();
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /// How many bytes the file had when it was opened.
  long size() {
    return size;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int count = file.read(into, offset, length);
    if (count > 0) {
      hash.update(into, offset, count);
      position += count;
    }
    if (position > size || (count < 0 && position < size)) {
      throw corrupt("its length changes while it is read");
    }
    if (position == size && !verified) {
      verify();
    }
    return count;
  }

  @Override
  public int available() {
    return (int) Math.min(size - position, Integer.MAX_VALUE);
  }

  private void verify() throws CorruptBlobException {
    var actual = Digest.ofHash(hash.digest());
    if (!actual.equals(digest)) {
      throw corrupt("its bytes have the digest " + actual);
    }
    verified = true;
  }

  private CorruptBlobException corrupt(String why) {
    return new CorruptBlobException(digest, path, why);
  }

  @Override
  public void close() {
    file.close();
  }
}
