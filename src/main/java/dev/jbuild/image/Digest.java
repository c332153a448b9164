package dev.jbuild.image;

import dev.jbuild.failure.Printable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A SHA-256 content digest, written `sha256:<64 lower-case hex digits>`.
///
/// Checked when it is made, so that no path or URL is ever built from a hostile one
/// (CVE-2024-3727; image-spec, descriptor.md, Digests).
public record Digest(String hex) implements Comparable<Digest> {

  private static final String ALGORITHM = "sha256:";

  public Digest {
    boolean valid = hex.length() == 64;
    for (int i = 0; i < hex.length() && valid; i++) {
      char c = hex.charAt(i);
      valid = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
    if (!valid) {
      throw new IllegalArgumentException("not a sha256 digest: " + Printable.of(hex));
    }
  }

  /// Reads `sha256:<hex>`.
  ///
  /// @throws IllegalArgumentException for any other text
  public static Digest parse(String text) {
    if (!text.startsWith(ALGORITHM)) {
      throw new IllegalArgumentException("unsupported digest: " + Printable.of(text));
    }
    return new Digest(text.substring(ALGORITHM.length()));
  }

  /// The digest of `bytes`.
  public static Digest of(byte[] bytes) {
    return ofHash(sha256().digest(bytes));
  }

  /// The digest whose 32 raw bytes are `hash`.
  public static Digest ofHash(byte[] hash) {
    return new Digest(HexFormat.of().formatHex(hash));
  }

  /// A new SHA-256 computation.
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /// The 32 raw bytes.
  public byte[] hash() {
    return HexFormat.of().parseHex(hex);
  }

  /// The first 12 hex digits, as people see image IDs.
  public String shortHex() {
    return hex.substring(0, 12);
  }

  @Override
  public int compareTo(Digest other) {
    return hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return ALGORITHM + hex;
  }
}
