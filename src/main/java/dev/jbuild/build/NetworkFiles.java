package dev.jbuild.build;

import dev.jbuild.sandbox.StepMount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// /etc/resolv.conf and /etc/hosts as a step finds them: provided, never part of a layer.
final class NetworkFiles {

  private NetworkFiles() {}

  /// @param hostname what the step is called
  /// @param more lines of /etc/hosts
  static List<StepMount> forStep(String hostname, List<StepSettings.Host> more) throws IOException {
    var hosts =
        new StringBuilder("127.0.0.1\tlocalhost ")
            .append(hostname)
            .append("\n::1\tlocalhost ip6-localhost ip6-loopback\n");
    more.forEach(
        host -> hosts.append(host.address()).append('\t').append(host.name()).append('\n'));
    return List.of(
        StepMount.Content.provided("/etc/resolv.conf", resolver()),
        StepMount.Content.provided(
            "/etc/hosts", hosts.toString().getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] resolver() throws IOException {
    var file = Path.of("/etc/resolv.conf");
    return Files.isReadable(file) ? Files.readAllBytes(file) : new byte[0];
  }
}
