package dev.jbuild.serve;

import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// What a registry proves itself with over TLS.
final class Certificates {

  private static final String AUTHORITY = "ca.crt";

  private Certificates() {}

  /// A key and its certificate, with the certificates above it.
  record Identity(PrivateKey key, List<X509Certificate> chain) {}

  /// How TLS is spoken; nothing if it is not.
  ///
  /// @throws dev.jbuild.failure.BuildFailure if the files that are named are no key and certificate
  static @Nullable SSLContext context(RegistryOptions options) throws IOException {
    return switch (options.tls()) {
      case RegistryOptions.Tls.None _ -> null;
      case RegistryOptions.Tls.Files(var certificate, var key) ->
          context(new Identity(KeyFile.read(key), chain(certificate)), certificate, key);
      case RegistryOptions.Tls.SelfSigned(var directory) ->
          context(
              new SelfSigned(directory).identity(options.host()),
              authority(directory),
              authority(directory));
    };
  }

  /// The certificate that clients have to trust.
  static Path authority(Path directory) {
    return directory.resolve(AUTHORITY);
  }

  static List<X509Certificate> chain(Path file) throws IOException {
    var shown = Printable.of(file.toString());
    try (var in = Files.newInputStream(file)) {
      var chain =
          CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (chain.isEmpty()) {
        throw Registry.failure(shown + " holds no certificate");
      }
      return chain;
    } catch (NoSuchFileException e) {
      throw Registry.failure("there is no certificate " + shown);
    } catch (CertificateException e) {
      throw Registry.failure(shown + " is not a certificate in PEM");
    }
  }

  private static SSLContext context(Identity identity, Path certificateFile, Path keyFile)
      throws IOException {
    try {
      if (!KeyFile.fits(identity.key(), identity.chain().getFirst().getPublicKey())) {
        throw Registry.failure(
                "the key in "
                    + Printable.of(keyFile.toString())
                    + " is not the one of the certificate in "
                    + Printable.of(certificateFile.toString()))
            .hint("the server's own certificate comes first in its file");
      }
      var store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      var password = new char[0];
      store.setKeyEntry(
          "registry", identity.key(), password, identity.chain().toArray(Certificate[]::new));
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, password);
      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw Registry.failure(
          "TLS cannot be spoken with this key and certificate: "
              + Printable.of(String.valueOf(e.getMessage())));
    }
  }
}
