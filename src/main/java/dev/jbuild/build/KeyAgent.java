package dev.jbuild.build;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// An ssh-agent of the machine that holds keys for one build.
///
/// It ends with the build, in whatever way that ends: its shell waits for the end of a pipe that
/// only this process writes to. A key with a passphrase is asked for at the terminal, by ssh-add.
final class KeyAgent implements AutoCloseable {

  private static final String WAIT =
      """
      printf '%s\\n' "$SSH_AUTH_SOCK"
      cat > /dev/null
      kill "$SSH_AGENT_PID"
      """;

  private final Process process;
  private final Path socket;

  private KeyAgent(Process process, Path socket) {
    this.process = process;
    this.socket = socket;
  }

  /// @throws BuildFailure if there is no ssh-agent, or a key cannot be used
  static KeyAgent start(List<Path> keys) throws IOException, InterruptedException {
    var process = start(List.of("ssh-agent", "sh", "-c", WAIT), "");
    var line =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8)).readLine();
    if (line == null) {
      process.destroy();
      throw failure("ssh-agent does not start");
    }
    var agent = new KeyAgent(process, Path.of(line));
    try {
      agent.add(keys);
      return agent;
    } catch (IOException | InterruptedException | RuntimeException e) {
      agent.close();
      throw e;
    }
  }

  private void add(List<Path> keys) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("ssh-add", "--"));
    keys.forEach(key -> command.add(key.toAbsolutePath().toString()));
    var process = start(command, socket.toString());
    process.getOutputStream().close();
    var said = new String(process.getErrorStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      var why = said.lines().filter(line -> !line.startsWith("@") && !line.isBlank()).findFirst();
      throw failure(
          "ssh-add cannot use the keys: " + Printable.of(why.orElse("it does not say why")));
    }
  }

  private static Process start(List<String> command, String socket) {
    var builder =
        new ProcessBuilder(command)
            .redirectError(
                socket.isEmpty() ? ProcessBuilder.Redirect.DISCARD : ProcessBuilder.Redirect.PIPE);
    builder.environment().remove("SSH_AGENT_PID");
    if (!socket.isEmpty()) {
      builder.environment().put("SSH_AUTH_SOCK", socket);
    }
    try {
      return builder.start();
    } catch (IOException e) {
      throw BuildFailure.of(
              BuildFailure.Kind.USAGE,
              "--ssh with key files needs " + command.getFirst() + ", which is not installed",
              e)
          .hint("install the package openssh-client, or give the socket of an agent");
    }
  }

  private static BuildFailure failure(String message) {
    return BuildFailure.of(BuildFailure.Kind.USAGE, "--ssh: " + message);
  }

  /// Where it listens.
  Path socket() {
    return socket;
  }

  /// Ends it, and the keys with it.
  @Override
  public void close() throws IOException {
    process.getOutputStream().close(); // its shell reads the end, tells it to end, and ends
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
