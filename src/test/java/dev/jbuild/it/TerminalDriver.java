package dev.jbuild.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jbuild.linux.PseudoTerminal;
import dev.jbuild.linux.WindowSize;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// A person at a terminal of 30 rows and 100 columns: starts a command on it, types, reads.
final class TerminalDriver implements AutoCloseable {

  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

  private static final int PAUSE_MILLIS = 10;

  private final PseudoTerminal terminal;
  private final String slave;
  private final String before;
  private final Process process;
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream(); // guarded by itself
  private int seen;

  TerminalDriver(Path directory, Map<String, String> environment, List<String> command)
      throws IOException {
    terminal = PseudoTerminal.open(Path.of("/dev"));
    terminal.resize(new WindowSize(30, 100));
    slave = "/dev/pts/" + terminal.number();
    before = settings();
    // Where tests run in the background, Ctrl-C is ignored, and a shell does not change that.
    var all = new ArrayList<>(List.of("setsid", "--ctty", "env", "--default-signal=INT"));
    all.addAll(command);
    var builder = new ProcessBuilder(all).directory(directory.toFile());
    builder.environment().putAll(environment);
    builder.environment().put("TERM", "xterm");
    builder.redirectInput(new File(slave)).redirectOutput(new File(slave));
    process = builder.redirectError(new File(slave)).start();
    Thread.ofPlatform().daemon().start(this::read);
  }

  private void read() {
    var buffer = new byte[4096];
    try (var output = terminal.output()) {
      for (int n; (n = output.read(buffer)) >= 0; ) {
        synchronized (screen) {
          screen.write(buffer, 0, n);
          screen.notifyAll();
        }
      }
    } catch (IOException | IllegalStateException e) {
      // closed
    }
  }

  /// Waits until what was not yet waited for holds `pattern`, and gives that.
  String until(String pattern) throws InterruptedException {
    var wanted = Pattern.compile(pattern);
    long end = System.nanoTime() + PATIENCE_NANOS;
    synchronized (screen) {
      while (true) {
        var text = screen.toString(UTF_8);
        var match = wanted.matcher(text);
        if (match.find(seen)) {
          seen = match.end();
          return match.group();
        }
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw new AssertionError("never shows " + pattern + ":\n" + text.substring(seen));
        }
        screen.wait(left);
      }
    }
  }

  TerminalDriver type(String keys) throws IOException {
    terminal.keyboard().write(keys.getBytes(UTF_8));
    return this;
  }

  /// Waits until the command itself is in front and sleeps: after its prompt is shown, until it
  /// reads. A signal that comes earlier is handled when it reads, or later, as the shell likes.
  void awaitReader() throws IOException, InterruptedException {
    for (long end = System.nanoTime() + PATIENCE_NANOS; System.nanoTime() < end; ) {
      // proc(5): state, ppid, pgrp, session, tty_nr, tpgid
      var stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      if (fields[0].equals("S") && fields[5].equals(Long.toString(process.pid()))) {
        return;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    throw new AssertionError("the command does not read");
  }

  TerminalDriver resize(int rows, int columns) throws IOException {
    terminal.resize(new WindowSize(rows, columns));
    return this;
  }

  /// The command's process: setsid has become it.
  ProcessHandle process() {
    return process.toHandle();
  }

  int exitCode() throws InterruptedException {
    if (!process.waitFor(PATIENCE_NANOS, TimeUnit.NANOSECONDS)) {
      synchronized (screen) {
        throw new AssertionError("does not end:\n" + screen.toString(UTF_8).substring(seen));
      }
    }
    return process.exitValue();
  }

  /// Whether the terminal's settings are what they were.
  boolean isRestored() throws IOException {
    return settings().equals(before);
  }

  private String settings() throws IOException {
    var stty = new ProcessBuilder("stty", "-g").redirectInput(new File(slave)).start();
    return new String(stty.getInputStream().readAllBytes(), UTF_8);
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    terminal.close();
  }
}
