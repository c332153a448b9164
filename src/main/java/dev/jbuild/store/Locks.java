package dev.jbuild.store;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.FileLock;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.SmallFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Waiting for the locks of a store: interruptible, and never for ever where the holder should be
/// quick.
///
/// A lock is the kernel's and ends with its holder; the file's text only tells who that was.
final class Locks {

  /// Tagging and counting take milliseconds; pruning a huge store takes longer.
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

  private static final long FIRST_PAUSE_NANOS = 500_000;
  private static final long LONGEST_PAUSE_NANOS = 20_000_000;

  private Locks() {}

  /// The length of the text about a holder.
  private static final int HOLDER = 20;

  /// Takes a lock, or nothing if it is not free.
  interface Attempt {
    Optional<FileLock> get() throws IOException;
  }

  static FileLock shared(Path file) throws IOException {
    return within(() -> FileLock.tryShared(file), file, PATIENCE);
  }

  /// Leaves in the file who holds it.
  static FileLock exclusive(Path file) throws IOException {
    return exclusive(file, PATIENCE);
  }

  static FileLock exclusive(Path file, Duration patience) throws IOException {
    var lock = within(() -> FileLock.tryExclusive(file), file, patience);
    // As long as any other, so that none is left of a longer one. A file that was cut is written
    // to the disk when it is closed (ext4), which takes longer than all else that happens here.
    var holder = new StringBuilder("process ").append(Machine.pid());
    holder.repeat(' ', Math.max(0, HOLDER - holder.length()));
    lock.note(holder.toString().getBytes(StandardCharsets.US_ASCII));
    return lock;
  }

  /// Tries as long as it takes.
  static FileLock patiently(Attempt attempt) throws IOException {
    return patiently(attempt, () -> {});
  }

  /// The same.
  ///
  /// @param waits called once if it is not free at once
  static FileLock patiently(Attempt attempt, Runnable waits) throws IOException {
    var free = attempt.get();
    if (free.isPresent()) {
      return free.get();
    }
    waits.run();
    return within(attempt, Path.of(""), FOREVER);
  }

  private static FileLock within(Attempt attempt, Path file, Duration patience) throws IOException {
    long start = System.nanoTime();
    long pause = FIRST_PAUSE_NANOS;
    while (true) {
      var lock = attempt.get();
      if (lock.isPresent()) {
        return lock.get();
      }
      if (System.nanoTime() - start > patience.toNanos()) {
        throw held(file, patience);
      }
      sleep(pause);
      pause = Math.min(pause + pause / 2, LONGEST_PAUSE_NANOS);
    }
  }

  private static void sleep(long nanos) throws InterruptedIOException {
    try {
      Thread.sleep(Duration.ofNanos(nanos));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a lock of the store");
    }
  }

  private static BuildFailure held(Path file, Duration patience) throws IOException {
    var holder = SmallFile.text(file).strip();
    return BuildFailure.of(
            BuildFailure.Kind.STORE,
            "the lock "
                + Printable.of(file.toString())
                + " was not free for "
                + patience.toSeconds()
                + " seconds"
                + (holder.isEmpty() ? "" : ", last held by " + Printable.of(holder)))
        .hint("see whether that process is stopped or hangs");
  }
}
