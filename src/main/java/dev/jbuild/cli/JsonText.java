package dev.jbuild.cli;

import dev.jbuild.image.Json;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Values as JSON for people and scripts: [Json]'s values, [Fields] and [Nothing].
///
/// Characters that could move a cursor or hide text are written as escapes, which mean the same to
/// every reader of JSON (CWE-150, reliability case 85).
final class JsonText {

  /// How a text is laid out.
  ///
  /// @param indent of each level
  /// @param width what fits into so many characters stands on one line
  private record Layout(String indent, int width) {}

  private static final Layout PRETTY = new Layout("    ", 0);
  private static final Layout DENSE = new Layout("  ", 100);

  private JsonText() {}

  /// On one line.
  static String compact(Object value) {
    return safe(new String(Json.write(plain(value)), StandardCharsets.UTF_8));
  }

  /// On many lines, as docker inspect prints it.
  static String pretty(Object value) {
    var out = new StringBuilder();
    append(out, plain(value), "\n", PRETTY);
    return safe(out.toString());
  }

  /// On few lines: small objects and lists take one.
  ///
  /// @param indent what later lines begin with
  static String dense(Object value, String indent) {
    var out = new StringBuilder();
    append(out, plain(value), "\n" + indent, DENSE);
    return safe(out.toString());
  }

  /// `value` in the values that [Json] knows.
  private static Object plain(Object value) {
    return switch (value) {
      case Fields(var members) -> plain(members);
      case Nothing _ -> Json.NULL;
      case Map<?, ?> map -> {
        var members = new LinkedHashMap<String, Object>();
        map.forEach((key, member) -> members.put(String.valueOf(key), plain(member)));
        yield members;
      }
      case Collection<?> list -> list.stream().map(JsonText::plain).toList();
      default -> value;
    };
  }

  /// @param line what a line begins with, its break included
  private static void append(StringBuilder out, Object value, String line, Layout layout) {
    var inner = line + layout.indent();
    switch (value) {
      case Map<?, ?> map when !map.isEmpty() && !fits(map, layout) -> {
        var separator = "{";
        for (var member : map.entrySet()) {
          out.append(separator).append(inner);
          out.append(text(String.valueOf(member.getKey()))).append(": ");
          append(out, member.getValue(), inner, layout);
          separator = ",";
        }
        out.append(line).append('}');
      }
      case List<?> list when !list.isEmpty() && !fits(list, layout) -> {
        var separator = "[";
        for (Object element : list) {
          out.append(separator).append(inner);
          append(out, element, inner, layout);
          separator = ",";
        }
        out.append(line).append(']');
      }
      default -> out.append(text(value));
    }
  }

  private static boolean fits(Object value, Layout layout) {
    return layout.width() > 0 && text(value).length() <= layout.width();
  }

  private static String text(Object value) {
    return new String(Json.write(value), StandardCharsets.UTF_8);
  }

  /// Such characters stand in strings only, where an escape may stand for them.
  private static String safe(String json) {
    var out = new StringBuilder(json.length() + 16);
    for (int i = 0; i < json.length(); ) {
      int point = json.codePointAt(i);
      if (point == '\n' || !isUnsafe(point)) {
        out.appendCodePoint(point);
      } else {
        for (char unit : Character.toChars(point)) {
          out.append(String.format("\\" + "u%04x", (int) unit));
        }
      }
      i += Character.charCount(point);
    }
    return out.toString();
  }

  private static boolean isUnsafe(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
