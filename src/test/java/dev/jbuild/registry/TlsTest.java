package dev.jbuild.registry;

import static dev.jbuild.registry.ScriptedRegistry.answer;
import static dev.jbuild.registry.ScriptedRegistry.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.http.OwnCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// https, http, and which of them a registry is spoken to in (reliability case 50).
class TlsTest {

  @TempDir private static Path keys;
  private static SSLContext tls;

  private ScriptedRegistry registry;
  private RegistryBench bench;
  private Path home;

  @BeforeAll
  static void makeCertificate() throws Exception {
    tls = OwnCertificate.make(keys);
  }

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    registry = ScriptedRegistry.secure(tls);
    registry.image("team/app", "1", bytes("layer"));
    bench = new RegistryBench(directory);
    home = directory.resolve("home");
  }

  @AfterEach
  void stop() throws IOException {
    registry.close();
    bench.close();
  }

  private String name() {
    return registry.host() + "/team/app:1";
  }

  private Path certificates() throws IOException {
    return Files.createDirectories(
        home.resolve(".config/containers/certs.d").resolve(registry.host()));
  }

  @Test
  void certificateThatNobodyTrustsIsRefusedWithAdvice() throws Exception {
    var failure = bench.failure(name());
    assertTrue(failure.message().contains("certificate of " + registry.host() + " is not trusted"));
    assertTrue(failure.hint().orElse("").contains("certs.d/" + registry.host() + "/ca.crt"));
    assertEquals(List.of(), bench.pauses);
    bench.with(RegistryBench.tlsVerify(false)).pull(name());
  }

  @Test
  void authorityOfCertsDIsTrusted() throws Exception {
    Files.copy(keys.resolve("ca.crt"), certificates().resolve("ca.crt"));
    bench.pull(name());
  }

  @Test
  void clientCertificateWithoutItsKeyIsNamed() throws Exception {
    Files.copy(keys.resolve("ca.crt"), certificates().resolve("ca.crt"));
    Files.copy(keys.resolve("ca.crt"), certificates().resolve("me.cert"));
    var said = bench.failing(name());
    assertTrue(said.contains("me.cert cannot be used: its private key"), said);
    Files.writeString(certificates().resolve("me.key"), "nothing");
    assertTrue(bench.failing(name()).contains("me.key cannot be used: it holds no private key"));
  }

  @Test
  void clientCertificateIsShownToTheRegistryAndToNobodyElse() throws Exception {
    try (var strict = ScriptedRegistry.secureForKnownClients(tls)) {
      strict.image("team/app", "1", bytes("layer"));
      var certs =
          Files.createDirectories(
              home.resolve(".config/containers/certs.d").resolve(strict.host()));
      Files.copy(keys.resolve("ca.crt"), certs.resolve("ca.crt"));
      var name = strict.host() + "/team/app:1";
      assertTrue(bench.failing(name).contains("wants a certificate of its clients"));
      assertEquals(List.of(), strict.requests);
      Files.copy(keys.resolve("ca.crt"), certs.resolve("client.cert"));
      Files.writeString(certs.resolve("client.key"), keyInPem());
      bench.pull(name);
      assertEquals(Set.of("CN=test"), Set.copyOf(strict.clients));
      // where it redirects to is told neither who we are nor what we may
      bench.store.references().untag(name);
      try (var other = ScriptedRegistry.secureForKnownClients(tls)) {
        var target = "https://" + other.host() + "/x";
        strict.always("GET", "/manifests/1", answer(307, "", "Location", target));
        bench.failing(name);
        assertEquals(List.of(), other.requests);
      }
    }
  }

  /// A server that asks who we are, and knows us, may be busy or silent all the same.
  @Test
  void knownClientIsToldWhatIsWrong() throws Exception {
    var release = new CountDownLatch(1);
    try (var strict = ScriptedRegistry.secureForKnownClients(tls)) {
      var name = strict.host() + "/team/app:1";
      var certs =
          Files.createDirectories(
              home.resolve(".config/containers/certs.d").resolve(strict.host()));
      Files.copy(keys.resolve("ca.crt"), certs.resolve("ca.crt"));
      Files.copy(keys.resolve("ca.crt"), certs.resolve("client.cert"));
      Files.writeString(certs.resolve("client.key"), keyInPem());
      strict.next("GET", "/v2/", answer(503, ""));
      strict.next("GET", "/v2/", answer(429, "", "Retry-After", "1"));
      strict.next(
          "GET",
          "/v2/",
          exchange -> {
            try {
              release.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      for (int status : List.of(503, 429)) {
        assertEquals(
            strict.host() + " cannot be reached: the registry answers " + status,
            bench.failing(name));
      }
      bench.patience(Duration.ofSeconds(1));
      var said = bench.failing(name);
      assertTrue(said.contains("cannot be reached: no answer came"), said);
    } finally {
      release.countDown();
    }
  }

  private static String keyInPem() throws Exception {
    var store = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(keys.resolve("keys.p12"))) {
      store.load(in, OwnCertificate.PASSWORD.toCharArray());
    }
    var der = store.getKey("reg", OwnCertificate.PASSWORD.toCharArray()).getEncoded();
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(der)
        + "\n-----END PRIVATE KEY-----\n";
  }

  @Test
  void plainHttpServerIsCalledByItsName() throws Exception {
    // A proxy stands for a registry that is not on this machine.
    try (var plain = new PlainTunnel()) {
      bench.environment.put("https_proxy", "http://" + plain.host());
      bench.environment.put("http_proxy", "http://" + plain.host());
      var failure = bench.failure("reg.invalid:5000/app:1");
      assertEquals("reg.invalid:5000 speaks plain http, not https", failure.message());
      assertTrue(failure.hint().orElse("").contains("--insecure-registry reg.invalid:5000"));
      assertEquals(List.of(), bench.pauses);
      assertEquals(List.of("CONNECT reg.invalid:5000"), plain.requests);
      bench.with(
          new Access(
              Optional.empty(),
              List.of("reg.invalid:5000"),
              Optional.empty(),
              Map.of(),
              Optional.empty()));
      var said = bench.failing("reg.invalid:5000/app:1");
      assertTrue(said.startsWith("there is no image"), said); // it was asked by http
      var conf = Path.of(bench.environment.getOrDefault("CONTAINERS_REGISTRIES_CONF", ""));
      Files.writeString(conf, "[[registry]]\nlocation = \"reg.invalid:5000\"\ninsecure = true\n");
      said = bench.with(Access.USUAL).failing("reg.invalid:5000/app:1");
      assertTrue(said.startsWith("there is no image"), said);
      Files.delete(conf);
      var own = Path.of(bench.environment.getOrDefault("HOME", ""), ".config/jbuild/config.json");
      Files.createDirectories(own.getParent());
      Files.writeString(own, "{\"registries\": {\"reg.invalid:5000\": {\"insecure\": true}}}");
      said = bench.failing("reg.invalid:5000/app:1");
      assertTrue(said.startsWith("there is no image"), said);
    }
  }

  /// What a person allows to one host, it cannot allow to others (case 50).
  @Test
  void whereAnInsecureRegistryLeadsIsNotInsecureToo() throws Exception {
    var insecure =
        new Access(
            Optional.empty(),
            List.of(registry.host()),
            Optional.empty(),
            Map.of(),
            Optional.empty());
    bench.with(insecure).pull(name());
    bench.store.references().untag(name());
    try (var other = ScriptedRegistry.secure(tls)) {
      // The certificate is for 127.0.0.1, which no second name of this machine's is.
      var there = "https://localhost:" + other.host().replaceFirst(".*:", "");
      for (var settings : List.of(insecure, RegistryBench.tlsVerify(false))) {
        registry.next("GET", "/manifests/1", answer(307, "", "Location", there + "/x"));
        var said = bench.with(settings).failing(name());
        assertTrue(said.contains("the certificate of localhost:"), said);
        assertTrue(said.contains("to which " + registry.host() + " leads"), said);
      }
      registry.always(
          "GET",
          "/v2/",
          answer(401, "", "WWW-Authenticate", "Bearer realm=\"" + there + "/token\""));
      assertTrue(bench.failing(name()).contains("the certificate of localhost:"));
      assertEquals(List.of(), other.requests);
      assertEquals(List.of(), bench.pauses);
    }
  }

  @Test
  void redirectFromHttpsToHttpIsRefused() throws Exception {
    registry.always("GET", "/manifests/", answer(307, "", "Location", "http://127.0.0.1/x"));
    var said = bench.with(RegistryBench.tlsVerify(false)).failing(name());
    assertTrue(said.contains("from https to http"), said);
  }
}
