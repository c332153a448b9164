package dev.jbuild.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a word stands for, found slowly and plainly: first a tree of it, then the tree's value;
/// wildcards by trying every stretch of the text.
final class ExpansionOracle {

  /// The word cannot be expanded.
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused(String why) {
      super(why);
    }
  }

  private sealed interface Node {
    record Text(String text, boolean plain) implements Node {}

    record Quoted(List<Node> content) implements Node {}

    record Plain(String name) implements Node {}

    record Choice(String name, boolean colon, char sign, List<Node> word) implements Node {}

    record Trim(String name, char sign, boolean longest, List<Node> pattern) implements Node {}

    record Swap(String name, boolean all, List<Node> pattern, List<Node> text) implements Node {}
  }

  /// A part of the result; a blank in a plain one separates words.
  private record Piece(String text, boolean plain) {}

  private static final Pattern NAME =
      Pattern.compile("\\p{Nd}+|[@*#?\\-$!]|[\\p{L}_][\\p{L}\\p{Nd}_]*");

  private final String escape;
  private final boolean quotes;
  private final Map<String, String> values;
  private String rest;

  private ExpansionOracle(String text, Map<String, String> values, char escape, boolean quotes) {
    this.rest = text;
    this.values = values;
    this.escape = String.valueOf(escape);
    this.quotes = quotes;
  }

  static String word(String text, Map<String, String> values, char escape) {
    var oracle = new ExpansionOracle(text, values, escape, true);
    return joined(oracle.value(oracle.until("", false), true));
  }

  static String body(String text, Map<String, String> values) {
    var oracle = new ExpansionOracle(text, values, '\\', false);
    return joined(oracle.value(oracle.until("", false), true));
  }

  static List<String> words(String text, Map<String, String> values, char escape) {
    var oracle = new ExpansionOracle(text, values, escape, true);
    var marked = new StringBuilder();
    for (var piece : oracle.value(oracle.until("", false), true)) {
      marked.append(
          piece.plain() ? piece.text().replaceAll("\\p{IsWhite_Space}", "\uE000") : piece.text());
    }
    return List.of(marked.toString().split("\uE000", -1)).stream()
        .filter(word -> !word.isEmpty())
        .toList();
  }

  private static String joined(List<Piece> pieces) {
    var text = new StringBuilder();
    pieces.forEach(piece -> text.append(piece.text()));
    return text.toString();
  }

  // the tree

  private List<Node> until(String stop, boolean raw) {
    var nodes = new ArrayList<Node>();
    while (!rest.isEmpty()) {
      if (!stop.isEmpty() && take(stop)) {
        return nodes;
      }
      if (take("$")) {
        nodes.add(variable());
      } else if (quotes && take("'")) {
        int end = rest.indexOf('\'');
        if (end < 0) {
          throw new Refused("'");
        }
        nodes.add(new Node.Text(rest.substring(0, end), false));
        rest = rest.substring(end + 1);
      } else if (quotes && take("\"")) {
        nodes.add(new Node.Quoted(doubleQuoted(raw)));
      } else if (take(escape)) {
        nodes.add(new Node.Text((raw ? escape : "") + character(), false));
      } else {
        nodes.add(new Node.Text(character(), true));
      }
    }
    if (!stop.isEmpty()) {
      throw new Refused("no " + stop);
    }
    return nodes;
  }

  private List<Node> doubleQuoted(boolean raw) {
    var nodes = new ArrayList<Node>();
    while (!take("\"")) {
      if (rest.isEmpty()) {
        throw new Refused("\"");
      }
      if (take("$")) {
        nodes.add(variable());
      } else if (take(escape)) {
        if (rest.startsWith(escape) || rest.startsWith("\"") || rest.startsWith("$")) {
          nodes.add(new Node.Text((raw ? escape : "") + character(), false));
        } else {
          nodes.add(new Node.Text(raw ? escape + escape : escape, false));
        }
      } else {
        nodes.add(new Node.Text(character(), false));
      }
    }
    return nodes;
  }

  private Node variable() {
    if (!take("{")) {
      var name = name();
      return name.isEmpty() ? new Node.Text("$", true) : new Node.Plain(name);
    }
    var name = name();
    if (name.isEmpty() || rest.isEmpty()) {
      throw new Refused("${");
    }
    var sign = character();
    return switch (sign) {
      case "}" -> new Node.Plain(name);
      case "-", "+", "?" -> new Node.Choice(name, false, sign.charAt(0), until("}", false));
      case ":" -> {
        var second = rest.isEmpty() ? "" : character();
        if (!second.matches("[-+?]")) {
          throw new Refused(":" + second);
        }
        yield new Node.Choice(name, true, second.charAt(0), until("}", false));
      }
      case "#", "%" -> {
        boolean longest = take(sign);
        yield new Node.Trim(name, sign.charAt(0), longest, until("}", true));
      }
      case "/" -> {
        boolean all = take("/");
        var pattern = until("/", true);
        yield new Node.Swap(name, all, pattern, until("}", true));
      }
      default -> throw new Refused(sign);
    };
  }

  private String name() {
    var matcher = NAME.matcher(rest);
    var name = matcher.lookingAt() ? matcher.group() : "";
    rest = rest.substring(name.length());
    return name;
  }

  private boolean take(String start) {
    if (!rest.startsWith(start)) {
      return false;
    }
    rest = rest.substring(start.length());
    return true;
  }

  private String character() {
    if (rest.isEmpty()) {
      return "";
    }
    var first = Character.toString(rest.codePointAt(0));
    rest = rest.substring(first.length());
    return first;
  }

  // its value

  /// @param used whether anybody will see it; what nobody sees has no variables, and fails for
  ///     patterns only
  private List<Piece> value(List<Node> nodes, boolean used) {
    var pieces = new ArrayList<Piece>();
    for (var node : nodes) {
      switch (node) {
        case Node.Text(var text, var plain) -> pieces.add(new Piece(text, plain));
        case Node.Quoted(var content) -> pieces.add(new Piece(joined(value(content, used)), false));
        case Node.Plain(var name) -> pieces.add(new Piece(orEmpty(name, used), true));
        case Node.Choice choice -> pieces.add(new Piece(chosen(choice, used), true));
        case Node.Trim trim -> pieces.add(new Piece(trimmed(trim, used), true));
        case Node.Swap swap -> pieces.add(new Piece(swapped(swap, used), true));
      }
    }
    return pieces;
  }

  private @Nullable String lookup(String name, boolean used) {
    return used ? values.get(name) : "";
  }

  private String orEmpty(String name, boolean used) {
    var value = lookup(name, used);
    return value == null ? "" : value;
  }

  private String chosen(Node.Choice choice, boolean used) {
    var value = lookup(choice.name(), used);
    boolean there = value != null && !(choice.colon() && value.isEmpty());
    boolean wordCounts = choice.sign() == '+' ? there : !there;
    var word = joined(value(choice.word(), used && wordCounts));
    if (choice.sign() == '?' && wordCounts && used) {
      throw new Refused(choice.name());
    }
    if (wordCounts) {
      return word;
    }
    return choice.sign() == '+' || value == null ? "" : value;
  }

  private String trimmed(Node.Trim trim, boolean used) {
    var value = points(orEmpty(trim.name(), used));
    var pattern = pattern(joined(value(trim.pattern(), used)));
    var cuts = new TreeSet<Integer>();
    for (int cut = 0; cut <= value.size(); cut++) {
      boolean fits =
          trim.sign() == '#'
              ? matches(pattern, value.subList(0, cut))
              : matches(pattern, value.subList(cut, value.size()));
      if (fits) {
        cuts.add(cut);
      }
    }
    if (cuts.isEmpty()) {
      return String.join("", value);
    }
    boolean last = trim.longest() == (trim.sign() == '#');
    int cut = last ? cuts.last() : cuts.first();
    return String.join(
        "", trim.sign() == '#' ? value.subList(cut, value.size()) : value.subList(0, cut));
  }

  private String swapped(Node.Swap swap, boolean used) {
    var value = points(orEmpty(swap.name(), used));
    var pattern = pattern(joined(value(swap.pattern(), used)));
    var text = joined(value(swap.text(), used));
    var out = new StringBuilder();
    int lastEnd = -1;
    boolean done = false;
    for (int at = 0; at <= value.size(); ) {
      int end = done ? -1 : longestMatch(pattern, value, at);
      if (end > at || (end == at && at != lastEnd)) {
        out.append(text);
        lastEnd = end;
        done = !swap.all();
      }
      if (end > at) {
        at = end;
      } else {
        out.append(at < value.size() ? value.get(at) : "");
        at++;
      }
    }
    return out.toString();
  }

  private static int longestMatch(List<String> pattern, List<String> value, int from) {
    for (int end = value.size(); end >= from; end--) {
      if (matches(pattern, value.subList(from, end))) {
        return end;
      }
    }
    return -1;
  }

  private static List<String> points(String text) {
    return text.codePoints().mapToObj(Character::toString).toList();
  }

  /// The pattern's elements: `*`, `?`, or a backslash and the character that is meant.
  private static List<String> pattern(String text) {
    var elements = new ArrayList<String>();
    var points = points(text);
    for (int i = 0; i < points.size(); i++) {
      var point = points.get(i);
      if (point.equals("\\")) {
        i++;
        if (i == points.size() || !points.get(i).matches("[*?/}\\\\]")) {
          throw new Refused("pattern " + text);
        }
        elements.add("\\" + points.get(i));
      } else {
        elements.add(point.matches("[*?]") ? point : "\\" + point);
      }
    }
    return elements;
  }

  private static boolean matches(List<String> pattern, List<String> text) {
    if (pattern.isEmpty()) {
      return text.isEmpty();
    }
    var rest = pattern.subList(1, pattern.size());
    boolean some = !text.isEmpty();
    boolean lineEnd = some && text.getFirst().equals("\n");
    return switch (pattern.getFirst()) {
      case "*" ->
          matches(rest, text)
              || (some && !lineEnd && matches(pattern, text.subList(1, text.size())));
      case "?" -> some && !lineEnd && matches(rest, text.subList(1, text.size()));
      default ->
          some
              && pattern.getFirst().equals("\\" + text.getFirst())
              && matches(rest, text.subList(1, text.size()));
    };
  }
}
