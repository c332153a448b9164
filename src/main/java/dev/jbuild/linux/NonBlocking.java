package dev.jbuild.linux;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;

/// Reads and writes what is opened without waiting (as all files here are) and has to be waited
/// for: pipes and terminals. One thread may read while another writes.
final class NonBlocking {

  private static final int POLLIN = 1;
  private static final int POLLOUT = 4;

  private final Opened file;

  NonBlocking(Opened file) {
    this.file = file;
  }

  /// Bytes as they come; the end is when nobody can write any more. Closing it closes nothing.
  InputStream inputStream() {
    return Streams.from(this::read);
  }

  /// Takes bytes as fast as they are read. Closing it closes nothing.
  OutputStream outputStream() {
    return Streams.to(this::write);
  }

  private int read(byte[] into, int offset, int length) throws LinuxException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    var scratch = Scratch.get();
    int wanted = Math.min(length, Scratch.BUFFER_SIZE);
    while (true) {
      long count = Kernel.call(SystemCall.READ, file.number(), scratch.buffer(), wanted);
      if (Kernel.is(count, Errno.EAGAIN)) {
        await(POLLIN);
        continue;
      }
      // What the end of a terminal is to its master (pty(7) is silent about it): EIO.
      if (count == 0 || Kernel.is(count, Errno.EIO)) {
        return -1;
      }
      file.check(count, SystemCall.READ);
      scratch.bufferBytes().get(0, into, offset, (int) count);
      return (int) count;
    }
  }

  private void write(byte[] from, int offset, int length) throws LinuxException {
    var scratch = Scratch.get();
    int end = offset + length;
    for (int at = offset; at < end; ) {
      int size = Math.min(end - at, Scratch.BUFFER_SIZE);
      long buffer = scratch.buffer(from, at, size);
      long count = Kernel.call(SystemCall.WRITE, file.number(), buffer, size);
      if (Kernel.is(count, Errno.EAGAIN)) {
        await(POLLOUT);
      } else {
        at += (int) file.check(count, SystemCall.WRITE);
      }
    }
  }

  private void await(int events) throws LinuxException {
    var scratch = Scratch.get();
    scratch.clearStruct();
    scratch.putLong(0, file.number() | (long) events << 32); // struct pollfd
    file.check(Kernel.call(SystemCall.PPOLL, scratch.struct(), 1, 0, 0, 0), SystemCall.PPOLL);
  }
}
