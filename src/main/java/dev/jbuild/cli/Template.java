package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A `--format` in the part of Go's template language that is typed most: text with `\t` and `\n`,
/// `{{.Field}}`, `{{.Outer.Inner}}`, `{{json .Field}}` and `{{index .Field 0}}`.
final class Template {

  private static final Pattern WORD =
      Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|[^\\s\"`]+");
  private static final Pattern PATH = Pattern.compile("\\.|(?:\\.[A-Za-z_][A-Za-z0-9_]*)+");

  private static final int PIECE = 512;

  private final List<Part> parts;

  /// Text as it is, or something to look up.
  private sealed interface Part {}

  private record Text(String text) implements Part {}

  /// @param path empty for the whole value
  /// @param keys looked up one after the other in what the path leads to
  private record Lookup(String source, List<String> path, List<String> keys, boolean json)
      implements Part {
    Lookup {
      path = List.copyOf(path);
      keys = List.copyOf(keys);
    }
  }

  private Template(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /// Reads a template.
  ///
  /// @throws BuildFailure of kind USAGE if it holds what is not understood
  static Template parse(String text) {
    var parts = new ArrayList<Part>();
    int from = 0;
    for (int open = text.indexOf("{{"); open >= 0; open = text.indexOf("{{", from)) {
      int close = text.indexOf("}}", open);
      if (close < 0) {
        throw mistaken(text.substring(open));
      }
      parts.add(new Text(unescaped(text.substring(from, open))));
      parts.add(lookup(text.substring(open, close + 2)));
      from = close + 2;
    }
    parts.add(new Text(unescaped(text.substring(from))));
    return new Template(parts);
  }

  private static String unescaped(String text) {
    return text.replace("\\t", "\t").replace("\\n", "\n");
  }

  private static Lookup lookup(String source) {
    var words =
        WORD.matcher(source.substring(2, source.length() - 2))
            .results()
            .map(match -> match.group())
            .toList();
    if (words.isEmpty()) {
      throw mistaken(source);
    }
    boolean function = !words.getFirst().startsWith(".");
    int at = function ? 1 : 0;
    if (words.size() <= at || !PATH.matcher(words.get(at)).matches()) {
      throw mistaken(source);
    }
    var path = Stream.of(words.get(at).split("\\.")).filter(name -> !name.isEmpty()).toList();
    var rest = words.subList(at + 1, words.size());
    boolean json = function && words.getFirst().equals("json");
    boolean index = function && words.getFirst().equals("index");
    if (rest.isEmpty() == index || (function && !json && !index)) {
      throw mistaken(source);
    }
    return new Lookup(source, path, rest.stream().map(word -> key(source, word)).toList(), json);
  }

  /// A number or a quoted text, as an argument of `index`.
  private static String key(String source, String word) {
    if (word.matches("[0-9]{1,9}")) {
      return word;
    }
    if (word.length() < 2 || (word.charAt(0) != '"' && word.charAt(0) != '`')) {
      throw mistaken(source);
    }
    var inner = word.substring(1, word.length() - 1);
    return word.charAt(0) == '"' ? inner.replaceAll("\\\\(.)", "$1") : inner;
  }

  private static BuildFailure mistaken(String source) {
    return Options.usage("--format does not understand " + Printable.of(source))
        .hint("it knows {{.Field}}, {{.Outer.Inner}}, {{json .Field}} and {{index .Field 0}}");
  }

  /// What the template makes of `value`, a tree of [Json]'s values, [Fields] and [Nothing].
  ///
  /// Texts of the value are made printable, that of the template is left alone.
  ///
  /// @throws BuildFailure of kind USAGE if it asks for a member that cannot be there
  String render(Object value) {
    var out = new StringBuilder();
    for (var part : parts) {
      switch (part) {
        case Text(var text) -> out.append(text);
        case Lookup lookup -> {
          var found = find(value, lookup);
          if (lookup.json()) {
            out.append(JsonText.compact(found == null ? Json.NULL : found));
          } else {
            out.append(printable(found == null ? absent(lookup) : text(found)));
          }
        }
      }
    }
    return out.toString();
  }

  /// All of `text`, however long it is; [Printable] cuts it.
  private static String printable(String text) {
    var out = new StringBuilder();
    for (int from = 0, to; from < text.length(); from = to) {
      to = Math.min(text.length(), from + PIECE);
      if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) {
        to--;
      }
      out.append(Printable.of(text.substring(from, to)));
    }
    return out.toString();
  }

  /// As Go has it: a field of a map that is not there, and an index that is not.
  private static String absent(Lookup lookup) {
    return lookup.keys().isEmpty() ? "<no value>" : "";
  }

  private static @Nullable Object find(Object value, Lookup lookup) {
    Object found = value;
    for (var name : lookup.path()) {
      found = found == null ? null : field(found, name, lookup);
    }
    for (var key : lookup.keys()) {
      found = found == null ? null : element(found, key, lookup);
    }
    return found;
  }

  private static @Nullable Object field(Object value, String name, Lookup lookup) {
    return switch (value) {
      case Fields(var members) -> {
        var member = members.get(name);
        if (member == null) {
          throw Options.usage("--format " + lookup.source() + ": there is no field " + name)
              .hint("there are " + String.join(", ", new TreeSet<>(members.keySet())));
        }
        yield member;
      }
      case Map<?, ?> map -> map.get(name);
      case Nothing _ -> null;
      default ->
          throw Options.usage("--format " + lookup.source() + ": nothing is inside of a value")
              .hint("take {{json …}} to see what there is");
    };
  }

  private static @Nullable Object element(Object value, String key, Lookup lookup) {
    if (value instanceof List<?> list) {
      int index = key.matches("[0-9]+") ? Integer.parseInt(key) : list.size();
      if (index >= list.size()) {
        throw Options.usage(
            "--format "
                + Printable.of(lookup.source())
                + ": there is no element "
                + Printable.of(key)
                + " among "
                + list.size());
      }
      return list.get(index);
    }
    return field(value, key, lookup);
  }

  /// As Go prints it.
  private static String text(Object value) {
    return switch (value) {
      case Nothing nothing -> nothing.text();
      case Fields(var members) -> text(members);
      case Map<?, ?> map -> {
        var sorted = new TreeMap<String, Object>();
        map.forEach((key, member) -> sorted.put(String.valueOf(key), member));
        yield sorted.entrySet().stream()
            .map(member -> member.getKey() + ":" + text(member.getValue()))
            .collect(Collectors.joining(" ", "map[", "]"));
      }
      case List<?> list ->
          list.stream().map(Template::text).collect(Collectors.joining(" ", "[", "]"));
      default -> value.equals(Json.NULL) ? Nothing.OBJECT.text() : value.toString();
    };
  }
}
