package dev.jbuild.linux;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A program that was started without Java's help, through [KernelLibrary#spawn]: without
/// arguments, with an empty environment, in the root directory, with three pipes and no other
/// descriptors. What its streams write and read is not buffered.
///
/// When Java starts its first process it looks for a logger, for which it opens all jars
/// (docs/decisions/0020-child-processes.md).
///
/// Whoever starts it waits for its end, one thread at a time, and closes its streams, which outlive
/// it. It has a number and no [ProcessHandle].
public final class ChildProcess extends Process {

  private static final int O_CLOEXEC = 02000000;
  private static final int POLLIN = 1;
  private static final int SIGKILL = 9;
  private static final int WNOHANG = 1;

  /// What a shell answers for a program that it cannot execute.
  private static final int NOT_EXECUTED = 127;

  /// What is added to the number of the signal that ended a program, as Java does it.
  private static final int BY_SIGNAL = 128;

  /// Where children are reaped by the kernel: jbuild was started with SIGCHLD ignored.
  private static final int UNKNOWN = -1;

  /// After so long a thread that waits looks whether it was interrupted.
  private static final long GLANCE_NANOS = 50_000_000;

  private static final boolean IS_POSSIBLE = KernelLibrary.isLoaded() && canWatch();

  private final int pid;
  private final Opened handle; // pidfd_open(2)
  private final OutputStream input;
  private final InputStream output;
  private final InputStream errors;
  private @Nullable Integer exitValue; // guarded by this

  private ChildProcess(int pid, Opened handle, OpenFile input, OpenFile output, OpenFile errors) {
    this.pid = pid;
    this.handle = handle;
    this.input = input.closingOutputStream();
    this.output = output.closingStream();
    this.errors = new Closable(errors);
  }

  /// Whether any can be started: there is the library for this processor, and the kernel, or what
  /// stands in its place in a container, lets a process be watched.
  public static boolean isPossible() {
    return IS_POSSIBLE;
  }

  private static boolean canWatch() {
    long handle = Kernel.call(SystemCall.PIDFD_OPEN, Machine.pid(), 0);
    if (handle >= 0) {
      Kernel.close(handle);
    }
    return handle >= 0;
  }

  /// Starts `program`.
  ///
  /// @throws LinuxException if it cannot be executed; then there is no process
  public static ChildProcess start(Path program) throws IOException {
    var path = Where.bytes(program);
    var where = Where.of(path);
    try (var input = Pipe.open(where);
        var output = Pipe.open(where);
        var errors = Pipe.open(where)) {
      var calls = new SpawnCalls();
      calls.add(SystemCall.DUP3, input.reader.number(), 0);
      calls.add(SystemCall.DUP3, output.writer.number(), 1);
      calls.add(SystemCall.DUP3, errors.writer.number(), 2);
      calls.add(SystemCall.CLOSE_RANGE, 3, 0xFFFF_FFFFL);
      calls.add(SystemCall.CHDIR, calls.text(new byte[] {'/'}), 0);
      calls.execute(path);
      calls.add(SystemCall.EXIT_GROUP, NOT_EXECUTED, 0);
      int pid = calls.spawn(where);
      try {
        calls.check(where);
        long handle = Kernel.call(SystemCall.PIDFD_OPEN, pid, 0);
        Kernel.check(handle, SystemCall.PIDFD_OPEN, where);
        return new ChildProcess(
            pid,
            new Opened(handle, where),
            input.keepWriter(),
            output.keepReader(),
            errors.keepReader());
      } catch (IOException e) {
        input.writer.close(); // it has not begun, or ends with its input
        Kernel.call(SystemCall.WAIT4, pid, 0, 0, 0);
        throw e;
      }
    }
  }

  /// pipe(2): both ends are closed with it, unless one is kept.
  private static final class Pipe implements AutoCloseable {

    private final OpenFile reader;
    private final OpenFile writer;
    private @Nullable OpenFile kept;

    private Pipe(OpenFile reader, OpenFile writer) {
      this.reader = reader;
      this.writer = writer;
    }

    static Pipe open(Where where) throws LinuxException {
      var scratch = Scratch.get();
      long result = Kernel.call(SystemCall.PIPE2, scratch.struct(), O_CLOEXEC);
      Kernel.check(result, SystemCall.PIPE2, where);
      return new Pipe(
          new OpenFile(scratch.getInt(0), where), new OpenFile(scratch.getInt(4), where));
    }

    OpenFile keepReader() {
      kept = reader;
      return reader;
    }

    OpenFile keepWriter() {
      kept = writer;
      return writer;
    }

    @Override
    public void close() {
      if (kept != reader) {
        reader.close();
      }
      if (kept != writer) {
        writer.close();
      }
    }
  }

  /// Has nothing to read once it is closed, which another thread may do at any time.
  private static final class Closable extends InputStream {

    private final OpenFile file;
    private boolean isClosed; // guarded by this

    Closable(OpenFile file) {
      this.file = file;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public synchronized int read(byte[] into, int offset, int length) throws IOException {
      return isClosed ? -1 : file.read(into, offset, length);
    }

    @Override
    public synchronized void close() {
      isClosed = true;
      file.close();
    }
  }

  /// What is written here it reads. Closing it is the end of that.
  @Override
  public OutputStream getOutputStream() {
    return input;
  }

  /// What it writes.
  @Override
  public InputStream getInputStream() {
    return output;
  }

  /// What it writes to its standard error. It may be closed by another thread, and read when
  /// nobody can write any more.
  @Override
  public InputStream getErrorStream() {
    return errors;
  }

  @Override
  public long pid() {
    return pid;
  }

  @Override
  public int waitFor() throws InterruptedException {
    while (!hasEnded(GLANCE_NANOS)) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
    return exitValue();
  }

  /// @throws IllegalThreadStateException if it has not ended
  @Override
  public int exitValue() {
    if (!hasEnded(0)) {
      throw new IllegalThreadStateException("process " + pid + " has not ended");
    }
    synchronized (this) {
      return Objects.requireNonNull(exitValue);
    }
  }

  /// Waits up to `nanos`, less than a second, for the end.
  private boolean hasEnded(long nanos) {
    synchronized (this) {
      if (exitValue != null) {
        return true;
      }
    }
    var scratch = Scratch.get();
    scratch.clearStruct();
    scratch.putLong(0, handle.number() | (long) POLLIN << 32); // struct pollfd
    scratch.putLong(24, nanos); // of a struct timespec
    Kernel.call(SystemCall.PPOLL, scratch.struct(), 1, scratch.struct() + 16, 0, 0);
    return isReaped();
  }

  private synchronized boolean isReaped() {
    var scratch = Scratch.get();
    long result = Kernel.call(SystemCall.WAIT4, pid, scratch.struct(), WNOHANG, 0);
    if (result == 0) {
      return false;
    }
    exitValue = result < 0 ? UNKNOWN : value(scratch.getInt(0));
    handle.close();
    return true;
  }

  /// @param status as wait(2) has it
  private static int value(int status) {
    int signal = status & 0x7F;
    return signal == 0 ? status >> 8 & 0xFF : BY_SIGNAL + signal;
  }

  /// Kills it.
  @Override
  public synchronized void destroy() {
    if (exitValue == null) {
      Kernel.call(SystemCall.PIDFD_SEND_SIGNAL, handle.number(), SIGKILL, 0, 0);
    }
  }
}
