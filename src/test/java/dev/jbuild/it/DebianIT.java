package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The whole way, from a distribution to an image: debootstrap, tar, import, a Dockerfile that
/// installs a package. Case 146. Needs the network that debootstrap and apt need.
class DebianIT {

  private static Path directory = Path.of("/");

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeAll
  static void debootstrap() throws IOException {
    Tools.needRoot();
    Tools.need("debootstrap");
    directory = Files.createTempDirectory("jbuild-debian");
    Tools.sh(
        directory,
        "chmod 755 . && debootstrap --variant=minbase bookworm root >log 2>&1 || { tail log; exit"
            + " 1; }; setcap cap_net_raw+ep root/bin/mount; tar -C root --numeric-owner --xattrs"
            + " --xattrs-include='*' -c . > root.tar; chmod 644 root.tar; rm -rf root");
  }

  @AfterAll
  static void removeIt() {
    if (!directory.equals(Path.of("/"))) {
      Tools.sh(Path.of("/"), "rm -rf \"$1\"", directory.toString());
    }
  }

  @ParameterizedTest
  @EnumSource(Workbench.Who.class)
  void importKeepsEverythingAndAptInstalls(Workbench.Who who) throws Exception {
    bench.as(who).longRuns();
    var tar = directory.resolve("root.tar").toString();
    bench
        .jbuild("import", "--change", "CMD [\"bash\"]", "-m", "debootstrap", tar, "debian:bookworm")
        .succeeds();
    var first = bench.inspect("debian:bookworm");
    assertEquals("bash", first.at("/Config/Cmd/0").asText());
    bench.jbuild("import", "-q", tar, "debian:again").succeeds();
    assertEquals(
        first.at("/RootFS/Layers/0").asText(),
        bench.inspect("debian:again").at("/RootFS/Layers/0").asText(),
        "the same tar gives the same layer");
    var install = "RUN apt-get install -y -q --no-install-recommends ";
    if (who == Workbench.Who.USER) {
      dockerfile(install + "helo && hello");
      var failed = bench.jbuild("-t", "it:1", "context").failsWith(4);
      failed.saysOnError("Unable to locate package helo");
      assertEquals(install + "hello && hello", offeredInstruction());
    }
    dockerfile(install + "hello && hello");
    bench.jbuild("-t", "it:1", "context").succeeds();
    assertEquals("Hello, world!", bench.jbuild("run", "--rm", "it:1").succeeds().text());
  }

  private void dockerfile(String run) {
    bench.dockerfile(
        """
        FROM debian:bookworm
        RUN id man && apt-get update -q
        %s
        CMD ["hello"]
        """
            .formatted(run));
  }

  /// What a person does then (case 105): looks, mistypes, waits too long, finds the name, tries.
  ///
  /// @return the instruction that jbuild makes of it
  private String offeredInstruction() throws Exception {
    try (var terminal =
        new TerminalDriver(bench.directory(), bench.environment(), bench.command("debug"))) {
      terminal.until("debug:/# ");
      terminal.type("retry\r").until("Unable to locate package helo");
      terminal.until("retry: exit code 100");
      terminal.until("debug:/# ");
      terminal.type("rm -rf /etc").until("rm -rf /etc");
      terminal.type("\003").until("\\^C");
      terminal.until("debug:/# ");
      // Told by the one that is to be interrupted, when it is in front.
      terminal.type("sh -c 'echo wait-$((1+1)); exec sleep 1003'\r").until("wait-2");
      terminal.type("\003").until("\\^C");
      terminal.until("debug:/# ");
      terminal.resize(33, 111);
      terminal.type(RunTerminalIT.awaitSize("33 111") + "; echo si${x}zed; false\r");
      terminal.until("sized");
      terminal.until("debug:/# ");
      terminal
          .type("apt-get install -y -q --no-install-recommends hello\r")
          .until("Setting up hello");
      terminal.until("debug:/# ");
      terminal.type("hello\r").until("Hello, world!");
      terminal.until("debug:/# ");
      terminal.type("sh -c 'echo wait-$((1+2)); exec sleep 1004'\r").until("wait-3");
      terminal.type("\032").until("Stopped +sh -c");
      terminal.until("debug:/# ");
      terminal.type("kill %1; wait; retry\r").until("retry: exit code 100");
      terminal.until("debug:/# ");
      terminal.type("exit\r").until("the instruction still fails, with exit code 100");
      var offered = terminal.until("RUN [^\r\n]*");
      assertEquals(100, terminal.exitCode());
      assertTrue(terminal.isRestored());
      return offered.strip();
    }
  }

  @Test
  void capabilitiesDevicesAndLinksAreInTheLayer() {
    var tar = directory.resolve("root.tar").toString();
    bench.jbuild("import", "-q", tar, "debian:bookworm").succeeds();
    bench.dockerfile("FROM debian:bookworm\n").build("-o", "type=tar,dest=root.tar");
    var listing =
        bench
            .sh(
                "tar --numeric-owner --xattrs --xattrs-include='*' -tvvf root.tar"
                    + " | grep -E 'security.capability|dev/null|var/run ->'")
            .out();
    assertTrue(listing.contains("security.capability"), listing);
    assertTrue(listing.contains("var/run -> "), listing);
  }

  @Test
  void rebuildingFromTheTarGivesTheSameBytes() {
    var tar = directory.resolve("root.tar").toString();
    var example = Path.of("examples/rebuild/run").toAbsolutePath();
    Tools.sh(
            bench.directory(),
            "SOURCE_DATE_EPOCH=1700000000 \"$1\" \"$2\"",
            example.toString(),
            tar)
        .prints("the same image, byte for byte");
  }
}
