package dev.jbuild.failure;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Text that came from bytes and must be able to go back to the very same bytes.
///
/// Valid UTF-8 becomes the characters it stands for. Every byte that is not part of valid UTF-8
/// becomes one lone low surrogate, U+DC80 to U+DCFF (the scheme of Python's PEP 383), which no
/// valid text contains. `encode(decode(bytes))` is `bytes`, always.
public final class Utf8 {

  private static final int ESCAPE = 0xDC00;

  private Utf8() {}

  /// The text of `bytes`; never fails.
  public static String decode(byte[] bytes) {
    var plain = new String(bytes, StandardCharsets.UTF_8);
    if (plain.indexOf('\uFFFD') < 0) {
      return plain; // nothing was replaced
    }
    var text = new StringBuilder(bytes.length);
    for (int i = 0; i < bytes.length; ) {
      int length = validLength(bytes, i);
      if (length == 0) {
        text.append((char) (ESCAPE | (bytes[i] & 0xFF)));
        i++;
      } else {
        text.append(new String(bytes, i, length, StandardCharsets.UTF_8));
        i += length;
      }
    }
    return text.toString();
  }

  /// The bytes of `text`, with what [#decode] escaped turned back into the bytes it was.
  ///
  /// @throws IllegalArgumentException if `text` holds any other lone surrogate
  public static byte[] encode(String text) {
    boolean escaped = false;
    for (int i = 0; i < text.length() && !escaped; i++) {
      escaped = Character.isSurrogate(text.charAt(i));
    }
    if (!escaped) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    var bytes = new ByteArrayOutputStream(text.length() + 16);
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      if (point >= ESCAPE + 0x80 && point <= ESCAPE + 0xFF) {
        bytes.write(point - ESCAPE);
      } else if (point >= 0xD800 && point <= 0xDFFF) {
        throw new IllegalArgumentException("a lone surrogate at index " + i);
      } else {
        bytes.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
      }
      i += Character.charCount(point);
    }
    return bytes.toByteArray();
  }

  /// Length of the valid UTF-8 sequence at `i` (RFC 3629; table 3-7 of Unicode); 0 if none.
  private static int validLength(byte[] b, int i) {
    int first = b[i] & 0xFF;
    if (first < 0x80) {
      return 1;
    }
    int length = first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3 : 4;
    if (first < 0xC2 || first > 0xF4 || i + length > b.length) {
      return 0;
    }
    for (int k = 1; k < length; k++) {
      if ((b[i + k] & 0xC0) != 0x80) {
        return 0;
      }
    }
    int second = b[i + 1] & 0xFF;
    boolean bad =
        (first == 0xE0 && second < 0xA0)
            || (first == 0xED && second > 0x9F)
            || (first == 0xF0 && second < 0x90)
            || (first == 0xF4 && second > 0x8F);
    return bad ? 0 : length;
  }
}
