package dev.jbuild.registry;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a configuration says of all repositories whose names begin in one way (containers'
/// registries.conf, version 2).
///
/// @param prefix `host`, `host/path`, or `*.domain`
/// @param location what stands in the place of the prefix when the registry is asked
/// @param insecure whether http and certificates that nobody trusts will do
/// @param blocked whether it may not be asked at all
/// @param byDigestOnly whether the mirrors are asked only for digests
/// @param authorities files with certificates of authorities to trust
record RegistryRule(
    String prefix,
    Optional<String> location,
    boolean insecure,
    boolean blocked,
    boolean byDigestOnly,
    List<Mirror> mirrors,
    List<Path> authorities) {

  /// Another place of the same images.
  ///
  /// @param from `all`, `digest-only` or `tag-only`
  record Mirror(String location, boolean insecure, String from) {

    boolean serves(boolean byDigest) {
      return switch (from) {
        case "digest-only" -> byDigest;
        case "tag-only" -> !byDigest;
        default -> true;
      };
    }
  }

  RegistryRule {
    mirrors = List.copyOf(mirrors);
    authorities = List.copyOf(authorities);
  }

  /// Whether the rule speaks of `name`, which is `host/path`.
  boolean isFor(String name) {
    if (prefix.startsWith("*.")) {
      int slash = name.indexOf('/');
      var host = slash < 0 ? name : name.substring(0, slash);
      return host.endsWith(prefix.substring(1));
    }
    return name.equals(prefix) || name.startsWith(prefix + "/");
  }

  /// `name` with `place` instead of the prefix.
  String moved(String name, String place) {
    return prefix.startsWith("*.") ? name : place + name.substring(prefix.length());
  }
}
