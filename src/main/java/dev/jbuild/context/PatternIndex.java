package dev.jbuild.context;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Many patterns, asked at once: which is the last that matches?
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
  private final Map<String, Integer> paths = new HashMap<>();
  private final Map<String, Integer> names = new HashMap<>();
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
      paths.put(glob.prefix(), number);
    } else if (name != null && name.isLiteral()) {
      names.put(name.prefix(), number);
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

  /// The highest number above `floor` of a pattern that matches `path`; else `floor`.
  int last(String path, int floor) {
    var name = path.substring(path.lastIndexOf('/') + 1);
    int best = Math.max(floor, paths.getOrDefault(path, -1));
    best = Math.max(best, names.getOrDefault(name, -1));
    best = lastByPrefix(namePrefixes, name, path, best);
    best = lastBySuffix(nameSuffixes, name, path, best);
    best = lastByPrefix(pathPrefixes, path, path, best);
    best = lastBySuffix(pathSuffixes, path, path, best);
    return last(others, path, best);
  }

  private int lastByPrefix(Affixes affixes, String text, String path, int floor) {
    int best = floor;
    for (var entry : affixes.byLength.headMap(text.length(), true).entrySet()) {
      var numbers = entry.getValue().get(text.substring(0, entry.getKey()));
      best = numbers == null ? best : last(numbers, path, best);
    }
    return best;
  }

  private int lastBySuffix(Affixes affixes, String text, String path, int floor) {
    int best = floor;
    for (var entry : affixes.byLength.headMap(text.length(), true).entrySet()) {
      var numbers = entry.getValue().get(text.substring(text.length() - entry.getKey()));
      best = numbers == null ? best : last(numbers, path, best);
    }
    return best;
  }

  private int last(List<Integer> numbers, String path, int floor) {
    for (int i = numbers.size() - 1; i >= 0 && numbers.get(i) > floor; i--) {
      if (globs.get(numbers.get(i)).matches(path)) {
        return numbers.get(i);
      }
    }
    return floor;
  }
}
