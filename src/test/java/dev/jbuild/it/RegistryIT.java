package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// jbuild and skopeo meet at docker's registry, which wants TLS and a password.
class RegistryIT {

  private static final String USER = "me:hunter2";

  @RegisterExtension final Workbench bench = new Workbench();

  /// One that no connection of another program is given before it is listened on.
  private static int freePort() {
    int port = 0;
    while (!isFree(port)) {
      port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
    }
    return port;
  }

  private static boolean isFree(int port) {
    try (var free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort() == port;
    } catch (IOException taken) {
      return false;
    }
  }

  /// Starts a registry that wants TLS and a password, and waits until it listens.
  private Process started(int port) throws IOException {
    bench.sh(
        """
        htpasswd -Bbn me hunter2 > users
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
          -subj /CN=registry -addext subjectAltName=IP:127.0.0.1 \
          -keyout key.pem -out cert.pem 2>/dev/null
        mkdir -p "home/.config/containers/certs.d/127.0.0.1:$1"
        cp cert.pem "home/.config/containers/certs.d/127.0.0.1:$1/ca.crt"
        cat > registry.yml <<END
        version: 0.1
        log: {level: error}
        storage: {filesystem: {rootdirectory: $PWD/registry}, delete: {enabled: true}}
        http: {addr: "127.0.0.1:$1", tls: {certificate: $PWD/cert.pem, key: $PWD/key.pem}}
        auth: {htpasswd: {realm: test, path: $PWD/users}}
        END
        """,
        Integer.toString(port));
    return started("registry.yml", port);
  }

  private Process startedPlain(int port) throws IOException {
    bench.sh(
        """
        cat > plain.yml <<END
        version: 0.1
        log: {level: error}
        storage: {filesystem: {rootdirectory: $PWD/plain}}
        http: {addr: "127.0.0.1:$1"}
        END
        """,
        Integer.toString(port));
    return started("plain.yml", port);
  }

  private Process started(String settings, int port) throws IOException {
    var process =
        new ProcessBuilder("docker-registry", "serve", settings)
            .directory(bench.directory().toFile())
            .redirectOutput(bench.directory().resolve(settings + ".log").toFile())
            .redirectErrorStream(true)
            .start();
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!listens(port)) {
      assertTrue(process.isAlive() && System.nanoTime() < until, "the registry does not start");
      LockSupport.parkNanos(20_000_000);
    }
    return process;
  }

  private static boolean listens(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void imagesGoInAndOutOfDockersRegistry() throws Exception {
    Tools.need("docker-registry");
    Tools.need("htpasswd");
    Tools.need("skopeo");
    bench.base();
    bench.env("HOME", bench.directory().resolve("home").toString());
    int port = freePort();
    var host = "127.0.0.1:" + port;
    var registry = started(port);
    try {
      bench.jbuild("push", "base", host + "/t/base:1").failsWith(6).saysOnError("jbuild login");
      var wrong = "wrong".getBytes(StandardCharsets.UTF_8);
      bench.jbuild(wrong, "login", "-u", "me", "--password-stdin", host).failsWith(6);
      var right = "hunter2\n".getBytes(StandardCharsets.UTF_8);
      bench.jbuild(right, "login", "-u", "me", "--password-stdin", host).succeeds();
      var digest = bench.jbuild("push", "-q", "base", host + "/t/base:1").succeeds().text();
      bench.jbuild("push", "base", host + "/m/base:1").succeeds().saysOnError("mounted");

      var certs = bench.directory().resolve("home/.config/containers/certs.d/" + host);
      var seen =
          bench.sh(
              "skopeo inspect --creds $1 --cert-dir $2 --format '{{.Digest}}' docker://$3/t/base:1",
              USER,
              certs.toString(),
              host);
      assertEquals(digest, seen.text());
      bench.sh(
          """
          skopeo copy -q --src-creds $1 --src-cert-dir $2 docker://$3/t/base:1 oci:out:1
          skopeo copy -q --dest-creds $1 --dest-cert-dir $2 oci:out:1 docker://$3/sk/base:1
          """,
          USER,
          certs.toString(),
          host);

      bench.dockerfile("FROM " + host + "/sk/base:1\nRUN echo made > /made\n");
      var other = bench.directory().resolve("other").toString();
      var app = host + "/t/app:1";
      var built = bench.jbuild("--root", other, "build", "-q", "-t", app, "--push", "context");
      var id = built.succeeds().text();
      bench.jbuild("pull", "-q", app).succeeds();
      assertEquals(id, bench.inspect(app).get("Id").asText());
      bench.jbuild("run", app, "cat", "/made").succeeds().prints("made");
      // offline: what is in the store needs no network
      registry.destroy();
      registry.waitFor();
      bench.jbuild("build", "-q", "--root", other, "context").succeeds();
      registry = started(port);

      // a second one, which speaks plain http and asks nobody who he is
      int plainPort = freePort();
      var plain = startedPlain(plainPort);
      try {
        var there = "127.0.0.1:" + plainPort + "/app:1";
        bench.jbuild("copy", "-q", "--src-creds", USER, app, there).succeeds();
        bench.sh("skopeo inspect --tls-verify=false docker://$1", there).succeeds();
        bench.jbuild("pull", "-q", there).succeeds();
        assertEquals(id, bench.inspect(there).get("Id").asText());
        bench.jbuild("push", "-q", "--compression", "zstd", "base", there).succeeds();
        bench.jbuild("pull", "-q", there).succeeds();
      } finally {
        plain.destroy();
        plain.waitFor();
      }

      bench.jbuild("copy", "-q", app, host + "/u/app:2").succeeds();
      bench.jbuild("registry", "ls", host).succeeds().prints("u/app\n");
      bench.jbuild("registry", "tags", host + "/u/app").succeeds().prints("2\n");
      bench.jbuild("registry", "rm", host + "/u/app:2").succeeds();
      bench.jbuild("registry", "inspect", host + "/u/app:2").failsWith(6);
      bench.jbuild("logout", host).succeeds();
      bench.jbuild("registry", "ls", host).failsWith(6).doesNotSay("hunter2");
      assertTrue(
          Files.readString(bench.directory().resolve("home/.docker/config.json")).length() < 50);
    } finally {
      registry.destroy();
      registry.waitFor();
    }
  }
}
