package dev.jbuild.store;

import dev.jbuild.image.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// How JSON that was not made durable is kept: `{"sha256":"…","of":"…","record":…}`.
///
/// The first is the digest of all bytes from the second's value on, so that a file that a power cut
/// tore is known for what it is. The lengths are fixed and the record's bytes stay as they are.
///
/// @param of a digest that belongs to the record
/// @param record JSON
record Envelope(Digest of, byte[] record) {

  private static final byte[] BEGIN = ascii("{\"sha256\":\"");
  private static final byte[] MIDDLE = ascii("\",\"of\":\"");
  private static final byte[] NEXT = ascii("\",\"record\":");
  private static final byte[] END = ascii("}\n");
  private static final int HEX = 64;
  private static final int COVERED = BEGIN.length + HEX + MIDDLE.length;
  private static final int HEAD = COVERED + HEX + NEXT.length;

  byte[] bytes() {
    var covered = joined(ascii(of.hex()), NEXT, record, END);
    return joined(BEGIN, ascii(Digest.of(covered).hex()), MIDDLE, covered);
  }

  /// What was wrapped; empty if the bytes are not exactly what [#bytes] gave.
  static Optional<Envelope> parse(byte[] bytes) {
    if (bytes.length < HEAD + END.length) {
      return Optional.empty();
    }
    var covered = Arrays.copyOfRange(bytes, COVERED, bytes.length);
    var head = joined(BEGIN, ascii(Digest.of(covered).hex()), MIDDLE);
    var of = new String(covered, 0, HEX, StandardCharsets.ISO_8859_1);
    if (!Arrays.equals(head, Arrays.copyOf(bytes, COVERED)) || !Names.isHex(of)) {
      return Optional.empty();
    }
    var record = Arrays.copyOfRange(bytes, HEAD, bytes.length - END.length);
    return Optional.of(new Envelope(new Digest(of), record));
  }

  private static byte[] joined(byte[]... parts) {
    int length = 0;
    for (var part : parts) {
      length += part.length;
    }
    var all = new byte[length];
    int at = 0;
    for (var part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
