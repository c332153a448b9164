package dev.jbuild.serve;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.MediaType;
import dev.jbuild.store.BlobWriter;
import dev.jbuild.store.WrongContentException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/// An upload into jbuild's store. It ends with the server. Between two requests it holds a name and
/// the state of a digest, no descriptor and no thread: its client may never come back.
final class StoreUpload extends Upload {

  private static final MediaType BYTES = new MediaType("application/octet-stream");

  private final StoreContent owner;
  private final LeasedStore.Handle handle;
  private final RepositoryName repository;
  private final BlobWriter writer;
  private boolean open = true;

  StoreUpload(
      String id,
      StoreContent owner,
      LeasedStore.Handle handle,
      RepositoryName repository,
      BlobWriter writer) {
    super(id, Duration.ZERO);
    this.owner = owner;
    this.handle = handle;
    this.repository = repository;
    this.writer = writer;
  }

  RepositoryName repository() {
    return repository;
  }

  @Override
  long size() {
    return writer.position();
  }

  @Override
  boolean isOpen() {
    return open;
  }

  @Override
  void append(InputStream source) throws IOException {
    var bytes = new byte[BUFFER];
    int count;
    try {
      while ((count = source.read(bytes, 0, bytes.length)) >= 0) {
        writer.write(bytes, 0, count);
        grew();
      }
    } finally {
      writer.pause();
    }
  }

  @Override
  void commit(ContentDigest expected) throws IOException {
    try {
      var digest = StoreContent.sha256(expected);
      writer.commit(new Descriptor(BYTES, digest, writer.position()));
      owner.added(repository, digest);
    } catch (WrongContentException e) {
      throw Refusal.bad(
          ErrorCode.DIGEST_INVALID, "the bytes that were sent do not have the digest " + expected);
    } finally {
      cancel();
    }
  }

  @Override
  void cancel() throws IOException {
    if (open) {
      open = false;
      owner.forget(this);
      try {
        writer.close();
      } finally {
        handle.release();
      }
    }
  }
}
