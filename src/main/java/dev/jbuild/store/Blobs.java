package dev.jbuild.store;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.OpenFile;
import dev.jbuild.linux.SmallFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/// Bytes kept under their digest.
///
/// A digest becomes visible only when all of its bytes are durable, so a reader, in this process or
/// another, sees whole content or none. That its name survives a power cut too is certain once
/// something that names it was made durable ([References], [#sync]). What is stored here is kept by
/// the store's lease. Safe for use by many threads and many processes.
public final class Blobs {

  /// Up to here content that is there already is compared instead of written again.
  private static final int COMPARED = 16 << 20;

  /// A blob of so many bytes is read sooner than Java has made the code with which it maps.
  private static final int UNMAPPED = 4 << 20;

  private final Layout layout;
  private final Lease lease;

  /// Whether a blob got its name here since the names were last made durable.
  private volatile boolean hasAdded;

  Blobs(Layout layout, Lease lease) {
    this.layout = layout;
    this.lease = lease;
  }

  /// The file of a blob, which need not exist. Its content is not to be trusted unread.
  public Path path(Digest digest) {
    return layout.blob(digest);
  }

  /// Whether the store holds `digest` at this moment; [Lease#keep] also says that it stays.
  public boolean contains(Digest digest) {
    return Files.isRegularFile(path(digest));
  }

  /// Whether the store holds what `descriptor` says, as far as its size tells.
  public boolean contains(Descriptor descriptor) throws IOException {
    try {
      return size(descriptor.digest()) == descriptor.size();
    } catch (MissingBlobException e) {
      return false;
    }
  }

  /// @throws MissingBlobException if the store does not hold it
  public long size(Digest digest) throws IOException {
    try {
      return Files.size(path(digest));
    } catch (NoSuchFileException e) {
      throw new MissingBlobException(digest);
    }
  }

  /// Opens content whose bytes are checked while they are read; the read that would give the last
  /// of them fails instead if they are not those of the digest.
  ///
  /// The stream fails with [CorruptBlobException]. It is not buffered.
  ///
  /// @throws MissingBlobException if the store does not hold it
  public InputStream open(Digest digest) throws IOException {
    return verified(digest);
  }

  private VerifiedStream verified(Digest digest) throws IOException {
    return new VerifiedStream(file(digest), digest, path(digest));
  }

  /// The same where the size is known.
  ///
  /// @throws CorruptBlobException at once if the blob has another
  public InputStream open(Descriptor descriptor) throws IOException {
    long size = size(descriptor.digest());
    if (size != descriptor.size()) {
      throw new CorruptBlobException(
          descriptor.digest(),
          path(descriptor.digest()),
          "it has " + size + " bytes instead of " + descriptor.size());
    }
    return open(descriptor.digest());
  }

  /// Opens content for random access. Nothing is checked.
  ///
  /// @throws MissingBlobException if the store does not hold it
  public OpenFile file(Digest digest) throws IOException {
    try {
      return OpenFile.open(path(digest));
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        throw new MissingBlobException(digest);
      }
      throw e;
    }
  }

  /// All of a blob, checked.
  ///
  /// @throws CorruptBlobException if it is longer than `max` bytes or damaged
  /// @throws MissingBlobException if the store does not hold it
  public byte[] read(Digest digest, int max) throws IOException {
    try (var in = verified(digest)) {
      long size = in.size();
      if (size > max) {
        throw new CorruptBlobException(
            digest, path(digest), "it has " + size + " bytes, at most " + max + " were expected");
      }
      var bytes = new byte[(int) size];
      int count = in.readNBytes(bytes, 0, bytes.length);
      if (count < bytes.length || in.read() >= 0) { // its end says whether it is what it should be
        throw new CorruptBlobException(digest, path(digest), "its length changed");
      }
      return bytes;
    }
  }

  /// The bytes of a blob, not checked: for readers that nothing damaged can harm. Those of a large
  /// one are mapped, and on no heap.
  ///
  /// @throws MissingBlobException if the store does not hold it
  public ByteBuffer map(Digest digest) throws IOException {
    long size = size(digest);
    if (size <= UNMAPPED) {
      try (var in = file(digest).inputStream()) {
        return ByteBuffer.wrap(in.readNBytes((int) size));
      }
    }
    try (var channel = FileChannel.open(path(digest), StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, Math.min(size, Integer.MAX_VALUE));
    }
  }

  /// Stores `content`. Storing the same bytes again is harmless and cheap.
  public Digest put(byte[] content) throws IOException {
    var digest = Digest.of(content);
    if (content.length <= COMPARED && lease.keep(digest) && holds(digest, content)) {
      return digest;
    }
    try (var writer = create()) {
      writer.write(content, 0, content.length);
      return writer.commit();
    }
  }

  private boolean holds(Digest digest, byte[] content) throws IOException {
    try {
      return size(digest) == content.length
          && Arrays.equals(SmallFile.bytes(path(digest)), content);
    } catch (MissingBlobException | NoSuchFileException e) {
      return false;
    }
  }

  /// Stores exactly `expected`, or nothing. Reads `source` to its end, or to the first byte too
  /// many, and does not close it.
  ///
  /// @throws WrongContentException if size or digest differ
  public void put(Descriptor expected, InputStream source) throws IOException {
    try (var writer = create()) {
      var buffer = new byte[BlobWriter.BUFFER];
      for (int n = source.read(buffer); n >= 0; n = source.read(buffer)) {
        if (writer.position() + n > expected.size()) {
          throw new WrongContentException(expected, "more bytes");
        }
        writer.write(buffer, 0, n);
      }
      if (writer.position() < expected.size()) {
        throw new WrongContentException(expected, "only " + writer.position() + " bytes");
      }
      writer.commit(expected);
    }
  }

  /// Begins new content, which is visible when it is committed.
  public BlobWriter create() throws IOException {
    return new BlobWriter(layout, lease, () -> hasAdded = true);
  }

  /// Makes the names of all blobs durable. What makes an image durable does so by itself.
  public void sync() throws IOException {
    hasAdded = false;
    try (var blobs = Directory.open(layout.blobs())) {
      blobs.sync();
    } catch (IOException e) {
      hasAdded = true;
      throw e;
    }
  }

  /// The same, if any name was given here since the last time.
  void syncAdded() throws IOException {
    if (hasAdded) {
      sync();
    }
  }
}
