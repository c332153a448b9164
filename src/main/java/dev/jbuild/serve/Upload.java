package dev.jbuild.serve;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// A blob that is being sent: bytes that only grow at their end, until they are committed.
///
/// One request at a time may work on it, between [#enter] and [#leave].
abstract sealed class Upload permits FileUpload, StoreUpload {

  /// Fits many clients at once.
  static final int BUFFER = 32 << 10;

  private static final long PATIENCE_SECONDS = 10;

  private final String id;
  private final ReentrantLock busy = new ReentrantLock();
  private volatile long grown;

  /// @param idle for how long it has not grown already
  Upload(String id, Duration idle) {
    this.id = id;
    this.grown = System.nanoTime() - idle.toNanos();
  }

  /// What its address ends with: a UUID.
  final String id() {
    return id;
  }

  /// Waits for a request that is at work; it may be one whose client is gone.
  ///
  /// @throws Refusal if it stays at work
  final void enter() {
    try {
      if (busy.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw Refusal.of(
            409, ErrorCode.BLOB_UPLOAD_INVALID, "another request is sending to this upload")
        .with("Retry-After", "10");
  }

  final void leave() {
    busy.unlock();
  }

  /// Cancels it if no request is at work on it and it has not grown for so long.
  ///
  /// @return whether it is over
  final boolean cancelIfIdle(Duration patience) throws IOException {
    if (!busy.tryLock()) {
      return false;
    }
    try {
      if (isOpen() && idle().compareTo(patience) >= 0) {
        cancel();
      }
      return !isOpen();
    } finally {
      busy.unlock();
    }
  }

  /// For how long it has not grown, whatever happens to the time of day.
  final Duration idle() {
    return Duration.ofNanos(System.nanoTime() - grown);
  }

  /// Says that bytes have come.
  final void grew() {
    grown = System.nanoTime();
  }

  /// How many bytes are there.
  abstract long size() throws IOException;

  /// Whether it was neither committed nor cancelled.
  abstract boolean isOpen();

  /// Adds all that `source` yields. What came before a failure of the source stays.
  abstract void append(InputStream source) throws IOException;

  /// Makes the bytes a blob of the repository. The upload is over, whether they are or not.
  ///
  /// @throws Refusal (DIGEST_INVALID) if their digest is another; nothing is kept of them
  abstract void commit(ContentDigest expected) throws IOException;

  /// Ends the upload and forgets the bytes.
  abstract void cancel() throws IOException;

  static Refusal wrongDigest(ContentDigest expected, ContentDigest actual) {
    return Refusal.bad(
        ErrorCode.DIGEST_INVALID,
        "the bytes that were sent have the digest " + actual + ", not " + expected);
  }
}
