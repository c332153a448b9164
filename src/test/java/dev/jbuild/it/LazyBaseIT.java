package dev.jbuild.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.PlainTar;
import dev.jbuild.registry.ScriptedRegistry;
import dev.jbuild.tar.TarForge;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A base of 50 MB stays in its registry as long as nobody needs its bytes.
class LazyBaseIT {

  private static final int SIZE = 50_000_000;
  private static final int LITTLE = 200_000;

  @RegisterExtension final Workbench bench = new Workbench();

  /// The way to a registry, on which bytes are counted, and stand still when so many have passed.
  private static final class Lane implements AutoCloseable {
    private final ServerSocket entry = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int exit;
    private final CountDownLatch stands = new CountDownLatch(1);
    private final CountDownLatch goesOn = new CountDownLatch(1);
    private final AtomicLong passed = new AtomicLong();
    private volatile long most = Long.MAX_VALUE;

    Lane(int exit) throws IOException {
      this.exit = exit;
      Thread.ofVirtual().start(this::accept);
    }

    String host() {
      return "127.0.0.1:" + entry.getLocalPort();
    }

    private void accept() {
      try {
        while (true) {
          var near = entry.accept();
          var far = new Socket(InetAddress.getLoopbackAddress(), exit);
          Thread.ofVirtual().start(() -> pass(near, far, false));
          Thread.ofVirtual().start(() -> pass(far, near, true));
        }
      } catch (IOException closed) {
        goesOn.countDown();
      }
    }

    private void pass(Socket from, Socket to, boolean counted) {
      var buffer = new byte[1 << 16];
      try (from;
          to) {
        for (int n; (n = from.getInputStream().read(buffer)) >= 0; ) {
          if (counted && passed.addAndGet(n) > most) {
            stands.countDown();
            goesOn.await();
          }
          to.getOutputStream().write(buffer, 0, n);
        }
      } catch (IOException | InterruptedException over) {
        return;
      }
    }

    @Override
    public void close() throws IOException {
      entry.close();
    }
  }

  /// Of files of a lazy base that are shown to a step nothing is a claim, in whichever sandbox.
  @Test
  void falseIndexIsFoundOutBeforeAStepIsShownTheFiles() throws Exception {
    Tools.needRoot();
    bench.base();
    try (var registry = new ScriptedRegistry()) {
      registry.listingReferrers();
      for (var mount :
          List.of(
              "--sandbox=chroot type=bind,source=/d,target=/m",
              "--sandbox=namespaces type=cache,id=fresh,source=/d,target=/m")) {
        var words = mount.split(" ", -1);
        var kind = words[0].substring("--sandbox=".length());
        falselyClaimed(registry, "team/" + kind);
        bench.dockerfile(
            "FROM base\nRUN --mount=%s,from=%s/team/%s:1 ls /m > /out\n"
                .formatted(words[1], registry.host(), kind));
        var options = new String[] {"build", "-o", "type=local,dest=" + kind, words[0], "context"};
        bench.jbuild(options).failsWith(6).saysOnError("is false, and steps may have been made");
        bench.jbuild(options).succeeds();
        assertEquals("f\n", Files.readString(bench.directory().resolve(kind + "/out")));
      }
      // found by content, as it is claimed, and not found so once the truth is known
      falselyClaimed(registry, "team/third");
      var run = "FROM base\nRUN --mount=type=bind,from=src,source=/d,target=/n ls /n > /out\n";
      bench.dockerfile("FROM scratch AS src\nWORKDIR /d\n" + run);
      bench.jbuild("build", "context").succeeds();
      var third = "FROM " + registry.host() + "/team/third:1";
      bench.dockerfile(third + " AS src\n" + run);
      bench.jbuild("build", "context").succeeds().saysOnError("1 of 1 steps cached");
      bench.dockerfile(third + "\n");
      bench.jbuild("build", "-o", "type=local,dest=third", "context").failsWith(6);
      bench.dockerfile(third + " AS src\n" + run);
      bench.jbuild("build", "-o", "type=local,dest=made", "context").succeeds();
      assertEquals("f\n", Files.readString(bench.directory().resolve("made/out")));
    }
  }

  /// An image with `d/f`, of which is said that `d` is empty.
  private static void falselyClaimed(ScriptedRegistry registry, String name) throws IOException {
    var d = new TarForge.Block("d/").type('5').mode(0755);
    var layer = new TarForge().block(d).file("d/f", "of " + name).tar();
    var claimed = new TarForge().block(new TarForge.Block("d/").type('5').mode(0755)).tar();
    var image = registry.image(name, "1", layer);
    var claims = new TreeMap<Digest, byte[]>();
    claims.put(
        Digest.of(layer), PlainTar.index(new ByteArrayInputStream(claimed), false).toBytes());
    registry.attachIndexes(name, image.descriptor(), claims);
  }

  private void pushes(String dockerfile, String name, long most, Lane lane) {
    bench.dockerfile(dockerfile);
    long before = lane.passed.get();
    bench.jbuild("build", "-q", "-t", name, "--push", "context").succeeds();
    long bytes = lane.passed.get() - before;
    assertTrue(bytes < most, () -> dockerfile + " brought " + bytes + " bytes");
  }

  @Test
  void staysWhereItIsUntilItsBytesAreNeeded() throws Exception {
    var bytes = new byte[SIZE];
    new Random(5).nextBytes(bytes);
    Files.write(bench.context().resolve("large"), bytes);
    bench.file("small", "here");
    var serve =
        new ProcessBuilder(
                bench.command("registry", "serve", "--addr", "127.0.0.1:0", "--data", "registry"))
            .directory(bench.directory().toFile())
            .redirectError(bench.directory().resolve("serve.log").toFile());
    serve.environment().putAll(bench.environment());
    var registry = serve.start();
    var said = new BufferedReader(new InputStreamReader(registry.getInputStream(), UTF_8));
    try (var lane = new Lane(Integer.parseInt(said.readLine().replaceFirst(".*:", "")))) {
      var base = lane.host() + "/team/base:1";
      bench.dockerfile("FROM scratch\nCOPY large /etc/\nCOPY small /etc/\n");
      var other = bench.directory().resolve("other").toString();
      bench.jbuild("--root", other, "build", "-q", "-t", base, "--push", "context").succeeds();

      var app = lane.host() + "/team/app:";
      pushes("FROM " + base + "\nENV A=b\nCOPY --link small /a\n", app + 1, LITTLE, lane);
      pushes("FROM " + base + "\nCOPY small /etc/b\nWORKDIR /etc\n", app + 2, LITTLE, lane);
      bench.jbuild("prune", "--all", "--force").succeeds();
      bench.jbuild("store", "check").succeeds();
      var log = Files.readString(bench.directory().resolve("serve.log"));
      assertEquals(0, log.lines().filter(line -> line.matches(".* GET .*/blobs/.*MB .*")).count());

      // kill -9 in the middle of a layer
      bench.dockerfile("FROM scratch\nCOPY --from=" + base + " /etc/large /\n");
      lane.most = lane.passed.get() + SIZE / 5;
      var process =
          new ProcessBuilder(bench.command("build", "-q", "context"))
              .directory(bench.directory().toFile())
              .redirectErrorStream(true)
              .redirectOutput(bench.directory().resolve("killed.log").toFile());
      process.environment().putAll(bench.environment());
      var killed = process.start();
      assertTrue(lane.stands.await(2, TimeUnit.MINUTES));
      killed.destroyForcibly().waitFor();
      lane.goesOn.countDown();
      bench.jbuild("store", "check").succeeds();
      bench.jbuild("build", "-q", "-t", "mine", "context").succeeds();
      bench.jbuild("store", "check").succeeds();
      assertEquals("", bench.sh("ls store/tmp").text());
    } finally {
      registry.destroy();
      registry.waitFor();
    }
  }
}
