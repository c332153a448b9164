package dev.jbuild.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;

/// JSON, strict in and byte-stable out.
///
/// A value is a `Map<String, Object>` (in the order of the document), a `List<Object>`, a `String`,
/// a `Long`, a [Decimal], a `Boolean` or [#NULL]; never `null`. What [#parse] returns cannot be
/// changed. To read a known structure with good error messages take [JsonObject].
public final class Json {

  /// JSON's null.
  public static final Object NULL = Null.NULL;

  /// What a registry must at least accept for a manifest (distribution-spec), and we at most: 4
  /// MiB.
  public static final int DOCUMENT_LIMIT = 4 << 20;

  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();

  private Json() {}

  private enum Null {
    NULL;

    @Override
    public String toString() {
      return "null";
    }
  }

  /// A number that is not exactly the text of a `long`: `1.50`, `1e9`, `-0`. Its text is kept.
  public record Decimal(String text) {}

  /// Reads one value of at most [#DOCUMENT_LIMIT] bytes.
  ///
  /// @param what names the document in messages: `manifest sha256:…`
  /// @throws ImageFormatException if `bytes` is not one JSON value in valid UTF-8, holds a key
  ///     twice or half a surrogate pair, or goes beyond the limits (nesting 100, numbers of 100
  ///     digits)
  public static Object parse(byte[] bytes, String what) throws ImageFormatException {
    return parse(bytes, what, DOCUMENT_LIMIT);
  }

  /// The same for a document of at most `limit` bytes.
  public static Object parse(byte[] bytes, String what, int limit) throws ImageFormatException {
    if (bytes.length > limit) {
      throw new ImageFormatException(
          what + " is too large: " + bytes.length + " bytes, at most " + limit);
    }
    return new JsonReader(decode(bytes, what), what).read();
  }

  /// The encoding is checked first: a lenient decoder would give two spellings to one key.
  private static String decode(byte[] bytes, String what) throws ImageFormatException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ImageFormatException(what + " is not valid UTF-8", e);
    }
  }

  /// Writes `value` compactly: members in the order of their map, no blanks, no final newline,
  /// nothing escaped but what must be. Half a surrogate pair (as [dev.jbuild.failure.Utf8] makes of
  /// a byte that is not UTF-8) becomes U+FFFD, since JSON has no way to say it.
  ///
  /// @throws IllegalArgumentException if `value` holds anything but what the class comment names
  ///     (`Integer`, any `Map` with strings as keys and any `Collection` are welcome too)
  public static byte[] write(Object value) {
    var bytes = new ByteArrayOutputStream();
    try (JsonGenerator generator = FACTORY.createGenerator(bytes)) {
      write(generator, value);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator out, Object value) throws IOException {
    switch (value) {
      case Map<?, ?> map -> {
        out.writeStartObject();
        for (var member : map.entrySet()) {
          out.writeFieldName(whole((String) member.getKey()));
          write(out, member.getValue());
        }
        out.writeEndObject();
      }
      case Collection<?> list -> {
        out.writeStartArray();
        for (Object element : list) {
          write(out, element);
        }
        out.writeEndArray();
      }
      case String text -> out.writeString(whole(text));
      case Long number -> out.writeNumber(number);
      case Integer number -> out.writeNumber(number);
      case Decimal(String text) -> out.writeNumber(text);
      case Boolean flag -> out.writeBoolean(flag);
      case Null _ -> out.writeNull();
      default -> throw new IllegalArgumentException("not a JSON value: " + value.getClass());
    }
  }

  private static String whole(String text) {
    int at = loneSurrogate(text);
    if (at < 0) {
      return text;
    }
    var out = new StringBuilder(text);
    for (int i = at; i < out.length(); i++) {
      int point = out.codePointAt(i);
      if (Character.isSupplementaryCodePoint(point)) {
        i++;
      } else if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
        out.setCharAt(i, '\uFFFD');
      }
    }
    return out.toString();
  }

  /// Where half a surrogate pair stands; -1 if there is none.
  static int loneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        int point = text.codePointAt(i);
        if (!Character.isSupplementaryCodePoint(point)) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }
}
