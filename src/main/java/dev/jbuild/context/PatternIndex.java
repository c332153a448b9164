package dev.jbuild.context;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Many patterns, asked at once: which of them match?
///
/// A pattern is filed under what every match must begin or end with, so that a path is tried only
/// against the patterns that fit its ends, not against all of them.
final class PatternIndex {

  /// So few patterns are tried one after the other, which begins with their ends anyway.
  private static final int FEW = 16;

  /// A pattern as it is tried.
  ///
  /// @param ofName whether it says something of the last name alone, as `**/*.class`
  private record Pattern(int number, Glob glob, boolean ofName) {

    void addIfMatching(String path, String name, Matches found) {
      if (glob.matches(ofName ? name : path)) {
        found.add(number);
      }
    }
  }

  /// Patterns by what all that matches begins or ends with.
  private static final class Affixes {
    private final boolean atEnd;
    private final List<Pattern> all = new ArrayList<>();
    private final TreeMap<Integer, Map<String, List<Pattern>>> byLength = new TreeMap<>();

    Affixes(boolean atEnd) {
      this.atEnd = atEnd;
    }

    void add(Pattern pattern) {
      var affix = atEnd ? pattern.glob.suffix() : pattern.glob.prefix();
      all.add(pattern);
      byLength
          .computeIfAbsent(affix.length(), _ -> new HashMap<>())
          .computeIfAbsent(affix, _ -> new ArrayList<>())
          .add(pattern);
    }

    /// @param text of which the ends count: the path or the name
    void addMatching(String text, String path, String name, Matches found) {
      if (all.size() <= FEW) {
        for (int i = 0; i < all.size(); i++) {
          all.get(i).addIfMatching(path, name, found);
        }
        return;
      }
      for (var each : byLength.headMap(text.length(), true).entrySet()) {
        int length = each.getKey();
        var affix = atEnd ? text.substring(text.length() - length) : text.substring(0, length);
        for (var pattern : each.getValue().getOrDefault(affix, List.of())) {
          pattern.addIfMatching(path, name, found);
        }
      }
    }
  }

  private final List<Glob> globs = new ArrayList<>();
  private final Map<String, List<Integer>> paths = new HashMap<>();
  private final Map<String, List<Integer>> names = new HashMap<>();
  private final Affixes namePrefixes = new Affixes(false);
  private final Affixes nameSuffixes = new Affixes(true);
  private final Affixes pathPrefixes = new Affixes(false);
  private final Affixes pathSuffixes = new Affixes(true);
  private final List<Pattern> others = new ArrayList<>();

  /// Adds a pattern of whole paths, made by [Glob#ofPath]; it gets the next number.
  void add(Glob glob) {
    int number = globs.size();
    globs.add(glob);
    var name = glob.ofNameAnywhere();
    var pattern = new Pattern(number, name == null ? glob : name, name != null);
    if (glob.isLiteral()) {
      paths.computeIfAbsent(glob.prefix(), _ -> new ArrayList<>()).add(number);
    } else if (name != null && name.isLiteral()) {
      names.computeIfAbsent(name.prefix(), _ -> new ArrayList<>()).add(number);
    } else if (name != null && !name.prefix().isEmpty()) {
      namePrefixes.add(pattern);
    } else if (name != null && !name.suffix().isEmpty()) {
      nameSuffixes.add(pattern);
    } else if (name == null && !glob.prefix().isEmpty()) {
      pathPrefixes.add(pattern);
    } else if (name == null && !glob.suffix().isEmpty()) {
      pathSuffixes.add(pattern);
    } else {
      others.add(pattern);
    }
  }

  Glob get(int number) {
    return globs.get(number);
  }

  int size() {
    return globs.size();
  }

  /// The numbers of the patterns that match `path`, ascending.
  int[] matching(String path) {
    var name = path.substring(path.lastIndexOf('/') + 1);
    var found = new Matches();
    found.addAll(paths, path);
    found.addAll(names, name);
    namePrefixes.addMatching(name, path, name, found);
    nameSuffixes.addMatching(name, path, name, found);
    pathPrefixes.addMatching(path, path, name, found);
    pathSuffixes.addMatching(path, path, name, found);
    for (int i = 0; i < others.size(); i++) {
      others.get(i).addIfMatching(path, name, found);
    }
    return found.ascending();
  }

  /// Numbers as they are found.
  private static final class Matches {
    private static final int[] NONE = new int[0];

    private int[] numbers = NONE;
    private int count;

    void add(int number) {
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, Math.max(4, 2 * count));
      }
      numbers[count++] = number;
    }

    void addAll(Map<String, List<Integer>> literals, String text) {
      var numbersOfText = literals.isEmpty() ? null : literals.get(text);
      if (numbersOfText != null) {
        numbersOfText.forEach(this::add);
      }
    }

    int[] ascending() {
      if (count == 0) {
        return NONE;
      }
      Arrays.sort(numbers, 0, count);
      return Arrays.copyOf(numbers, count);
    }
  }
}
