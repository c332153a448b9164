package dev.jbuild.image;

import dev.jbuild.failure.Printable;
import dev.jbuild.linux.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// A SHA-256 content digest, written `sha256:<64 lower-case hex digits>`.
///
/// Checked when it is made, so that no path or URL is ever built from a hostile one
/// (CVE-2024-3727; image-spec, descriptor.md, Digests). Kept as four numbers: there may be a
/// million of them.
public final class Digest implements Comparable<Digest> {

  private static final String ALGORITHM = "sha256:";
  private static final int BYTES = 32;

  private final long first;
  private final long second;
  private final long third;
  private final long fourth;

  private Digest(ByteBuffer hash) {
    this.first = hash.getLong();
    this.second = hash.getLong();
    this.third = hash.getLong();
    this.fourth = hash.getLong();
  }

  /// The digest with these hex digits.
  ///
  /// @throws IllegalArgumentException unless there are 64 of them, in lower case
  public Digest(String hex) {
    this(ByteBuffer.wrap(parsed(hex)));
  }

  private static byte[] parsed(String hex) {
    boolean valid = hex.length() == 2 * BYTES;
    for (int i = 0; i < hex.length() && valid; i++) {
      char c = hex.charAt(i);
      valid = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
    if (!valid) {
      throw new IllegalArgumentException("not a sha256 digest: " + Printable.of(hex));
    }
    return HexFormat.of().parseHex(hex);
  }

  /// Reads `sha256:<hex>`.
  ///
  /// @throws IllegalArgumentException for any other text
  public static Digest parse(String text) {
    if (!text.startsWith(ALGORITHM)) {
      throw new IllegalArgumentException(
          "unsupported digest: " + Printable.of(text) + " (only sha256 is known)");
    }
    return new Digest(text.substring(ALGORITHM.length()));
  }

  /// The digest of `bytes`.
  public static Digest of(byte[] bytes) {
    return ofHash(sha256().digest(bytes));
  }

  /// The digest of the UTF-16 code units of `text`, big-endian. Two texts have the same only if
  /// they are the same, also if they hold halves of surrogate pairs, as [dev.jbuild.failure.Utf8]
  /// makes of bytes that are no text. (An encoder would make one character of all of these.)
  public static Digest ofText(String text) {
    var bytes = ByteBuffer.allocate(Character.BYTES * text.length());
    bytes.asCharBuffer().put(text.toCharArray());
    return of(bytes.array());
  }

  /// The digest whose 32 raw bytes are `hash`.
  ///
  /// @throws IllegalArgumentException if there are more or fewer
  public static Digest ofHash(byte[] hash) {
    if (hash.length != BYTES) {
      throw new IllegalArgumentException("not a sha256 digest: " + hash.length + " bytes");
    }
    return new Digest(ByteBuffer.wrap(hash));
  }

  /// A new SHA-256 computation.
  public static MessageDigest sha256() {
    return Sha256.start();
  }

  /// The 64 hex digits.
  public String hex() {
    return HexFormat.of().formatHex(hash());
  }

  /// The 32 raw bytes.
  public byte[] hash() {
    return ByteBuffer.allocate(BYTES)
        .putLong(first)
        .putLong(second)
        .putLong(third)
        .putLong(fourth)
        .array();
  }

  /// The first 12 hex digits, as people see image IDs.
  public String shortHex() {
    return hex().substring(0, 12);
  }

  @Override
  public int compareTo(Digest other) {
    int order = Long.compareUnsigned(first, other.first);
    order = order != 0 ? order : Long.compareUnsigned(second, other.second);
    order = order != 0 ? order : Long.compareUnsigned(third, other.third);
    return order != 0 ? order : Long.compareUnsigned(fourth, other.fourth);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Digest digest
        && first == digest.first
        && second == digest.second
        && third == digest.third
        && fourth == digest.fourth;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(first);
  }

  @Override
  public String toString() {
    return ALGORITHM + hex();
  }
}
