package dev.jbuild.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;

/// What a person types, for one reader after the other. A thread that waits for a key cannot be
/// woken up: here it is always the same one, so that a reader who has gone takes no key from the
/// next.
final class Keyboard {

  private static final int BUFFER = 1 << 12;

  private final InputStream keys;
  private final Deque<Byte> typed = new ArrayDeque<>(); // guarded by this
  private boolean isStarted; // guarded by this
  private boolean isAtEnd; // guarded by this

  Keyboard(InputStream keys) {
    this.keys = keys;
  }

  /// What is typed from now on, until closed; whoever waits then reads the end.
  synchronized InputStream reader() {
    typed.clear();
    if (!isStarted) {
      isStarted = true;
      Thread.ofPlatform().daemon().name("keyboard").start(this::gather);
    }
    return new Reader();
  }

  private void gather() {
    var buffer = new byte[BUFFER];
    try {
      for (int n; (n = keys.read(buffer)) >= 0; ) {
        synchronized (this) {
          for (int i = 0; i < n; i++) {
            typed.add(buffer[i]);
          }
          notifyAll();
        }
      }
    } catch (IOException e) {
      // The terminal is gone.
    }
    synchronized (this) {
      isAtEnd = true;
      notifyAll();
    }
  }

  private final class Reader extends InputStream {

    private boolean isClosed; // guarded by the keyboard

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      synchronized (Keyboard.this) {
        try {
          while (typed.isEmpty() && !isClosed && !isAtEnd) {
            Keyboard.this.wait();
          }
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
        if (isClosed || typed.isEmpty()) {
          return -1;
        }
        int n = 0;
        while (n < length && !typed.isEmpty()) {
          into[offset + n++] = typed.remove();
        }
        return n;
      }
    }

    @Override
    public void close() {
      synchronized (Keyboard.this) {
        isClosed = true;
        Keyboard.this.notifyAll();
      }
    }
  }
}
