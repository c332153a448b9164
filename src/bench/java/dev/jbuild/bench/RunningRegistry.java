package dev.jbuild.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// `jbuild registry serve` on a free port of this machine, as long as it is open.
record RunningRegistry(Process process, String host, Path data) implements AutoCloseable {

  static RunningRegistry start(Path jbuild, Path data) throws IOException {
    var process =
        new ProcessBuilder(
                jbuild.toString(),
                "registry",
                "serve",
                "--addr",
                "127.0.0.1:0",
                "--quiet",
                "--data",
                data.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    var url = process.inputReader(StandardCharsets.UTF_8).readLine();
    if (url == null) {
      throw new IllegalStateException("the registry did not start");
    }
    return new RunningRegistry(process, URI.create(url).getAuthority(), data);
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.destroy();
    process.waitFor();
    Shell.run(List.of("rm", "-rf", data.toString()));
  }
}
