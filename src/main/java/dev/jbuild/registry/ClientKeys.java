package dev.jbuild.registry;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// What a client answers to a server that asks who it is (RFC 8446, 4.3.2), and whether it was
/// asked: what a server says when it takes no answer may be lost with the connection.
final class ClientKeys extends X509ExtendedKeyManager {

  private final Optional<X509ExtendedKeyManager> keys;
  private final Runnable asked;

  /// @param keys empty if there is no client certificate
  /// @param asked told whenever the server asks
  ClientKeys(Optional<X509ExtendedKeyManager> keys, Runnable asked) {
    this.keys = keys;
    this.asked = asked;
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    asked.run();
    return keys.map(own -> own.chooseEngineClientAlias(types, issuers, engine)).orElse(null);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
    asked.run();
    return keys.map(own -> own.chooseClientAlias(types, issuers, socket)).orElse(null);
  }

  @Override
  public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
    return keys.map(own -> own.getClientAliases(type, issuers)).orElse(null);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return keys.map(own -> own.getCertificateChain(alias)).orElse(null);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return keys.map(own -> own.getPrivateKey(alias)).orElse(null);
  }

  /// A client is no server.
  @Override
  public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
