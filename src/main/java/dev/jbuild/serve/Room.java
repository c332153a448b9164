package dev.jbuild.serve;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// The part of the heap that documents may take at once, whoever sends or fetches them: any number
/// of clients, also slow ones, leaves the rest of it to others (reliability case 133).
///
/// Small documents have room of their own: nearly all are small, and few large ones would else keep
/// them out. So has what leaves, which what arrives cannot keep back. Safe for use by many threads.
final class Room {

  /// The launcher gives the heap 512 MiB.
  private static final int LARGE = 32 << 20;

  private static final int SMALL = 16 << 20;

  private static final int LARGEST_SMALL = 64 << 10;

  private final Semaphore arrivingLarge = new Semaphore(LARGE);
  private final Semaphore arrivingSmall = new Semaphore(SMALL);
  private final Semaphore leavingLarge = new Semaphore(LARGE);
  private final Semaphore leavingSmall = new Semaphore(SMALL);

  /// One at a time: a document that is understood takes many times its own size.
  private final Semaphore reader = new Semaphore(1);

  private final Duration patience;

  /// @param patience how long room is waited for
  Room(Duration patience) {
    this.patience = patience;
  }

  /// A part of the room, until it is closed.
  interface Part extends AutoCloseable {
    @Override
    void close();
  }

  static boolean isLarge(long bytes) {
    return bytes > LARGEST_SMALL;
  }

  /// Takes room for a document that a client sends.
  ///
  /// @throws Refusal (503) if there is none
  Part arriving(long bytes) {
    return part(isLarge(bytes) ? arrivingLarge : arrivingSmall, bytes);
  }

  /// Takes room for what is sent to a client.
  ///
  /// @throws Refusal (503) if there is none
  Part leaving(long bytes) {
    return part(isLarge(bytes) ? leavingLarge : leavingSmall, bytes);
  }

  private Part part(Semaphore free, long bytes) {
    int permits = Math.clamp(bytes, 0, LARGE);
    boolean taken;
    try {
      taken = free.tryAcquire(permits, patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      taken = false;
    }
    if (!taken) {
      throw Refusal.of(503, ErrorCode.UNKNOWN, "too many large documents are on their way")
          .with("Retry-After", "1");
    }
    return () -> free.release(permits);
  }

  /// Something that understands documents and waits for no client.
  interface Reading<T> {
    T run() throws IOException;
  }

  /// Runs it when no other does such a thing.
  <T> T reading(Reading<T> reading) throws IOException {
    reader.acquireUninterruptibly();
    try {
      return reading.run();
    } finally {
      reader.release();
    }
  }
}
