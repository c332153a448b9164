package dev.jbuild.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Docker's registry on a free port of this machine, empty at first, as long as it is open.
record DockersRegistry(Process process, String host, Path data) implements AutoCloseable {

  static boolean isInstalled() {
    return Files.isExecutable(Path.of("/usr/bin/docker-registry"));
  }

  static DockersRegistry start(Path data) throws IOException, InterruptedException {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Files.createDirectories(data);
    var settings = data.resolve("settings.yml");
    Files.writeString(
        settings,
        """
        version: 0.1
        log: {level: error}
        storage: {filesystem: {rootdirectory: "%s"}}
        http: {addr: "127.0.0.1:%d"}
        """
            .formatted(data, port));
    var process =
        new ProcessBuilder("docker-registry", "serve", settings.toString())
            .redirectErrorStream(true)
            .redirectOutput(data.resolve("log").toFile())
            .start();
    while (!listens(port)) {
      if (!process.isAlive()) {
        throw new IllegalStateException(Files.readString(data.resolve("log")));
      }
      Thread.sleep(20);
    }
    return new DockersRegistry(process, "127.0.0.1:" + port, data);
  }

  private static boolean listens(int port) {
    try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// Its CPU time counts: it works on the same processors.
  List<Long> processes() {
    return List.of(process.pid());
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.destroy();
    process.waitFor();
    Shell.run(List.of("rm", "-rf", data.toString()));
  }
}
