package dev.jbuild.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `jbuild registry serve`, judged by the tools that people use.
class RegistryServeIT {

  /// `secret`, as htpasswd -B writes it.
  private static final String PASSWORDS =
      "me:$2y$04$E5AhHdK1yD.Mz9S9S3T/ruh5tgwfzdhXMvp5ZHVdcuJr1/biXWOta\n";

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void tools() {
    Tools.needRoot();
    Tools.need("skopeo");
    Tools.need("podman");
    Tools.need("buildah");
    Tools.need("docker");
  }

  /// A registry in a process of its own.
  private final class Serving implements AutoCloseable {

    private final Process process;
    final String url;

    Serving(String... options) throws IOException {
      var words = new ArrayList<>(List.of("registry", "serve"));
      words.addAll(Arrays.asList(options));
      if (!words.contains("--addr")) {
        words.addAll(List.of("--addr", "127.0.0.1:0"));
      }
      var builder =
          new ProcessBuilder(bench.command(words.toArray(String[]::new)))
              .directory(bench.directory().toFile())
              .redirectError(bench.directory().resolve("serve.log").toFile());
      builder.environment().putAll(bench.environment());
      process = builder.start();
      var line =
          new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8)).readLine();
      assertNotNull(line, this::log);
      url = line;
    }

    /// `127.0.0.1:port`.
    String authority() {
      return url.substring(url.indexOf("//") + 2);
    }

    String log() {
      try {
        return Files.readString(bench.directory().resolve("serve.log"));
      } catch (IOException e) {
        return e.toString();
      }
    }

    /// Ends it as an init system does.
    int end() throws InterruptedException {
      process.destroy();
      assertTrue(process.waitFor(2, TimeUnit.MINUTES));
      return process.exitValue();
    }

    @Override
    public void close() {
      process.destroy();
      process.onExit().orTimeout(2, TimeUnit.MINUTES).join();
    }
  }

  private static String get(String url) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(URI.create(url)).build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  private static final String STORAGE =
      "--root $PWD/storage --runroot $PWD/runroot --storage-driver vfs ";

  @Test
  void skopeoPodmanAndBuildahPushAndPull() throws Exception {
    bench.base();
    bench.jbuild("save", "--format", "oci", "-o", "base.oci", "base").succeeds();
    try (var serving = new Serving("--data", "reg", "--delete")) {
      var host = serving.authority();
      var script =
          """
          set -e
          skopeo copy -q --dest-tls-verify=false oci-archive:base.oci docker://$1/team/base:1
          skopeo copy -q --dest-tls-verify=false --format v2s2 oci-archive:base.oci docker://$1/base:docker
          skopeo copy -q --src-tls-verify=false docker://$1/team/base:1 oci:back:1
          skopeo inspect --tls-verify=false --format '{{.Digest}}' docker://$1/team/base:1
          podman %1$s pull -q --tls-verify=false $1/team/base:1
          podman %1$s tag $1/team/base:1 $1/podman:2
          podman %1$s push -q --tls-verify=false $1/podman:2
          c=$(buildah %1$s from --tls-verify=false $1/base:docker)
          buildah %1$s config --env FROM=buildah $c
          i=$(buildah %1$s commit -q $c)
          buildah %1$s push -q --tls-verify=false $i docker://$1/buildah:3
          skopeo copy -q --src-tls-verify=false --dest-tls-verify=false \
            docker://$1/buildah:3 docker://$1/copied:3
          skopeo list-tags --tls-verify=false docker://$1/base
          skopeo delete --tls-verify=false docker://$1/copied:3
          """
              .formatted(STORAGE);
      bench.sh(script, host).succeeds().prints("\"docker\"");
      var catalog = get("http://" + host + "/v2/_catalog");
      assertEquals("{\"repositories\":[\"base\",\"buildah\",\"podman\",\"team/base\"]}", catalog);
      assertTrue(serving.log().contains(" PUT /v2/team/base/manifests/1 201 "), serving.log());
      assertFalse(serving.log().contains("warning"), serving.log());
      assertEquals(143, serving.end());
      assertTrue(serving.log().contains("the registry has ended"), serving.log());
    }
    // what was pushed is there for the next one
    try (var serving = new Serving("--data", "reg", "--read-only", "-q")) {
      bench
          .sh("skopeo inspect --tls-verify=false docker://$1/buildah:3", serving.authority())
          .succeeds()
          .prints("FROM=buildah");
      assertFalse(serving.log().contains("GET"), serving.log());
      bench
          .sh(
              "! skopeo copy --dest-tls-verify=false oci-archive:base.oci docker://$1/base:2 2>&1",
              serving.authority())
          .prints("read-only");
    }
  }

  @Test
  void httpsAndPasswordsAsTheToolsKnowThem() throws Exception {
    bench.base();
    bench.jbuild("save", "--format", "oci", "-o", "base.oci", "base").succeeds();
    Files.writeString(bench.directory().resolve("people"), PASSWORDS);
    try (var serving = new Serving("--data", "reg", "--tls", "self-signed", "--auth", "people")) {
      var host = serving.authority();
      assertTrue(serving.url.startsWith("https://"), serving.url);
      var script =
          """
          set -e
          mkdir certs && cp reg/tls/ca.crt certs/
          skopeo copy -q --dest-cert-dir certs --dest-creds me:secret oci-archive:base.oci docker://$1/base:1
          podman %1$s login --cert-dir certs --authfile auth.json -u me -p secret $1
          podman %1$s pull -q --cert-dir certs --authfile auth.json $1/base:1
          buildah %1$s pull -q --cert-dir certs --creds me:secret docker://$1/base:1
          skopeo list-tags --cert-dir certs --creds me:secret docker://localhost:${1#*:}/base
          skopeo copy -q --dest-cert-dir certs --dest-creds me:secret --format v2s2 \
            oci-archive:base.oci docker://$1/docker:1
          # docker's client needs no daemon for these
          export DOCKER_CONFIG=$PWD/docker DOCKER_HOST=unix:///nowhere SSL_CERT_FILE=certs/ca.crt
          echo secret | /usr/bin/docker login -u me --password-stdin $1
          /usr/bin/docker manifest inspect $1/docker:1
          """
              .formatted(STORAGE);
      bench
          .sh(script, host)
          .succeeds()
          .prints("\"1\"")
          .prints("Login Succeeded")
          .prints("vnd.docker.distribution.manifest.v2+json");
      bench.env("DOCKER_CONFIG", bench.directory().resolve("docker").toString());
      bench.env("SSL_CERT_FILE", bench.directory().resolve("certs/ca.crt").toString());
      bench.jbuild("pull", "-q", host + "/docker:1").succeeds(); // with docker's login
      loginsAtOnce(host);
      var inspect = "! skopeo inspect %s docker://$1/base:1 2>&1";
      bench.sh(inspect.formatted("--cert-dir certs"), host).prints("a name and a password");
      bench
          .sh(inspect.formatted("--cert-dir certs --creds me:wrong"), host)
          .prints("a name and a password");
      bench.sh(inspect.formatted("--creds me:secret"), host).prints("x509");
      assertTrue(get("http://" + host + "/v2/").startsWith("this registry speaks https"));
      assertTrue(
          serving.log().contains("cp " + bench.directory() + "/reg/tls/ca.crt /etc/docker/certs.d"),
          serving.log());
      assertFalse(serving.log().contains("secret"), serving.log());
    }
  }

  /// Neither loses what the other writes into the file of both.
  private void loginsAtOnce(String host) throws Exception {
    var names = List.of(host, host.replace("127.0.0.1", "localhost"));
    var file = bench.directory().resolve("both.json");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var name : names) {
        String[] login = {
          "login", "-u", "me", "--password-stdin", "--authfile", file.toString(), name
        };
        var _ = threads.submit(() -> bench.jbuild("secret".getBytes(UTF_8), login).succeeds());
      }
    }
    var kept = Files.readString(file);
    assertTrue(names.stream().allMatch(kept::contains), kept);
  }

  @Test
  void whatWasBuiltIsServedAndWhatIsPushedCanBeRun() throws Exception {
    bench.base().dockerfile("FROM base\nRUN echo built > /file\nCMD cat /file\n").build();
    bench.jbuild("save", "--format", "oci", "-o", "it.oci", "it:1").succeeds();
    try (var serving = new Serving("--store")) {
      var host = serving.authority();
      var script =
          """
          set -e
          podman %1$s pull -q --tls-verify=false $1/it:1
          skopeo copy -q --dest-tls-verify=false oci-archive:it.oci docker://$1/pushed:1
          skopeo copy -q --src-tls-verify=false docker://$1/it:1 dir:copy
          """
              .formatted(STORAGE);
      bench.sh(script, host).succeeds();
      bench.jbuild("run", "--rm", "pushed:1").succeeds().prints("built");
      bench.jbuild("images").succeeds().prints("pushed");
      bench.jbuild("prune", "-f").succeeds();
      bench.sh("skopeo inspect --tls-verify=false docker://$1/pushed:1", host).succeeds();
    }
    bench.jbuild("store", "check").succeeds();
  }

  /// Case 134: what does not fit is refused, its bytes are given up, and the server lives.
  @Test
  void aFullDiskIsAnAnswer() throws Exception {
    bench.sh("mkdir small && mount -t tmpfs -o size=8m tmpfs small");
    try (var serving = new Serving("--data", "small/reg", "-q")) {
      assertEquals(507, push(serving.url, new byte[12 << 20]));
      assertEquals(201, push(serving.url, new byte[1 << 20]));
      assertTrue(serving.log().contains("No space left"), serving.log());
    } finally {
      bench.sh("umount small");
    }
  }

  /// The status of a push of these bytes.
  private static int push(String url, byte[] blob) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(blob));
      var body = HttpRequest.BodyPublishers.ofByteArray(blob);
      var at = URI.create(url + "/v2/app/blobs/uploads/?digest=sha256:" + digest);
      var request = HttpRequest.newBuilder(at).POST(body).build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  @Test
  void mistakesAreToldInASentence() throws Exception {
    Files.writeString(bench.directory().resolve("people"), "me:plain\n");
    bench.jbuild("registry", "serve", "--data", "a", "--store").failsWith(2).saysOnError("exclude");
    bench.jbuild("registry", "serve", "--addr", "here").failsWith(6).saysOnError("here");
    bench
        .jbuild("registry", "serve", "--addr", "1.2.3.4:99999")
        .failsWith(2)
        .saysOnError("HOST:PORT");
    bench.jbuild("registry", "serve", "--tls", "x").failsWith(2).saysOnError("CERT,KEY");
    bench.jbuild("registry", "serve", "x").failsWith(2).saysOnError("registry serve --help");
    bench.jbuild("registry", "nothing").failsWith(2).saysOnError("jbuild registry has no nothing");
    bench
        .jbuild("registry", "serve", "--data", "a", "--auth", "people")
        .failsWith(6)
        .saysOnError("people:1: the password is not hashed with bcrypt")
        .saysOnError("htpasswd -B people NAME");
    bench.jbuild("registry", "serve", "--help").succeeds().prints("--read-only");
    try (var serving = new Serving("--data", "a")) {
      var port = serving.url.substring(serving.url.lastIndexOf(':') + 1);
      bench
          .jbuild("registry", "serve", "--addr", "127.0.0.1:" + port, "--data", "b")
          .failsWith(6)
          .saysOnError("in use by another program");
      bench
          .jbuild("registry", "serve", "--addr", "127.0.0.1:0", "--data", "a")
          .failsWith(6)
          .saysOnError("another registry serves");
    }
    // case 135: whoever lets others in is told so
    try (var serving = new Serving("--data", "c", "--addr", "0.0.0.0:0")) {
      assertTrue(serving.url.startsWith("http://localhost:"), serving.url);
      assertEquals("{}", get(serving.url + "/v2/"));
      assertTrue(serving.log().contains("warning: other machines can reach"), serving.log());
      assertTrue(serving.log().contains("nobody is asked for a password"), serving.log());
    }
  }
}
