package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.serve.Registry;
import dev.jbuild.serve.RegistryOptions;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Docker loads what jbuild writes and runs it. The daemon is the test's own: its sockets and data
/// lie on the bench, its cgroups in a mount namespace of its own.
class DockerIT {

  private static final String DAEMON =
      """
      umount -l /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup
      exec dockerd -H "unix://$PWD/sock" --data-root "$PWD/data" --exec-root "$PWD/exec" \
        -p "$PWD/pid" --iptables=false --ip6tables=false --bridge=none \
        --default-ulimit nofile=20000:20000
      """;

  @RegisterExtension final Workbench bench = new Workbench();

  @Test
  void dockerLoadsAndRuns() throws Exception {
    Tools.needRoot();
    Tools.need("dockerd");
    bench.base().file("f", "content").dockerfile("FROM base\nCOPY f /f\nCMD [\"cat\", \"/f\"]\n");
    bench.jbuild("-q", "-t", "it:1", "-o", "type=docker,dest=d.tar", "context").succeeds();
    var daemon = startDaemon();
    try {
      docker("load -i d.tar");
      assertEquals("content", docker("run --rm --network none it:1"));
      var id = docker("inspect --format '{{.Id}}' it:1");
      assertEquals(bench.inspect("it:1").at("/Id").asText(), id);
      docker("save -o saved.tar it:1");
      bench.jbuild("load", "-i", "saved.tar").succeeds().prints("it:1");
      pullsAndPushes(id);
    } finally {
      daemon.destroy();
      assertTrue(daemon.waitFor(1, TimeUnit.MINUTES), "the daemon does not end");
      bench.sh("grep -l \"$PWD\" /proc/[0-9]*/mountinfo >/dev/null && sleep 1; true");
    }
  }

  /// From and to the registry that jbuild serves, which is on this machine and speaks http.
  private void pullsAndPushes(String id) throws Exception {
    var place = new RegistryOptions.Place.Directory(bench.directory().resolve("registry"));
    try (var registry = Registry.start(RegistryOptions.of(place))) {
      var host = registry.authority();
      bench.jbuild("push", "it:1", host + "/team/it:1").succeeds();
      docker("rmi -f it:1");
      docker("pull -q " + host + "/team/it:1");
      assertEquals(id, docker("inspect --format '{{.Id}}' " + host + "/team/it:1"));
      docker("tag " + host + "/team/it:1 " + host + "/other:2");
      docker("push -q " + host + "/other:2");
      bench.jbuild("pull", "-q", host + "/other:2").succeeds();
      assertEquals(id, bench.inspect(host + "/other:2").at("/Id").asText());
    }
  }

  private String docker(String arguments) {
    return bench.sh("/usr/bin/docker -H unix://$PWD/sock " + arguments).text();
  }

  private Process startDaemon() throws Exception {
    var command = List.of("unshare", "-m", "--propagation", "private", "sh", "-c", DAEMON);
    var log = bench.directory().resolve("daemon.log").toFile();
    var builder =
        new ProcessBuilder(command)
            .directory(bench.directory().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log);
    var daemon = builder.start();
    for (int i = 0; i < 1200; i++) {
      var version =
          Tools.run(
              bench.directory(),
              Map.of(),
              List.of("sh", "-c", "/usr/bin/docker -H unix://$PWD/sock version"));
      if (version.exitCode() == 0) {
        return daemon;
      }
      Thread.sleep(100);
    }
    daemon.destroy();
    throw new AssertionError("no daemon: " + Files.readString(log.toPath()));
  }
}
