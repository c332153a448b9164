package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import dev.jbuild.linux.Mounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The machine as `jbuild doctor` sees it: its files, its programs, who the person is.
///
/// @param root where its files are; `/` but for a machine that is made up
/// @param environment of the process
/// @param trial runs a program that does nothing lasting
record Host(Path root, Map<String, String> environment, Trial trial) {

  private static final int MOST = 64 << 10;
  private static final long PATIENCE_SECONDS = 5;

  /// Runs a program.
  interface Trial {
    /// What it wrote, and its exit code.
    Outcome run(List<String> command) throws IOException, InterruptedException;
  }

  /// @param text what it wrote, printable, without a line break at its end
  record Outcome(int code, String text) {
    boolean succeeded() {
      return code == 0;
    }
  }

  /// The machine that this process runs on.
  static Host real(Map<String, String> environment) {
    return new Host(Path.of("/"), environment, Host::start);
  }

  private static Outcome start(List<String> command) throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    var process = builder.start();
    try {
      var said = process.getInputStream().readNBytes(MOST);
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return new Outcome(-1, "it does not end");
      }
      var text = new String(said, StandardCharsets.UTF_8).strip();
      return new Outcome(process.exitValue(), Printable.of(text.replace("\n", "; ")));
    } finally {
      process.destroyForcibly();
    }
  }

  Path path(String absolute) {
    return root.resolve(absolute.substring(1));
  }

  boolean has(String absolute) {
    return Files.exists(path(absolute));
  }

  /// The text of a small file, without blanks around it; empty if it cannot be read.
  Optional<String> text(String absolute) {
    try (var in = Files.newInputStream(path(absolute))) {
      return Optional.of(new String(in.readNBytes(MOST), StandardCharsets.ISO_8859_1).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  boolean says(String absolute, String value) {
    return text(absolute).filter(value::equals).isPresent();
  }

  /// Where a program lies that a shell would find by its name.
  Optional<Path> program(String name) {
    var path = variable("PATH").orElse("/usr/local/bin:/usr/bin:/bin");
    return Stream.of(path.split(":", -1))
        .map(directory -> directory.startsWith("/") ? directory : "/")
        .filter(directory -> directory.indexOf('\0') < 0)
        .map(directory -> path(directory + "/" + name))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }

  /// The person's user ID, also inside a user namespace, where everybody is root.
  String uid() {
    return variable("JBUILD_UID").orElse("0");
  }

  boolean isRoot() {
    return uid().equals("0");
  }

  /// The person's name, or the ID where that has none.
  String user() {
    for (var line : text("/etc/passwd").orElse("").lines().toList()) {
      var fields = line.split(":", -1);
      if (fields.length > 2 && fields[2].equals(uid())) {
        return Printable.of(fields[0]);
      }
    }
    return uid();
  }

  /// Why there are no namespaces; empty if there are.
  Optional<String> withoutIds() {
    return variable("JBUILD_NO_IDS").or(Mounts::refusal).map(Printable::of);
  }

  /// A field of /proc/self/status.
  Optional<String> status(String key) {
    return text("/proc/self/status")
        .flatMap(
            all ->
                all.lines()
                    .filter(line -> line.startsWith(key + ":"))
                    .map(line -> line.substring(key.length() + 1).strip())
                    .findFirst());
  }

  /// Whether this process runs in a container, and whose; empty if it does not look so.
  Optional<String> container() {
    if (has("/.dockerenv")) {
      return Optional.of("docker");
    }
    if (has("/run/.containerenv")) {
      return Optional.of("podman");
    }
    if (variable("KUBERNETES_SERVICE_HOST").isPresent()) {
      return Optional.of("kubernetes");
    }
    return variable("container").map(Printable::of);
  }
}
