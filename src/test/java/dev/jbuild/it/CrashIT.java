package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A build that is killed at any moment loses nothing that was said to be done, and leaves nothing
/// behind (cases 99, 106, 110, 111).
class CrashIT {

  private static final int KILLS = 25;

  @RegisterExtension final Workbench bench = new Workbench();

  private void prepare() {
    bench.env("SOURCE_DATE_EPOCH", "1500000000").base();
    bench.sh("for i in $(seq 300); do echo $i > context/$i; done");
    bench.dockerfile(
        """
        FROM base AS a
        RUN for i in $(seq 50); do echo $i > /f$i; done; sleep 0.1
        FROM base
        COPY . /context
        RUN mkdir /d && cp /context/1* /d && sleep 0.1
        COPY --from=a /f1 /f2 /d/
        RUN rm -rf /context
        """);
  }

  @Test
  void aSignalEndsGitToo() throws Exception {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(60_000);
      var process = start("git://127.0.0.1:" + server.getLocalPort() + "/never/answers.git");
      try (var git = server.accept()) {
        process.destroy();
        assertEquals(143, process.waitFor());
        git.setSoTimeout(120_000);
        git.getInputStream().readAllBytes(); // git's request, and the end, which it would not see
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Workbench.Who.class)
  void killedAtRandomMoments(Workbench.Who who) throws Exception {
    Tools.needRoot();
    bench.as(who);
    prepare();
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int i = 0; i < KILLS; i++) {
      var process = start("-t", "it:1", "context");
      Thread.sleep(random.nextInt(2500));
      process.destroyForcibly().waitFor();
      assertEquals(List.of(), bench.processesLeft(), "seed " + seed);
      assertEquals(List.of(), mounts(), "seed " + seed);
      bench.jbuild("store", "check").succeeds();
    }
    bench.jbuild("-q", "-t", "it:1", "context").succeeds();
    var survived = bench.inspect("it:1").at("/Id").asText();
    bench.env("JBUILD_ROOT", bench.directory() + "/other");
    bench.jbuild("import", "-q", "base.tar", "base").succeeds();
    bench.jbuild("-q", "-t", "it:1", "context").succeeds();
    assertEquals(bench.inspect("it:1").at("/Id").asText(), survived, "seed " + seed);
  }

  private Process start(String... arguments) throws IOException {
    var builder =
        new ProcessBuilder(bench.command(arguments)).directory(bench.directory().toFile());
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().putAll(bench.environment());
    return builder.start();
  }

  private List<String> mounts() throws IOException {
    return Files.readString(Path.of("/proc/self/mountinfo"))
        .lines()
        .filter(line -> line.contains(bench.directory().toString()))
        .toList();
  }

  @Test
  void buildsOfTheSameInputAtOnceMakeEachStepOnce() throws Exception {
    Tools.needRoot();
    prepare();
    bench.dockerfile("FROM base\nRUN cat /proc/sys/kernel/random/uuid > /u; sleep 1\n");
    var running = new ArrayList<Process>();
    for (int i = 0; i < 4; i++) {
      running.add(start("-t", "same:" + i, "context"));
    }
    for (var process : running) {
      assertTrue(process.waitFor(2, TimeUnit.MINUTES));
      assertEquals(0, process.exitValue());
    }
    var ids = new ArrayList<String>();
    for (int i = 0; i < 4; i++) {
      ids.add(bench.inspect("same:" + i).at("/Id").asText());
    }
    assertEquals(1, ids.stream().distinct().count());
    bench.jbuild("store", "check").succeeds();
  }

  @Test
  void aPruneBesideABuildTakesNothingThatIsInUse() throws Exception {
    Tools.needRoot();
    prepare();
    for (int round = 0; round < 3; round++) {
      var build = start("--no-cache", "-t", "it:1", "context");
      while (build.isAlive()) {
        bench.jbuild("prune", "--all", "--force").succeeds();
      }
      assertEquals(0, build.exitValue());
      bench.jbuild("store", "check").succeeds();
    }
    assertEquals("1", bench.jbuild("run", "it:1", "cat", "/d/1").succeeds().text());
  }
}
