package dev.jbuild.tar;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The plain side of a stream that a program of the system decompresses, on a core of its own: xz
/// and bzip2 take half the time of what does the same in Java.
///
/// Whatever the program says on its standard error is a failure, also what it calls a warning. For
/// one reader.
final class ProgramInput extends InputStream {

  /// A stream of fewer bytes is not worth a process.
  private static final int LONG = 1 << 20;

  private static final int MOST_SAID = 4096;

  private final Process process;
  private final Thread feeder;
  private final Thread listener;
  private volatile String said = "";

  private ProgramInput(Process process, InputStream compressed) {
    this.process = process;
    this.feeder = Thread.ofPlatform().daemon().name("feeder").start(() -> feed(compressed));
    this.listener = Thread.ofPlatform().daemon().name("listener").start(this::listen);
  }

  /// What `in` is decompressed to: by the program if it is long and the program installed, else by
  /// the codec.
  ///
  /// @param command the program and its arguments: from standard input to standard output
  /// @param codec what does the same in Java
  static InputStream open(CompressedInput in, List<String> command, ExpandedInput.Codec codec)
      throws IOException {
    if (!in.isLong(LONG)) {
      return codec.open(in);
    }
    var builder = new ProcessBuilder(command);
    // Not as options: BusyBox has a program of this name that knows fewer.
    builder.environment().put("XZ_DEFAULTS", "--memlimit-decompress=" + Codecs.XZ_MEMORY);
    builder.environment().remove("XZ_OPT");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) { // it is not installed
      return codec.open(in);
    }
    return new ProgramInput(process, in);
  }

  /// A failure below is known to the stream that failed, and one of the program to its exit code.
  private void feed(InputStream compressed) {
    try (var program = process.getOutputStream()) {
      compressed.transferTo(program);
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
    }
  }

  private void listen() {
    try (var errors = process.getErrorStream()) {
      said = new String(errors.readNBytes(MOST_SAID), StandardCharsets.UTF_8);
      errors.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      said = "what the program says cannot be read: " + e.getMessage();
    }
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int n = process.getInputStream().read(into, offset, length);
    if (n < 0) {
      requireSuccess();
    }
    return n;
  }

  private void requireSuccess() throws IOException {
    try {
      feeder.join();
      listener.join();
      int code = process.waitFor();
      if (code != 0 || !said.isEmpty()) {
        throw new IOException(said.lines().findFirst().orElse("the program ended with " + code));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a program decompressed");
    }
  }

  /// Ends the program, and waits until nobody reads what is compressed any more.
  @Override
  public void close() {
    process.destroyForcibly();
    AheadInput.await(feeder);
    AheadInput.await(listener);
  }
}
