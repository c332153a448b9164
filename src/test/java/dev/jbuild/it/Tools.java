package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Other people's programs, which judge what jbuild made.
final class Tools {

  private static final boolean REQUIRED = System.getenv("JBUILD_REQUIRE_TOOLS") != null;
  private static final long LONGEST_MINUTES = 15;

  private Tools() {}

  /// Goes on only if `program` is installed: without it the test is reported as skipped, or fails
  /// where JBUILD_REQUIRE_TOOLS is set.
  static void need(String program) {
    boolean found =
        List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin").stream()
            .anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
    needThat(found, program + " is not installed");
  }

  static void needRoot() {
    needThat(isRoot(), "this needs root");
  }

  static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static void needThat(boolean condition, String reason) {
    if (!condition && REQUIRED) {
      fail(reason);
    }
    if (!condition) {
      abort(reason);
    }
  }

  /// Runs a command to its end.
  static Outcome run(Path directory, Map<String, String> environment, List<String> command) {
    return run(directory, environment, command, new byte[0]);
  }

  static Outcome run(
      Path directory, Map<String, String> environment, List<String> command, byte[] input) {
    try {
      var out = Files.createTempFile("jbuild-out", "");
      var err = Files.createTempFile("jbuild-err", "");
      var in = Files.createTempFile("jbuild-in", "");
      Files.write(in, input);
      var builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(environment);
      var process = builder.start();
      if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        fail("still running after " + LONGEST_MINUTES + " minutes: " + command);
      }
      var outcome =
          new Outcome(
              String.join(" ", command),
              process.exitValue(),
              Files.readString(out, java.nio.charset.StandardCharsets.ISO_8859_1),
              Files.readString(err, java.nio.charset.StandardCharsets.UTF_8));
      Files.delete(out);
      Files.delete(err);
      Files.delete(in);
      return outcome;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A shell line that has to succeed.
  static Outcome sh(Path directory, String script, String... arguments) {
    var command = new ArrayList<>(List.of("sh", "-ec", script, "sh"));
    command.addAll(List.of(arguments));
    return run(directory, Map.of(), command).succeeds();
  }
}
