package dev.jbuild.registry;

import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;

/// The certificates that belong to a registry, in the layout that docker and podman share:
/// `certs.d/HOST[:PORT]/` with `*.crt` for authorities, `*.cert` with `*.key` for who we are.
final class Certificates {

  /// Where distributions keep the authorities that the machine trusts.
  private static final List<Path> SYSTEM =
      List.of(
          Path.of("/etc/ssl/certs/ca-certificates.crt"),
          Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
          Path.of("/etc/ssl/ca-bundle.pem"));

  private final Map<String, String> environment;
  private final List<Path> authorities;
  private final Optional<Path> directory;
  private volatile boolean wanted;

  /// @param extra files with authorities that the configuration names
  Certificates(Map<String, String> environment, String host, List<Path> extra) {
    this.environment = environment;
    this.authorities = List.copyOf(extra);
    this.directory =
        roots(environment).stream()
            .map(root -> root.resolve(host))
            .filter(Files::isDirectory)
            .findFirst();
  }

  private static List<Path> roots(Map<String, String> environment) {
    var roots = new ArrayList<Path>();
    var home = new Home(environment);
    home.config("containers", "certs.d").ifPresent(roots::add);
    home.config("docker", "certs.d").ifPresent(roots::add);
    roots.add(Path.of("/etc/containers/certs.d"));
    roots.add(Path.of("/etc/docker/certs.d"));
    return roots;
  }

  /// What TLS needs to know to speak to the registry.
  ///
  /// @param verify whether the server must prove who it is
  /// @param identified whether we say who we are, if there is a client certificate
  SSLContext context(boolean verify, boolean identified) {
    try {
      var trust = verify ? new Trust(this::added) : new Trust.Blind();
      var context = SSLContext.getInstance("TLS");
      var keys = identified ? new KeyManager[] {new ClientKeys(keys(), () -> wanted = true)} : null;
      context.init(keys, new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw Failures.of("TLS cannot be set up: " + Printable.of(String.valueOf(e.getMessage())), e);
    }
  }

  /// Whether the registry has asked who we are since it was first spoken to.
  boolean areWanted() {
    return wanted;
  }

  private List<X509Certificate> added() {
    var certificates = new ArrayList<X509Certificate>();
    systemBundle().ifPresent(file -> certificates.addAll(certificates(file)));
    authorities.forEach(file -> certificates.addAll(certificates(file)));
    files(".crt").forEach(file -> certificates.addAll(certificates(file)));
    return certificates;
  }

  private Optional<Path> systemBundle() {
    var named = new Home(environment).absolute("SSL_CERT_FILE").filter(Files::isReadable);
    return named.or(() -> SYSTEM.stream().filter(Files::isReadable).findFirst());
  }

  private static List<X509Certificate> certificates(Path file) {
    try {
      return Pem.certificates(file);
    } catch (IOException | GeneralSecurityException e) {
      throw Failures.file(file, Printable.of(String.valueOf(e.getMessage())));
    }
  }

  private List<Path> files(String suffix) {
    if (directory.isEmpty()) {
      return List.of();
    }
    try (var files = Files.list(directory.get())) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    } catch (IOException e) {
      throw Failures.file(directory.get(), "it cannot be listed");
    }
  }

  private Optional<X509ExtendedKeyManager> keys() throws GeneralSecurityException {
    var certificates = files(".cert");
    for (var key : files(".key")) {
      requirePartner(key, ".key", ".cert", "client certificate");
    }
    if (certificates.isEmpty()) {
      return Optional.empty();
    }
    try {
      var store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (var file : certificates) {
        var key = requirePartner(file, ".cert", ".key", "private key");
        store.setKeyEntry(file.toString(), privateKey(key), new char[0], chain(file));
      }
      var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, new char[0]);
      return Stream.of(factory.getKeyManagers())
          .map(X509ExtendedKeyManager.class::cast)
          .findFirst();
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static X509Certificate[] chain(Path file) {
    var chain = certificates(file).toArray(X509Certificate[]::new);
    if (chain.length == 0) {
      throw Failures.file(file, "it holds no certificate");
    }
    return chain;
  }

  private static java.security.PrivateKey privateKey(Path file) throws IOException {
    try {
      return Pem.privateKey(file);
    } catch (GeneralSecurityException e) {
      throw Failures.file(file, Printable.of(String.valueOf(e.getMessage())));
    }
  }

  private static Path requirePartner(Path file, String own, String other, String what) {
    var name = file.toString();
    var partner = Path.of(name.substring(0, name.length() - own.length()) + other);
    if (!Files.isRegularFile(partner)) {
      throw Failures.file(
          file, "its " + what + " " + Printable.of(String.valueOf(partner)) + " is missing");
    }
    return partner;
  }
}
