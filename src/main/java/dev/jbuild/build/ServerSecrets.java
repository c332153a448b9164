package dev.jbuild.build;

import dev.jbuild.failure.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Secrets that are for servers, found by their ids. They are sent to that host and to no other.
///
/// `HTTP_AUTH_TOKEN_host` and `HTTP_AUTH_HEADER_host` are for files of ADD, `GIT_AUTH_TOKEN.host`,
/// `GIT_AUTH_HEADER.host` and the same without a host for git repositories.
public record ServerSecrets(Secrets secrets) {

  /// There are none.
  public static final ServerSecrets NONE = new ServerSecrets(Secrets.NONE);

  /// The value of the Authorization header for a file.
  ///
  /// @param host with its port, if the address has one
  Optional<String> forFile(String host) {
    for (var name : names(host)) {
      var header = text("HTTP_AUTH_HEADER_" + name);
      if (header.isPresent()) {
        return header;
      }
      var token = text("HTTP_AUTH_TOKEN_" + name);
      if (token.isPresent()) {
        return token.map(value -> "Bearer " + value);
      }
    }
    return Optional.empty();
  }

  /// The value of the Authorization header for a git repository.
  ///
  /// @param host with its port, if the address has one
  Optional<String> forGit(String host) {
    for (var name : names(host)) {
      var found = git("." + name);
      if (found.isPresent()) {
        return found;
      }
    }
    return git("");
  }

  private Optional<String> git(String suffix) {
    return text("GIT_AUTH_HEADER" + suffix)
        .or(
            () ->
                text("GIT_AUTH_TOKEN" + suffix)
                    .map(token -> ("x-access-token:" + token).getBytes(StandardCharsets.UTF_8))
                    .map(bytes -> "Basic " + Base64.getEncoder().encodeToString(bytes)));
  }

  /// The host with its port, then without.
  private static List<String> names(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? List.of(host, host.substring(0, colon)) : List.of(host);
  }

  /// A value as it can stand in a header; the line end of a file is not part of it.
  private Optional<String> text(String id) {
    return secrets
        .find(id)
        .map(bytes -> Utf8.decode(bytes).strip())
        .filter(value -> !value.isEmpty() && value.chars().noneMatch(Character::isISOControl));
  }
}
