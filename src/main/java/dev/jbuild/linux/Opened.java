package dev.jbuild.linux;

import java.util.concurrent.atomic.AtomicInteger;

/// An open file descriptor with the name that messages use. Closed once, however often it is asked.
///
/// Its number may be used by others as soon as it is closed: whoever closes it while another
/// thread still works with it has a bug that nothing here can find.
final class Opened implements AutoCloseable {

  private static final int CLOSED = -1;

  private final AtomicInteger number;
  private final Where where;

  Opened(long number, Where where) {
    this.number = new AtomicInteger((int) number);
    this.where = where;
  }

  /// @throws IllegalStateException if it is closed
  int number() {
    int fd = number.get();
    if (fd == CLOSED) {
      throw new IllegalStateException("already closed: " + where.text());
    }
    return fd;
  }

  Where where() {
    return where;
  }

  /// Makes the call about this file.
  ///
  /// @return its result
  long check(long result, SystemCall call) throws LinuxException {
    return Kernel.check(result, call, where);
  }

  @Override
  public void close() {
    int fd = number.getAndSet(CLOSED);
    if (fd != CLOSED) {
      Kernel.close(fd);
    }
  }
}
