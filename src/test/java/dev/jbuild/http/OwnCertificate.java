package dev.jbuild.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate for 127.0.0.1 that signs itself, made by the JDK's own tool.
public final class OwnCertificate {

  /// Of the key in `keys.p12`, which is called `reg`.
  public static final String PASSWORD = "password";

  private OwnCertificate() {}

  /// TLS of a server, and of a client, that have this certificate and trust it alone.
  ///
  /// @param keys a directory, which gets the files `keys.p12` and `ca.crt`
  public static SSLContext make(Path keys)
      throws IOException, InterruptedException, GeneralSecurityException {
    keytool(
        keys,
        "-genkeypair -keyalg EC -groupname secp256r1 -dname CN=test"
            + " -ext san=ip:127.0.0.1 -ext bc=ca:true -storetype PKCS12");
    keytool(keys, "-exportcert -rfc -file " + keys.resolve("ca.crt"));
    var loaded = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(keys.resolve("keys.p12"))) {
      loaded.load(in, PASSWORD.toCharArray());
    }
    var identity = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    identity.init(loaded, PASSWORD.toCharArray());
    var known = KeyStore.getInstance("PKCS12");
    known.load(null, null);
    known.setCertificateEntry("client", loaded.getCertificate("reg"));
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(known);
    var tls = SSLContext.getInstance("TLS");
    tls.init(identity.getKeyManagers(), trust.getTrustManagers(), null);
    return tls;
  }

  private static void keytool(Path keys, String words) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(words.split(" ", -1)));
    command.addAll(List.of("-alias", "reg", "-storepass", PASSWORD));
    command.addAll(List.of("-keystore", keys.resolve("keys.p12").toString()));
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }
}
