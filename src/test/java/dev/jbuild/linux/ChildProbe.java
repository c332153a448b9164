package dev.jbuild.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/// Starts programs as a [ChildProcess], in a Java virtual machine that knows where the library is,
/// and tells what became of them.
final class ChildProbe {

  private final Path directory;

  private ChildProbe(Path directory) {
    this.directory = directory;
  }

  /// @param args an empty directory
  public static void main(String[] args) throws Exception {
    var probe = new ChildProbe(Path.of(args[0]));
    probe.streams();
    probe.surroundings();
    probe.ends();
    probe.failures();
    probe.interrupted();
    long before = descriptors();
    for (int i = 0; i < 20; i++) {
      probe.run("exit 0", "");
    }
    tell("descriptors left", descriptors() - before);
  }

  private void streams() throws Exception {
    tell("streams", run("read line; echo \"$line and out\"; echo errors >&2; exit 7", "in\n"));
  }

  /// A descriptor that is passed on to what Java starts, as the launcher's is.
  private void surroundings() throws Exception {
    tell(
        "surroundings",
        run(
            "pwd; echo \"${HOME-no home}\"; for fd in 3 4 5 6 7 8 9; do"
                + " [ ! -e /proc/$$/fd/$fd ] || readlink /proc/$$/fd/$fd; done",
            ""));
  }

  private void ends() throws Exception {
    var child = ChildProcess.start(script("read line"));
    tell("alive", child.isAlive());
    tell("killed", child.destroyForcibly().waitFor());
    tell("alive", child.isAlive());
    child.destroy(); // nobody else
    tell("signal", run("kill -TERM $$", ""));
  }

  private void failures() throws IOException {
    failure(directory.resolve("missing"));
    failure(Files.writeString(directory.resolve("plain"), "exit 0\n"));
    failure(Path.of("/" + "x".repeat(5_000)));
  }

  private static void failure(Path program) throws IOException {
    try {
      ChildProcess.start(program);
      tell("started", program);
    } catch (LinuxException e) {
      tell(e.call(), e.errno());
    }
  }

  private void interrupted() throws Exception {
    var child = ChildProcess.start(script("read line"));
    Thread.currentThread().interrupt();
    try {
      child.waitFor();
      tell("waited", "to the end");
    } catch (InterruptedException e) {
      tell("interrupted", Thread.currentThread().isInterrupted());
    }
    child.getOutputStream().close();
    tell("end of input", child.waitFor());
    close(child);
  }

  private Path script(String text) throws IOException {
    var file = Files.writeString(directory.resolve("script"), "#!/bin/sh\n" + text + "\n");
    file.toFile().setExecutable(true);
    return file;
  }

  private String run(String script, String input) throws Exception {
    var child = ChildProcess.start(script(script));
    child.getOutputStream().write(input.getBytes(StandardCharsets.US_ASCII));
    child.getOutputStream().close();
    var output = child.getInputStream().readAllBytes();
    int code = child.waitFor();
    var errors = child.getErrorStream().readAllBytes();
    close(child);
    if (child.getErrorStream().read() >= 0) {
      throw new AssertionError("a closed stream has nothing");
    }
    return (new String(output, StandardCharsets.US_ASCII)
                + new String(errors, StandardCharsets.US_ASCII))
            .lines()
            .collect(Collectors.joining(", "))
        + " "
        + code;
  }

  private static void close(Process child) throws IOException {
    child.getOutputStream().close();
    child.getInputStream().close();
    child.getErrorStream().close();
  }

  private static long descriptors() throws IOException {
    try (var all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }

  private static void tell(String what, Object value) {
    System.out.println(what + ": " + value);
  }
}
