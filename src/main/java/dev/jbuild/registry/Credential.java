package dev.jbuild.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// Who a person is to a registry. Its text form never holds the secret.
public sealed interface Credential {

  /// A user with a password.
  record Password(String user, String password) implements Credential {

    /// The value of an Authorization header.
    String basic() {
      var both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(both);
    }

    @Override
    public String toString() {
      return "Password[…]";
    }
  }

  /// A refresh token, which a token server changes for access tokens.
  record IdentityToken(String token) implements Credential {
    @Override
    public String toString() {
      return "IdentityToken[…]";
    }
  }

  /// A token that the registry itself accepts.
  record RegistryToken(String token) implements Credential {
    @Override
    public String toString() {
      return "RegistryToken[…]";
    }
  }

  /// Reads `user:password`.
  ///
  /// @throws IllegalArgumentException if there is no colon or no user
  static Credential parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("credentials are written as USER:PASSWORD");
    }
    return new Password(text.substring(0, colon), text.substring(colon + 1));
  }
}
