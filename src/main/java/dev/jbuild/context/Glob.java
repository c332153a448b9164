package dev.jbuild.context;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One wildcard pattern, matched in time linear in the text: no backtracking, whatever is written.
///
/// Patterns and texts are strings of [dev.jbuild.failure.Utf8], so that one byte that is no UTF-8
/// is one character, as it is in Go. There are two dialects: of a whole path, where `**` stands for
/// directories (the ignore file of moby), and of one name (Go's filepath.Match). In both a class
/// may match a slash, as it may there.
final class Glob {

  private enum Kind {
    /// One given character.
    LITERAL,
    /// One character that is no slash.
    ANY,
    /// One character in or not in a set of ranges.
    CLASS,
    /// Any number of characters that are no slash.
    STAR,
    /// Any number of any characters.
    REST,
    /// Nothing, or anything that ends with a slash.
    DIRS
  }

  /// @param ranges pairs of first and last character
  private record Element(Kind kind, int literal, boolean negated, int[] ranges) {
    static Element of(Kind kind) {
      return new Element(kind, 0, false, new int[0]);
    }

    static Element literal(int point) {
      return new Element(Kind.LITERAL, point, false, new int[0]);
    }

    boolean accepts(int point) {
      return switch (kind) {
        case LITERAL -> point == literal;
        case ANY, STAR -> point != '/';
        case REST, DIRS -> true;
        case CLASS -> contains(point) != negated;
      };
    }

    private boolean contains(int point) {
      for (int i = 0; i < ranges.length; i += 2) {
        if (ranges[i] <= point && point <= ranges[i + 1]) {
          return true;
        }
      }
      return false;
    }

    boolean isEmptyable() {
      return kind == Kind.STAR || kind == Kind.REST || kind == Kind.DIRS;
    }
  }

  private final List<Element> elements;
  private final String prefix;
  private final String suffix;

  /// STAR or REST if that is the only element that is no literal.
  private final @Nullable Kind onlyWildcard;

  private Glob(List<Element> elements) {
    this.elements = List.copyOf(elements);
    this.onlyWildcard = onlyWildcard(elements);
    this.prefix = literals(elements);
    this.suffix =
        prefix.length() > 0 && isLiteral()
            ? prefix
            : new StringBuilder(literals(elements.reversed())).reverse().toString();
  }

  /// The characters before the first wildcard. (Reversing them for the suffix keeps surrogate
  /// pairs in order; a StringBuilder knows them.)
  private static String literals(List<Element> elements) {
    var text = new StringBuilder();
    for (var element : elements) {
      if (element.kind != Kind.LITERAL) {
        break;
      }
      text.appendCodePoint(element.literal);
    }
    return text.toString();
  }

  private static @Nullable Kind onlyWildcard(List<Element> elements) {
    var wild = elements.stream().map(Element::kind).filter(kind -> kind != Kind.LITERAL).toList();
    return wild.size() == 1 && (wild.getFirst() == Kind.STAR || wild.getFirst() == Kind.REST)
        ? wild.getFirst()
        : null;
  }

  /// A pattern of a whole path, as in an ignore file.
  ///
  /// @throws IllegalArgumentException saying what is malformed
  static Glob ofPath(String pattern) {
    boolean plain = pattern.startsWith("**");
    for (int i = 2; i < pattern.length() && plain; i++) {
      plain = "*?[]\\".indexOf(pattern.charAt(i)) < 0;
    }
    // `**.go` is every path that ends so, although `**` stands for whole directories elsewhere.
    boolean anyStart = plain && !pattern.startsWith("**/");
    return new Glob(new Reader(pattern, true, anyStart).elements());
  }

  /// A pattern of one name, where `**` is no more than `*`.
  ///
  /// @throws IllegalArgumentException saying what is malformed
  static Glob ofName(String pattern) {
    return new Glob(new Reader(pattern, false, false).elements());
  }

  /// Whether `text` has a wildcard that is not escaped.
  static boolean hasWildcard(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '*' || c == '?' || c == '[') {
        return true;
      }
    }
    return false;
  }

  /// `text` without its escapes.
  static String unescaped(String text) {
    var out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\\' && i + 1 < text.length()) {
        i++;
      }
      out.append(text.charAt(i));
    }
    return out.toString();
  }

  /// Whether there is no wildcard at all; then [#prefix] is the only text that matches.
  boolean isLiteral() {
    return elements.stream().allMatch(element -> element.kind == Kind.LITERAL);
  }

  /// Whether it is a [#prefix], a `*`, and a [#suffix].
  boolean isStarWithin() {
    return onlyWildcard == Kind.STAR;
  }

  /// Whether it is a [#prefix], any number of any characters, and a [#suffix].
  boolean isAnyWithin() {
    return onlyWildcard == Kind.REST;
  }

  /// What every text that matches begins with.
  String prefix() {
    return prefix;
  }

  /// What every text that matches ends with.
  String suffix() {
    return suffix;
  }

  /// The pattern of the last name if this is `**/` and a pattern of one name; else null.
  @Nullable Glob ofNameAnywhere() {
    if (elements.size() < 2 || elements.getFirst().kind != Kind.DIRS) {
      return null;
    }
    var name = elements.subList(1, elements.size());
    for (var element : name) {
      boolean inName =
          element.kind == Kind.ANY
              || element.kind == Kind.STAR
              || (element.kind == Kind.LITERAL && element.literal != '/');
      if (!inName) {
        return null;
      }
    }
    return new Glob(name);
  }

  boolean matches(String text) {
    if (!text.startsWith(prefix) || !text.endsWith(suffix)) {
      return false;
    }
    return onlyWildcard == null ? ends(text) : matchesBetween(text);
  }

  /// The commonest form, `x*y` or `x**y`, needs no states.
  private boolean matchesBetween(String text) {
    int end = text.length() - suffix.length();
    if (end < prefix.length()) {
      return false;
    }
    int slash = text.indexOf('/', prefix.length());
    return onlyWildcard == Kind.REST || slash < 0 || slash >= end;
  }

  /// Whether a path below the directory `directory` can match; may say yes where none can.
  boolean mayMatchBelow(String directory) {
    var text = directory.isEmpty() ? "" : directory + "/";
    return beginsLike(text) && (isShort() ? runShort(text) != 0 : !run(text).isEmpty());
  }

  /// The same, with an answer that takes no time: of a long pattern yes where none can more often.
  boolean mayMatchBelowAtAGlance(String directory) {
    var text = directory.isEmpty() ? "" : directory + "/";
    return beginsLike(text) && (!isShort() || runShort(text) != 0);
  }

  private boolean beginsLike(String text) {
    return text.startsWith(prefix) || prefix.startsWith(text);
  }

  private boolean ends(String text) {
    int end = 2 * elements.size();
    return isShort() ? (runShort(text) >>> end & 1) != 0 : run(text).get(end);
  }

  /// Whether all states fit into the bits of one number.
  private boolean isShort() {
    return elements.size() < Long.SIZE / 2;
  }

  /// As [#run], of a short pattern.
  private long runShort(String text) {
    long states = entered(0);
    for (int at = 0; at < text.length() && states != 0; ) {
      int point = text.codePointAt(at);
      at += Character.charCount(point);
      long next = 0;
      for (long left = states; left != 0; left &= left - 1) {
        int state = Long.numberOfTrailingZeros(left);
        int i = state / 2;
        if (i == elements.size() || !elements.get(i).accepts(point)) {
          continue;
        }
        next |=
            switch (elements.get(i).kind) {
              case LITERAL, ANY, CLASS -> entered(i + 1);
              case STAR, REST -> entered(i);
              case DIRS -> 1L << (2 * i + 1) | (point == '/' ? entered(i + 1) : 0);
            };
      }
      states = next;
    }
    return states;
  }

  private long entered(int element) {
    int i = element;
    long states = 1L << (2 * i);
    while (i < elements.size() && elements.get(i).isEmptyable()) {
      states |= 1L << (2 * ++i);
    }
    return states;
  }

  /// The states after `text`, of a pattern of any length. State 2i: before element i; 2i + 1:
  /// inside of DIRS i, which only a slash leaves; 2n: the end.
  private BitSet run(String text) {
    var states = new BitSet(2 * elements.size() + 1);
    enter(states, 0);
    for (int at = 0; at < text.length() && !states.isEmpty(); ) {
      int point = text.codePointAt(at);
      at += Character.charCount(point);
      states = step(states, point);
    }
    return states;
  }

  private BitSet step(BitSet states, int point) {
    var next = new BitSet(2 * elements.size() + 1);
    for (int state = states.nextSetBit(0); state >= 0; state = states.nextSetBit(state + 1)) {
      int i = state / 2;
      if (i == elements.size() || !elements.get(i).accepts(point)) {
        continue;
      }
      switch (elements.get(i).kind) {
        case LITERAL, ANY, CLASS -> enter(next, i + 1);
        case STAR, REST -> enter(next, i);
        case DIRS -> {
          next.set(2 * i + 1);
          if (point == '/') {
            enter(next, i + 1);
          }
        }
      }
    }
    return next;
  }

  private void enter(BitSet states, int element) {
    int i = element;
    states.set(2 * i);
    while (i < elements.size() && elements.get(i).isEmptyable()) {
      states.set(2 * ++i);
    }
  }

  /// Reads one pattern. The syntax of classes and escapes is that of Go's filepath.Match.
  private static final class Reader {
    private final int[] points;
    private final boolean paths;
    private final List<Element> elements = new ArrayList<>();
    private boolean anyStart;
    private int at;

    Reader(String pattern, boolean paths, boolean anyStart) {
      this.points = pattern.codePoints().toArray();
      this.paths = paths;
      this.anyStart = anyStart;
    }

    List<Element> elements() {
      while (at < points.length) {
        int point = points[at++];
        switch (point) {
          case '*' -> readStars();
          case '?' -> elements.add(Element.of(Kind.ANY));
          case '[' -> elements.add(readClass());
          case '\\' -> {
            if (at == points.length) {
              throw new IllegalArgumentException("a backslash at the end escapes nothing");
            }
            elements.add(Element.literal(points[at++]));
          }
          default -> elements.add(Element.literal(point));
        }
      }
      return elements;
    }

    private void readStars() {
      if (!paths || at == points.length || points[at] != '*') {
        add(Kind.STAR);
        return;
      }
      at++;
      if (at < points.length && points[at] == '/') {
        at++;
      }
      add(at == points.length || anyStart ? Kind.REST : Kind.DIRS);
      anyStart = false;
    }

    /// The same twice in a row says nothing more.
    private void add(Kind kind) {
      if (elements.isEmpty() || elements.getLast().kind != kind) {
        elements.add(Element.of(kind));
      }
    }

    private Element readClass() {
      boolean negated = at < points.length && points[at] == '^';
      if (negated) {
        at++;
      }
      var ranges = new int[8];
      int used = 0;
      while (used == 0 || at == points.length || points[at] != ']') {
        int first = readMember();
        int last = first;
        if (at < points.length && points[at] == '-') {
          at++;
          last = readMember();
        }
        if (last < first) {
          throw new IllegalArgumentException("a range of characters runs backwards");
        }
        ranges = used == ranges.length ? Arrays.copyOf(ranges, 2 * used) : ranges;
        ranges[used++] = first;
        ranges[used++] = last;
      }
      at++;
      return new Element(Kind.CLASS, 0, negated, Arrays.copyOf(ranges, used));
    }

    private int readMember() {
      if (at < points.length && points[at] == '\\') {
        at++;
      } else if (at < points.length && (points[at] == '-' || points[at] == ']')) {
        throw new IllegalArgumentException("a character is missing between [ and ]");
      }
      if (at == points.length) {
        throw new IllegalArgumentException("a [ has no ]");
      }
      return points[at++];
    }
  }
}
