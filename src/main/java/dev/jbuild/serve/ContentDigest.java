package dev.jbuild.serve;

import dev.jbuild.failure.Printable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/// A digest as clients may use it: SHA-256 or SHA-512 (image-spec, descriptor.md, Digests).
///
/// Checked when it is made, so that no path is ever built from a hostile one (CVE-2024-3727).
record ContentDigest(Algorithm algorithm, String hex) implements Comparable<ContentDigest> {

  /// A registered algorithm.
  enum Algorithm {
    SHA256("SHA-256", 64),
    SHA512("SHA-512", 128);

    private final String javaName;
    private final int digits;

    Algorithm(String javaName, int digits) {
      this.javaName = javaName;
      this.digits = digits;
    }

    /// `sha256`.
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Algorithm> find(String label) {
      for (var each : values()) {
        if (each.label().equals(label)) {
          return Optional.of(each);
        }
      }
      return Optional.empty();
    }

    /// A new computation.
    MessageDigest start() {
      try {
        return MessageDigest.getInstance(javaName);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has " + javaName, e);
      }
    }
  }

  ContentDigest {
    boolean valid = hex.length() == algorithm.digits;
    for (int i = 0; i < hex.length() && valid; i++) {
      char c = hex.charAt(i);
      valid = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
    if (!valid) {
      throw new IllegalArgumentException(
          "not a " + algorithm.label() + " digest: " + Printable.of(hex));
    }
  }

  /// Reads `sha256:<hex>` or `sha512:<hex>`.
  ///
  /// @throws Refusal (400, DIGEST_INVALID) for any other text
  static ContentDigest parse(String text) {
    return find(text)
        .orElseThrow(
            () ->
                Refusal.bad(
                    ErrorCode.DIGEST_INVALID,
                    "not a digest of sha256 or sha512: " + Printable.of(text)));
  }

  /// The digest that `text` is; nothing if it is none.
  static Optional<ContentDigest> find(String text) {
    int colon = text.indexOf(':');
    var algorithm = Algorithm.find(colon < 0 ? "" : text.substring(0, colon));
    try {
      return algorithm.map(each -> new ContentDigest(each, text.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static ContentDigest of(Algorithm algorithm, byte[] content) {
    return ofHash(algorithm, algorithm.start().digest(content));
  }

  static ContentDigest ofHash(Algorithm algorithm, byte[] hash) {
    return new ContentDigest(algorithm, HexFormat.of().formatHex(hash));
  }

  /// A name for files: `sha256-<hex>`.
  String fileName() {
    return algorithm.label() + "-" + hex;
  }

  /// The digest whose [#fileName] is `name`; nothing if it is none.
  static Optional<ContentDigest> ofFileName(String name) {
    return find(name.replaceFirst("-", ":"));
  }

  @Override
  public int compareTo(ContentDigest other) {
    int first = algorithm.compareTo(other.algorithm);
    return first != 0 ? first : hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return algorithm.label() + ":" + hex;
  }
}
