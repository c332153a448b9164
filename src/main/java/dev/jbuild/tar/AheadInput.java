package dev.jbuild.tar;

import dev.jbuild.failure.ThrownElsewhere;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A stream that is read on a thread of its own, up to two mebibytes ahead of who reads here: what
/// makes its bytes, and what is done with them, have a core each. A short one is read as it is.
///
/// What reading met is thrown here after the bytes before it. Closing ends the thread, waits for
/// it, and closes the stream. For one reader.
public final class AheadInput extends InputStream {

  private static final boolean HAS_CORES = Runtime.getRuntime().availableProcessors() > 1;

  /// So much is read before a thread is worth its start.
  private static final long LITTLE = 1 << 20;

  private static final int BLOCK = 128 << 10;
  private static final int SLOTS = 16;

  private final InputStream in;
  private final byte[][] slots = new byte[SLOTS][];
  private final int[] lengths = new int[SLOTS];
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long filled;
  private long emptied;
  private boolean isEnded;
  private boolean isClosed;
  private @Nullable Throwable failure;

  private @Nullable Thread thread;
  private long read;

  /// In the slot that is being emptied; its end at first.
  private int position;

  private int end;

  AheadInput(InputStream in) {
    this.in = in;
  }

  /// `in`, read ahead if there is a core for it.
  public static InputStream of(InputStream in) {
    return HAS_CORES ? new AheadInput(in) : in;
  }

  /// Block by block.
  @Override
  public long transferTo(OutputStream out) throws IOException {
    var buffer = new byte[BLOCK];
    long sum = 0;
    for (int n = read(buffer, 0, BLOCK); n >= 0; n = read(buffer, 0, BLOCK)) {
      out.write(buffer, 0, n);
      sum += n;
    }
    return sum;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    if (thread == null) {
      if (read < LITTLE) {
        int n = in.read(into, offset, length);
        read += Math.max(0, n);
        return n;
      }
      thread = Thread.ofPlatform().daemon().name("ahead").start(this::work);
    } else if (position == end && end > 0) {
      giveBack();
    }
    if (position == end && !take()) {
      return -1;
    }
    int n = Math.min(length, end - position);
    System.arraycopy(slots[(int) (emptied % SLOTS)], position, into, offset, n);
    position += n;
    return n;
  }

  private void giveBack() {
    lock.lock();
    try {
      emptied++;
      position = 0;
      end = 0;
      if (filled - emptied == SLOTS - 1) { // else nobody waits for it
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits for a slot; false at the end of the stream.
  private boolean take() throws IOException {
    lock.lock();
    try {
      while (filled == emptied && !isEnded) {
        changed.awaitUninterruptibly();
      }
      if (filled > emptied) {
        position = 0;
        end = lengths[(int) (emptied % SLOTS)];
        return true;
      }
      ThrownElsewhere.rethrow(failure);
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    for (int slot = free(); slot >= 0; slot = free()) {
      if (slots[slot] == null) {
        slots[slot] = new byte[BLOCK];
      }
      int length = 0;
      boolean ends = false;
      Throwable why = null;
      try {
        while (length < BLOCK && !ends) {
          int n = in.read(slots[slot], length, BLOCK - length);
          ends = n < 0;
          length += Math.max(0, n);
        }
      } catch (Throwable e) { // whatever it is, who reads here gets it
        ends = true;
        why = e;
      }
      tell(slot, length, ends, why);
    }
  }

  /// A slot to be filled; -1 when there is nothing more to read.
  private int free() {
    lock.lock();
    try {
      while (filled - emptied == SLOTS && !isClosed) {
        changed.awaitUninterruptibly();
      }
      return isClosed || isEnded ? -1 : (int) (filled % SLOTS);
    } finally {
      lock.unlock();
    }
  }

  private void tell(int slot, int length, boolean ends, @Nullable Throwable why) {
    lock.lock();
    try {
      if (length > 0) {
        lengths[slot] = length;
        filled++;
      }
      isEnded = ends;
      failure = why;
      if (ends || filled - emptied == 1) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      isClosed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    var working = thread;
    if (working != null) {
      await(working); // it reads to the end of its block at most
    }
    in.close();
  }

  /// Waits for the end of a thread, and keeps an interrupt for later.
  static void await(Thread working) {
    boolean isInterrupted = false;
    while (working.isAlive()) {
      try {
        working.join();
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
