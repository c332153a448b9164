package dev.jbuild.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.jbuild.Campaign;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Documents and what is nearly one, read by [Json] and by Jackson.
class JsonPropertyTest {

  private static final JsonFactory JACKSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ":",
          ",",
          "\"",
          "\"a\"",
          "\"a\":1",
          "\"b\"",
          "\\",
          "\\n",
          "\\u00e9",
          "\\u00",
          "\\x",
          "\\/",
          "é",
          "😀",
          "\t",
          "\n",
          " ",
          "\r",
          "\f",
          "\u0001",
          "0",
          "1",
          "-",
          "+",
          ".",
          "e",
          "E5",
          "1.5",
          "12345678901234567890",
          "-9223372036854775808",
          "true",
          "false",
          "null",
          "tru",
          "nulll",
          "NaN",
          "'",
          "//",
          "\u00a0",
          "\u0661");

  @Test
  void acceptsWhatJacksonAcceptsAndReadsTheSame() {
    Campaign.run("json", 20_000, JsonPropertyTest::isReadAlike);
  }

  private static void isReadAlike(Random random) {
    var text = mutated(random, document(random, 4));
    Object wanted;
    try {
      wanted = jackson(text);
    } catch (IOException e) {
      assertThrows(ImageFormatException.class, () -> parse(text), text);
      return;
    }
    try {
      assertEquals(wanted, parse(text), text);
    } catch (ImageFormatException e) {
      throw new AssertionError(text, e);
    }
  }

  private static Object parse(String text) throws ImageFormatException {
    return Json.parse(text.getBytes(UTF_8), "test");
  }

  private static String document(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 6 : 4)) {
      case 0 -> "\"" + (random.nextBoolean() ? "x\\\"é" : "") + random.nextInt(9) + "\"";
      case 1 -> List.of("true", "false", "null").get(random.nextInt(3));
      case 2 -> String.valueOf(random.nextLong() >> random.nextInt(64));
      case 3 -> List.of("-0", "1e9", "0.10", "-1.5E-7", "1e+2").get(random.nextInt(5));
      case 4 -> joined(random, depth, "[", "]", "");
      default -> joined(random, depth, "{", "}", "\"k%d\" : ");
    };
  }

  private static String joined(Random random, int depth, String open, String close, String name) {
    var parts = new ArrayList<String>();
    for (int i = random.nextInt(4); i > 0; i--) {
      parts.add(name.formatted(i) + document(random, depth - 1));
    }
    return open + String.join(random.nextBoolean() ? "," : " ,\n", parts) + close;
  }

  private static String mutated(Random random, String text) {
    var changed = new StringBuilder(text);
    for (int i = random.nextInt(3); i > 0; i--) {
      int at = changed.codePointCount(0, changed.length());
      at = changed.offsetByCodePoints(0, random.nextInt(at + 1));
      if (random.nextBoolean() || at == changed.length()) {
        changed.insert(at, PIECES.get(random.nextInt(PIECES.size())));
      } else {
        changed.delete(at, changed.offsetByCodePoints(at, 1));
      }
    }
    return changed.toString();
  }

  private static Object jackson(String text) throws IOException {
    try (var parser = JACKSON.createParser(text)) {
      if (parser.nextToken() == null) {
        throw new IOException("nothing");
      }
      var value = value(parser);
      if (parser.nextToken() != null) {
        throw new IOException("more");
      }
      return value;
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        var members = new LinkedHashMap<String, Object>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          var name = parser.getText();
          parser.nextToken();
          members.put(name, value(parser));
        }
        yield members;
      }
      case START_ARRAY -> {
        var elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(parser));
        }
        yield elements;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> Json.NULL;
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser.getText());
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new IOException("ends too early");
    };
  }

  private static Object number(String text) {
    try {
      long number = Long.parseLong(text);
      return text.length() < 20 && Long.toString(number).equals(text)
          ? number
          : new Json.Decimal(text);
    } catch (NumberFormatException e) {
      return new Json.Decimal(text);
    }
  }
}
