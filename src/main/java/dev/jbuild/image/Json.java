package dev.jbuild.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.jbuild.failure.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
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

  private static final int DEEPEST = 100;
  private static final int LONGEST_NUMBER = 100;

  /// What Java puts in the place of bytes that are no UTF-8.
  private static final char REPLACEMENT = '\uFFFD';

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxNumberLength(LONGEST_NUMBER)
                  .maxStringLength(Integer.MAX_VALUE) // the document's length bounds them
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

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

  /// A value that is written as it is; [#parse] makes none.
  ///
  /// @param json one value in valid JSON
  public record Verbatim(String json) {}

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
    return read(bytes, what, limit, (parser, _) -> value(parser, what));
  }

  /// The same for an object with a list that may be long: its elements are [Verbatim], of valid
  /// JSON and not looked at further.
  ///
  /// @param list the name of the member that is the list
  public static Object parse(byte[] bytes, String what, int limit, String list)
      throws ImageFormatException {
    return read(bytes, what, limit, (parser, text) -> unread(parser, text, what, list));
  }

  /// Reads a value, of whose first token the parser stands.
  private interface Reading {
    Object read(JsonParser parser, String text) throws IOException;
  }

  private static Object read(byte[] bytes, String what, int limit, Reading reading)
      throws ImageFormatException {
    if (bytes.length > limit) {
      throw new ImageFormatException(
          what + " is too large: " + bytes.length + " bytes, at most " + limit);
    }
    var text = decode(bytes, what);
    try (JsonParser parser = FACTORY.createParser(text)) {
      parser.nextToken();
      Object value = reading.read(parser, text);
      if (parser.nextToken() != null) {
        throw new ImageFormatException(what + " has something after its end" + place(parser));
      }
      return value;
    } catch (StreamConstraintsException e) {
      throw new ImageFormatException(
          what
              + " is nested deeper than "
              + DEEPEST
              + " levels or holds a number of more than "
              + LONGEST_NUMBER
              + " digits",
          e);
    } catch (JsonProcessingException e) {
      throw new ImageFormatException(
          what + " is not valid JSON: " + Printable.of(e.getOriginalMessage()), e);
    } catch (ImageFormatException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
  }

  /// The encoding is checked first: a lenient decoder would give two spellings to one key.
  private static String decode(byte[] bytes, String what) throws ImageFormatException {
    var text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) < 0) { // which stands for whatever is wrong, or for itself
      return text;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ImageFormatException(what + " is not valid UTF-8", e);
    }
  }

  private static Object value(JsonParser parser, String what) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw new ImageFormatException(what + " is empty or ends too early");
    }
    return switch (token) {
      case START_OBJECT -> object(parser, what);
      case START_ARRAY -> array(parser, what);
      case VALUE_STRING -> text(parser.getText(), what);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser.getText());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> NULL;
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new ImageFormatException(what + " is not valid JSON" + place(parser));
    };
  }

  private static Map<String, Object> object(JsonParser parser, String what) throws IOException {
    if (parser.nextToken() == JsonToken.END_OBJECT) {
      return Map.of();
    }
    var members = new LinkedHashMap<String, Object>();
    do {
      String name = text(parser.getText(), what);
      parser.nextToken();
      members.put(name, value(parser, what));
    } while (parser.nextToken() != JsonToken.END_OBJECT);
    return Collections.unmodifiableMap(members);
  }

  private static Object unread(JsonParser parser, String text, String what, String list)
      throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return value(parser, what);
    }
    var members = new LinkedHashMap<String, Object>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = text(parser.getText(), what);
      boolean isList = parser.nextToken() == JsonToken.START_ARRAY && name.equals(list);
      members.put(name, isList ? verbatim(parser, text, what) : value(parser, what));
    }
    return Collections.unmodifiableMap(members);
  }

  private static List<Object> verbatim(JsonParser parser, String text, String what)
      throws IOException {
    var elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken().isStructStart()) {
        long start = parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        long end = parser.currentLocation().getCharOffset();
        elements.add(new Verbatim(text.substring((int) start, (int) end)));
      } else {
        elements.add(new Verbatim(new String(write(value(parser, what)), StandardCharsets.UTF_8)));
      }
    }
    return List.copyOf(elements);
  }

  private static List<Object> array(JsonParser parser, String what) throws IOException {
    var elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(value(parser, what));
    }
    return List.copyOf(elements);
  }

  /// Half a surrogate pair stands for no character; [dev.jbuild.failure.Utf8] would read it as a
  /// byte that never was in the document.
  private static String text(String text, String what) throws ImageFormatException {
    if (loneSurrogate(text) >= 0) {
      throw new ImageFormatException(
          what + " holds half a surrogate pair in \"" + Printable.of(text) + "\"");
    }
    return text;
  }

  private static Object number(String text) {
    if (text.length() < 20) {
      try {
        long number = Long.parseLong(text);
        if (Long.toString(number).equals(text)) {
          return number;
        }
      } catch (NumberFormatException _) {
        return new Decimal(text);
      }
    }
    return new Decimal(text);
  }

  private static String place(JsonParser parser) {
    return " at character " + parser.currentLocation().getCharOffset();
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
      case Verbatim(String json) -> out.writeRawValue(json);
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

  private static int loneSurrogate(String text) {
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
