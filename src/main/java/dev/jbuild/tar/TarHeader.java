package dev.jbuild.tar;

import dev.jbuild.failure.Printable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A view of one header block, laid over a buffer; valid until the buffer is filled again.
final class TarHeader {

  static final int BLOCK = 512;

  private static final byte[] ZEROS = new byte[BLOCK];
  private static final byte[] POSIX = "ustar\0".getBytes(StandardCharsets.ISO_8859_1);
  private static final byte[] GNU = "ustar  \0".getBytes(StandardCharsets.ISO_8859_1);

  private byte[] bytes = ZEROS;
  private int start;
  private long offset;

  /// Lays the view over the block that begins at `index`, which is byte `position` of the tar.
  void lay(byte[] buffer, int index, long position) {
    bytes = buffer;
    start = index;
    offset = position;
  }

  long offset() {
    return offset;
  }

  boolean isZero() {
    return Arrays.equals(bytes, start, start + BLOCK, ZEROS, 0, BLOCK);
  }

  /// Whether the block is what it says: the sum over unsigned bytes, or over signed ones as some
  /// old programs made it.
  boolean checksumMatches() {
    int unsigned = 0;
    int signed = 0;
    for (int i = start; i < start + BLOCK; i++) {
      unsigned += bytes[i] & 0xFF;
      signed += bytes[i];
    }
    int from = start + HeaderField.CHECKSUM.start;
    for (int i = from; i < from + HeaderField.CHECKSUM.length; i++) {
      unsigned += ' ' - (bytes[i] & 0xFF);
      signed += ' ' - bytes[i];
    }
    try {
      long stored = TarNumber.ofField(bytes, from, HeaderField.CHECKSUM.length);
      return stored == unsigned || stored == signed;
    } catch (NumberFormatException _) {
      return false;
    }
  }

  /// The type flag, `\0` to `\u00FF`.
  char type() {
    return (char) (bytes[start + HeaderField.TYPE.start] & 0xFF);
  }

  boolean isPosix() {
    return hasMagic(POSIX);
  }

  boolean isGnu() {
    return hasMagic(GNU);
  }

  private boolean hasMagic(byte[] magic) {
    int from = start + HeaderField.MAGIC.start;
    return Arrays.equals(bytes, from, from + magic.length, magic, 0, magic.length);
  }

  /// The name; only POSIX headers have a prefix, where it stands GNU tar keeps times and a map.
  byte[] name() {
    var name = text(HeaderField.NAME);
    if (!isPosix() || bytes[start + HeaderField.PREFIX.start] == 0) {
      return name;
    }
    var prefix = text(HeaderField.PREFIX);
    var whole = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
    whole[prefix.length] = '/';
    System.arraycopy(name, 0, whole, prefix.length + 1, name.length);
    return whole;
  }

  byte[] linkName() {
    return text(HeaderField.LINK_NAME);
  }

  private byte[] text(HeaderField field) {
    int from = start + field.start;
    int end = from;
    while (end < from + field.length && bytes[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(bytes, from, end);
  }

  /// One raw byte.
  byte byteAt(int index) {
    return bytes[start + index];
  }

  /// A number within bounds.
  long number(HeaderField field, long min, long max) throws TarFormatException {
    return number(field.start, field.length, field.label(), min, max);
  }

  /// The same, of any stretch of the block.
  long number(int from, int length, String label, long min, long max) throws TarFormatException {
    try {
      long value = TarNumber.ofField(bytes, start + from, length);
      if (value < min || value > max) {
        throw new NumberFormatException(value + " is out of range");
      }
      return value;
    } catch (NumberFormatException e) {
      throw TarFormatException.at(
          offset + from,
          "entry \"" + Printable.of(name()) + "\": the " + label + " " + e.getMessage());
    }
  }
}
