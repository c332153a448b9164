package dev.jbuild.registry;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Whose certificates are good for a server: those that Java trusts, then those that the machine
/// and the registry's own files add. The host's name is checked in either case.
final class Trust extends X509ExtendedTrustManager {

  private final Supplier<List<X509Certificate>> others;
  private @Nullable X509ExtendedTrustManager usual;
  private @Nullable X509ExtendedTrustManager added;

  /// @param others more certificate authorities, asked for when Java's own do not suffice
  Trust(Supplier<List<X509Certificate>> others) {
    this.others = others;
  }

  /// Java's own authorities are a hundred and more, which plain http never needs.
  private synchronized X509ExtendedTrustManager usual() throws CertificateException {
    var known = usual;
    if (known == null) {
      try {
        known = of(null);
        usual = known;
      } catch (GeneralSecurityException e) {
        throw new CertificateException("Java's certificate authorities cannot be used", e);
      }
    }
    return known;
  }

  private static X509ExtendedTrustManager of(@Nullable KeyStore store)
      throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (var manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager trust) {
        return trust;
      }
    }
    throw new GeneralSecurityException("Java has no trust manager for X.509");
  }

  private synchronized X509ExtendedTrustManager added() throws CertificateException {
    var known = added;
    if (known == null) {
      try {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int i = 0;
        for (var certificate : others.get()) {
          store.setCertificateEntry("ca-" + i++, certificate);
        }
        known = of(i == 0 ? null : store);
        added = known;
      } catch (GeneralSecurityException | java.io.IOException e) {
        throw new CertificateException("certificate authorities cannot be used", e);
      }
    }
    return known;
  }

  private interface Check {
    void with(X509ExtendedTrustManager trust) throws CertificateException;
  }

  private void check(Check check) throws CertificateException {
    try {
      check.with(usual());
    } catch (CertificateException e) {
      try {
        check.with(added());
      } catch (CertificateException again) {
        again.addSuppressed(e);
        throw again;
      }
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(trust -> trust.checkServerTrusted(chain, type, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(trust -> trust.checkServerTrusted(chain, type, socket));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(trust -> trust.checkServerTrusted(chain, type));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("jbuild is no server here");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw new CertificateException("jbuild is no server here");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("jbuild is no server here");
  }

  /// What a server tells its clients.
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  /// Trusts any certificate for any host, where a person said so. (A manager that is not of the
  /// extended kind would still have its host names checked.)
  static final class Blind extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
