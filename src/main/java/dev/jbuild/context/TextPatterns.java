package dev.jbuild.context;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Many patterns of any form, asked at once about a path.
///
/// A pattern is filed under what every match must begin or end with, so that a path is tried only
/// against the patterns that fit its ends, not against all of them. A few are better tried one
/// after the other.
final class TextPatterns {

  /// A pattern as it is tried.
  ///
  /// @param ofName whether it says something of the last name alone, as `**/*.class`
  record Pattern(int number, Glob glob, boolean ofName) {

    void addIfMatching(String path, String name, Matches found) {
      if (glob.matches(ofName ? name : path)) {
        found.add(number);
      }
    }
  }

  /// Patterns by what all that matches begins or ends with.
  private static final class Affixes {
    private final boolean atEnd;
    private final TreeMap<Integer, Map<String, List<Pattern>>> byLength = new TreeMap<>();

    Affixes(boolean atEnd) {
      this.atEnd = atEnd;
    }

    void add(Pattern pattern) {
      var affix = atEnd ? pattern.glob.suffix() : pattern.glob.prefix();
      byLength
          .computeIfAbsent(affix.length(), _ -> new HashMap<>())
          .computeIfAbsent(affix, _ -> new ArrayList<>())
          .add(pattern);
    }

    /// @param text of which the ends count: the path or the name
    void addMatching(String text, String path, String name, Matches found) {
      for (var each : byLength.headMap(text.length(), true).entrySet()) {
        int length = each.getKey();
        var affix = atEnd ? text.substring(text.length() - length) : text.substring(0, length);
        for (var pattern : each.getValue().getOrDefault(affix, List.of())) {
          pattern.addIfMatching(path, name, found);
        }
      }
    }
  }

  private final List<Pattern> all = new ArrayList<>();
  private final Affixes namePrefixes = new Affixes(false);
  private final Affixes nameSuffixes = new Affixes(true);
  private final Affixes pathPrefixes = new Affixes(false);
  private final Affixes pathSuffixes = new Affixes(true);
  private final List<Pattern> others = new ArrayList<>();

  void add(Pattern pattern) {
    var glob = pattern.glob;
    all.add(pattern);
    if (!glob.prefix().isEmpty()) {
      (pattern.ofName ? namePrefixes : pathPrefixes).add(pattern);
    } else if (!glob.suffix().isEmpty()) {
      (pattern.ofName ? nameSuffixes : pathSuffixes).add(pattern);
    } else {
      others.add(pattern);
    }
  }

  List<Pattern> all() {
    return all;
  }

  /// Adds to `found` the numbers of those that match.
  ///
  /// @param name the last of `path`
  void findMatching(String path, String name, Matches found) {
    namePrefixes.addMatching(name, path, name, found);
    nameSuffixes.addMatching(name, path, name, found);
    pathPrefixes.addMatching(path, path, name, found);
    pathSuffixes.addMatching(path, path, name, found);
    for (int i = 0; i < others.size(); i++) {
      others.get(i).addIfMatching(path, name, found);
    }
  }
}
