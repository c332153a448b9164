package dev.jbuild.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.serve.RegistryOptions.Tls;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Passwords and TLS.
class SecretTest {

  /// `secret`, as htpasswd -B writes it.
  private static final String HASH = "$2y$04$E5AhHdK1yD.Mz9S9S3T/ruh5tgwfzdhXMvp5ZHVdcuJr1/biXWOta";

  @TempDir Path temp;

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }

  private Path passwords(String text) throws Exception {
    return Files.writeString(temp.resolve("htpasswd"), text);
  }

  @Test
  void onlyThoseWithAPasswordAreServed() throws Exception {
    var file =
        passwords("# people\n\nme:" + HASH + "\nother:" + HASH.replace("$2y$", "$2b$") + "\n");
    try (var served = ServedRegistry.of(temp, options -> options.withPasswords(file))) {
      var caller = served.caller;
      for (var path : List.of("/v2/", "/", "/v2/app/manifests/1", "/v2/_catalog", "/nothing")) {
        var asked = caller.call("GET", path).is(401, "UNAUTHORIZED");
        assertTrue(
            asked.header("WWW-Authenticate").orElseThrow().startsWith("Basic realm=\""), path);
      }
      caller.call("PUT", "/v2/app/manifests/1", new byte[5_000_000]).is(401);
      for (var wrong :
          List.of(
              basic("me:wrong"),
              basic("me:"),
              basic(":secret"),
              basic("nobody:secret"),
              basic("me"),
              basic("me:secret" + "x".repeat(80)),
              "Basic %%%",
              "Basic",
              "Bearer " + basic("me:secret").substring(6))) {
        caller.call("GET", "/v2/", "Authorization", wrong).is(401);
      }
      for (int i = 0; i < 3; i++) {
        caller.call("GET", "/v2/", "Authorization", basic("me:secret")).is(200);
        caller.call("GET", "/v2/", "Authorization", basic("me:wrong")).is(401);
      }
      caller
          .call("GET", "/v2/", "Authorization", "basic  " + basic("other:secret").substring(6))
          .is(200);
      assertFalse(String.join("\n", served.requests).contains("secret"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'me:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=', 'htpasswd:1: the password is not hashed with bcrypt'",
    "'me:$apr1$x$abcdefghijklmnopqrstuv', 'htpasswd:1: the password is not hashed with bcrypt'",
    "'me:plain', 'htpasswd:1: the password is not hashed with bcrypt'",
    "'# x\nme', 'htpasswd:2: a line is NAME:HASH'",
    "'#', 'htpasswd names nobody'",
    "'me:$2y$31$E5AhHdK1yD.Mz9S9S3T/ruh5tgwfzdhXMvp5ZHVdcuJr1/biXWOta', 'cost'",
    "'a:$2y$04$E5AhHdK1yD.Mz9S9S3T/ruh5tgwfzdhXMvp5ZHVdcuJr1/biXWOta\n"
        + "a:$2y$04$E5AhHdK1yD.Mz9S9S3T/ruh5tgwfzdhXMvp5ZHVdcuJr1/biXWOta', 'htpasswd:2: a is here"
        + " twice'"
  })
  void aFileOfPasswordsIsRefusedAtItsLine(String text, String said) throws Exception {
    var file = passwords(text);
    var failure =
        assertThrows(
            BuildFailure.class,
            () -> ServedRegistry.of(temp, options -> options.withPasswords(file)));
    assertTrue(failure.message().contains(said), failure.message());
    assertEquals(BuildFailure.Kind.REGISTRY, failure.kind());
    assertFalse(failure.message().contains("$"), failure.message());
  }

  private static SSLContext trusting(Path authority) throws Exception {
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("ca", Certificates.chain(authority).getFirst());
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    var context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static int get(SSLContext context, String url) throws Exception {
    try (var client = HttpClient.newBuilder().sslContext(context).build()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create(url)).build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }

  @Test
  void aSelfMadeCertificateIsGoodForTheNamesOfThisMachine() throws Exception {
    var tls = temp.resolve("data").resolve("tls");
    Path authority;
    byte[] before;
    try (var served =
        ServedRegistry.of(temp, options -> options.withTls(new Tls.SelfSigned(tls)))) {
      authority = served.registry.authorityCertificate().orElseThrow();
      before = Files.readAllBytes(authority);
      int port = served.registry.port();
      assertEquals("https://127.0.0.1:" + port, served.registry.url());
      var trusting = trusting(authority);
      assertEquals(200, get(trusting, "https://localhost:" + port + "/v2/"));
      assertEquals(200, get(trusting, "https://127.0.0.1:" + port + "/v2/"));
      assertThrows(
          SSLHandshakeException.class,
          () -> get(SSLContext.getDefault(), "https://localhost:" + port + "/v2/"));

      // a client without TLS is told, and one that breaks off does no harm
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.getOutputStream().write("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(UTF_8));
        var answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
        assertTrue(answer.contains("this registry speaks https, not http"), answer);
      }
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.getOutputStream().write(new byte[] {0x16, 3, 1, 0});
      }
      assertEquals(200, get(trusting, "https://localhost:" + port + "/v2/"));
      assertEquals(List.of(), served.troubles);
    }
    for (var key : List.of("ca.key", "server.key")) {
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(tls.resolve(key))));
    }
    var server = Certificates.chain(tls.resolve("server.crt"));
    assertEquals(2, server.size());
    assertFalse(isAuthority(server.getFirst()));
    assertTrue(isAuthority(server.getLast()));
    var names = String.valueOf(server.getFirst().getSubjectAlternativeNames());
    for (var name : List.of("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1", HostName.get())) {
      assertTrue(names.contains(name), names);
    }

    // the next start uses both again; another host gets another certificate of the same authority
    var first = Files.readAllBytes(tls.resolve("server.crt"));
    ServedRegistry.of(temp, options -> options.withTls(new Tls.SelfSigned(tls))).close();
    org.junit.jupiter.api.Assertions.assertArrayEquals(
        first, Files.readAllBytes(tls.resolve("server.crt")));
    try (var served =
        ServedRegistry.of(
            temp, options -> options.withHost("0.0.0.0").withTls(new Tls.SelfSigned(tls)))) {
      org.junit.jupiter.api.Assertions.assertArrayEquals(before, Files.readAllBytes(authority));
      assertEquals(
          200, get(trusting(authority), "https://127.0.0.1:" + served.registry.port() + "/v2/"));
    }
  }

  private static boolean isAuthority(X509Certificate certificate) {
    return certificate.getBasicConstraints() >= 0;
  }

  private static final List<String> KEYS =
      List.of(
          "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out k.pem",
          "openssl genrsa -traditional -out k.pem 2048",
          "openssl ecparam -name prime256v1 -genkey -out k.pem",
          "openssl genpkey -algorithm ED25519 -out k.pem");

  @Test
  void aKeyAndCertificateOfOpensslAreUsed() throws Exception {
    org.junit.jupiter.api.Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
    for (var make : KEYS) {
      sh(make);
      sh(
          "openssl req -x509 -new -key k.pem -out c.pem -days 30 -subj /CN=test"
              + " -addext subjectAltName=DNS:localhost");
      try (var served =
          ServedRegistry.of(
              temp,
              options ->
                  options.withTls(new Tls.Files(temp.resolve("c.pem"), temp.resolve("k.pem"))))) {
        assertEquals(
            200,
            get(
                trusting(temp.resolve("c.pem")),
                "https://localhost:" + served.registry.port() + "/v2/"),
            make);
        assertEquals(Optional.empty(), served.registry.authorityCertificate());
      }
    }
    sh(
        "openssl genrsa -out other.pem 2048; openssl genrsa -aes256 -passout pass:x -out e.pem"
            + " 2048");
    sh("echo nothing > n.pem");
    assertSaid("other.pem", "c.pem", "is not the one of the certificate");
    assertSaid("e.pem", "c.pem", "is encrypted");
    assertSaid("n.pem", "c.pem", "holds no private key in PEM");
    assertSaid("missing.pem", "c.pem", "there is no key");
    assertSaid("k.pem", "missing.pem", "there is no certificate");
    assertSaid("k.pem", "n.pem", "n.pem");
  }

  private void assertSaid(String key, String certificate, String said) {
    var failure =
        assertThrows(
            BuildFailure.class,
            () ->
                ServedRegistry.of(
                    temp,
                    options ->
                        options.withTls(
                            new Tls.Files(temp.resolve(certificate), temp.resolve(key)))));
    assertTrue(failure.message().contains(said), failure.message());
  }

  private void sh(String line) throws Exception {
    var process =
        new ProcessBuilder("sh", "-c", line)
            .directory(temp.toFile())
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("sh.log").toFile())
            .start();
    assertEquals(0, process.waitFor(), () -> line);
  }
}
