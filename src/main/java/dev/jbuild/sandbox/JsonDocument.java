package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import java.util.List;
import java.util.Map;

/// A value as JSON text, for the files that container runtimes read: maps, lists, texts, numbers
/// and truth values.
final class JsonDocument {

  private final StringBuilder text = new StringBuilder();

  private JsonDocument() {}

  static String of(Object value) {
    var document = new JsonDocument();
    document.append(value);
    return document.text.toString();
  }

  private void append(Object value) {
    switch (value) {
      case Map<?, ?> map -> {
        var separator = "{";
        for (var entry : map.entrySet()) {
          text.append(separator);
          append(String.valueOf(entry.getKey()));
          text.append(':');
          append(entry.getValue());
          separator = ",";
        }
        text.append(map.isEmpty() ? "{}" : "}");
      }
      case List<?> list -> {
        var separator = "[";
        for (var each : list) {
          text.append(separator);
          append(each);
          separator = ",";
        }
        text.append(list.isEmpty() ? "[]" : "]");
      }
      case String string -> append(string);
      case Number number -> text.append(number);
      case Boolean truth -> text.append(truth);
      default -> throw new IllegalArgumentException(String.valueOf(value));
    }
  }

  private void append(String string) {
    text.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (Character.isSurrogate(c) && !isPaired(string, i)) {
        throw BuildFailure.of(
                BuildFailure.Kind.SANDBOX,
                "a container runtime takes no text with bytes that are not UTF-8")
            .hint("the sandbox namespaces does");
      }
      if (c < ' ' || c == '"' || c == '\\') {
        text.append(String.format("\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }

  private static boolean isPaired(String string, int at) {
    return Character.isHighSurrogate(string.charAt(at))
        ? at + 1 < string.length() && Character.isLowSurrogate(string.charAt(at + 1))
        : at > 0 && Character.isHighSurrogate(string.charAt(at - 1));
  }
}
