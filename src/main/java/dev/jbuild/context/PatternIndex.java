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

  /// Patterns by literal text; the numbers ascend.
  private static final class Affixes {
    private final TreeMap<Integer, Map<String, List<Integer>>> byLength = new TreeMap<>();

    void add(String affix, int number) {
      byLength
          .computeIfAbsent(affix.length(), _ -> new HashMap<>())
          .computeIfAbsent(affix, _ -> new ArrayList<>())
          .add(number);
    }
  }

  private final List<Glob> globs = new ArrayList<>();
  private final Map<String, List<Integer>> paths = new HashMap<>();
  private final Map<String, List<Integer>> names = new HashMap<>();
  private final Affixes namePrefixes = new Affixes();
  private final Affixes nameSuffixes = new Affixes();
  private final Affixes pathPrefixes = new Affixes();
  private final Affixes pathSuffixes = new Affixes();
  private final List<Integer> others = new ArrayList<>();

  /// Adds a pattern of whole paths, made by [Glob#ofPath]; it gets the next number.
  void add(Glob glob) {
    int number = globs.size();
    globs.add(glob);
    var name = glob.ofNameAnywhere();
    if (glob.isLiteral()) {
      paths.computeIfAbsent(glob.prefix(), _ -> new ArrayList<>()).add(number);
    } else if (name != null && name.isLiteral()) {
      names.computeIfAbsent(name.prefix(), _ -> new ArrayList<>()).add(number);
    } else if (name != null && !name.prefix().isEmpty()) {
      namePrefixes.add(name.prefix(), number);
    } else if (name != null && !name.suffix().isEmpty()) {
      nameSuffixes.add(name.suffix(), number);
    } else if (!glob.prefix().isEmpty()) {
      pathPrefixes.add(glob.prefix(), number);
    } else if (!glob.suffix().isEmpty()) {
      pathSuffixes.add(glob.suffix(), number);
    } else {
      others.add(number);
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
    paths.getOrDefault(path, List.of()).forEach(found::add);
    names.getOrDefault(name, List.of()).forEach(found::add);
    addByPrefix(namePrefixes, name, path, found);
    addBySuffix(nameSuffixes, name, path, found);
    addByPrefix(pathPrefixes, path, path, found);
    addBySuffix(pathSuffixes, path, path, found);
    add(others, path, found);
    return found.ascending();
  }

  private void addByPrefix(Affixes affixes, String text, String path, Matches found) {
    for (var entry : affixes.byLength.headMap(text.length(), true).entrySet()) {
      var prefix = text.substring(0, entry.getKey());
      add(entry.getValue().getOrDefault(prefix, List.of()), path, found);
    }
  }

  private void addBySuffix(Affixes affixes, String text, String path, Matches found) {
    for (var entry : affixes.byLength.headMap(text.length(), true).entrySet()) {
      var suffix = text.substring(text.length() - entry.getKey());
      add(entry.getValue().getOrDefault(suffix, List.of()), path, found);
    }
  }

  private void add(List<Integer> numbers, String path, Matches found) {
    for (int number : numbers) {
      if (globs.get(number).matches(path)) {
        found.add(number);
      }
    }
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

    int[] ascending() {
      if (count == 0) {
        return NONE;
      }
      Arrays.sort(numbers, 0, count);
      return Arrays.copyOf(numbers, count);
    }
  }
}
