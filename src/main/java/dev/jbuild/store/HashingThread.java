package dev.jbuild.store;

import java.security.MessageDigest;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Hashes on a second core what another thread writes meanwhile. Fed by one thread, which it makes
/// wait when it is two mebibytes behind.
final class HashingThread {

  private static final int SLOTS = 16;

  private final MessageDigest hash;
  private final byte[][] slots = new byte[SLOTS][];
  private final int[] lengths = new int[SLOTS];
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long given;
  private long done;
  private boolean isEnded;
  private @Nullable Throwable failure;

  /// @param hash the thread's own until [#finish]
  HashingThread(MessageDigest hash) {
    this.hash = hash;
    Thread.ofPlatform().daemon().name("hash").start(this::run);
  }

  /// Takes a copy of these bytes.
  void update(byte[] from, int offset, int length) {
    int slot = free();
    var known = slots[slot];
    if (known == null || known.length < length) {
      known = new byte[length];
      slots[slot] = known;
    }
    System.arraycopy(from, offset, known, 0, length);
    lengths[slot] = length;
    lock.lock();
    try {
      given++;
      if (given - done == 1) { // else nobody waits for it
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Writing cannot be interrupted, and neither can this.
  private int free() {
    lock.lock();
    try {
      while (given - done == SLOTS && failure == null) {
        changed.awaitUninterruptibly();
      }
      return (int) (given % SLOTS);
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      for (int slot = next(); slot >= 0; slot = next()) {
        hash.update(slots[slot], 0, lengths[slot]);
        tell(true, null);
      }
    } catch (Throwable e) { // whatever it is, who waits for the hash gets it
      tell(false, e);
    }
  }

  /// The slot that is to be hashed; -1 at the end.
  private int next() {
    lock.lock();
    try {
      while (given == done && !isEnded) {
        changed.awaitUninterruptibly();
      }
      return given == done ? -1 : (int) (done % SLOTS);
    } finally {
      lock.unlock();
    }
  }

  private void tell(boolean isDone, @Nullable Throwable why) {
    lock.lock();
    try {
      done += isDone ? 1 : 0;
      failure = why;
      if (why != null || isEnded || given - done == SLOTS - 1) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits until all is hashed. The thread ends; the hash is the caller's again.
  void finish() {
    lock.lock();
    try {
      isEnded = true;
      changed.signalAll();
      while (done < given && failure == null) {
        changed.awaitUninterruptibly();
      }
      if (failure != null) {
        throw new IllegalStateException("hashing failed", failure);
      }
    } finally {
      lock.unlock();
    }
  }
}
