package dev.jbuild.context;

import dev.jbuild.failure.Utf8;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Patterns of one name that have one `*` at most and nothing else that is no character, asked at
/// once about the bytes of a name.
final class NamePatterns {

  /// @param start what a name begins with; all of it if `end` is null
  /// @param end what a name has after that and anything
  private record Pattern(int number, byte[] start, byte @Nullable [] end) {
    boolean matches(byte[] name) {
      if (end == null) {
        return Arrays.equals(start, name);
      }
      int rest = name.length - end.length;
      return rest >= start.length
          && (end.length == 0 || name[name.length - 1] == end[end.length - 1])
          && Arrays.equals(end, 0, end.length, name, rest, name.length)
          && Arrays.equals(start, 0, start.length, name, 0, start.length);
    }
  }

  /// Patterns by what a name must begin or end with.
  private static final class Affixes {
    private final boolean atEnd;
    private final List<Pattern> all = new ArrayList<>();
    private final TreeMap<Integer, Map<ByteBuffer, List<Pattern>>> byLength = new TreeMap<>();

    Affixes(boolean atEnd) {
      this.atEnd = atEnd;
    }

    void add(byte[] affix, Pattern pattern) {
      all.add(pattern);
      byLength
          .computeIfAbsent(affix.length, _ -> new HashMap<>())
          .computeIfAbsent(ByteBuffer.wrap(affix), _ -> new ArrayList<>())
          .add(pattern);
    }

    void findMatching(byte[] name, Matches found) {
      if (all.size() <= PatternIndex.FEW) {
        findMatching(all, name, found);
        return;
      }
      for (var each : byLength.headMap(name.length, true).entrySet()) {
        int length = each.getKey();
        var affix = ByteBuffer.wrap(name, atEnd ? name.length - length : 0, length);
        findMatching(each.getValue().getOrDefault(affix, List.of()), name, found);
      }
    }

    private static void findMatching(List<Pattern> patterns, byte[] name, Matches found) {
      for (int i = 0; i < patterns.size(); i++) {
        if (patterns.get(i).matches(name)) {
          found.add(patterns.get(i).number);
        }
      }
    }
  }

  /// Those that are a name or end with `*`; the former have all of it as their beginning.
  private final Affixes starts = new Affixes(false);

  private final Affixes ends = new Affixes(true);

  /// Whether bytes can be compared instead of the characters of `text`: those of a name that are no
  /// UTF-8 are characters of their own (surrogates), in a pattern as in a text.
  static boolean areBytes(String text) {
    return text.chars().noneMatch(c -> Character.isSurrogate((char) c));
  }

  /// Adds the pattern that only the name `text` matches.
  void add(int number, String text) {
    var name = Utf8.encode(text);
    starts.add(name, new Pattern(number, name, null));
  }

  /// Adds the pattern that matches what begins with `start` and, behind that, ends with `end`.
  void add(int number, String start, String end) {
    var pattern = new Pattern(number, Utf8.encode(start), Utf8.encode(end));
    if (end.isEmpty()) {
      starts.add(pattern.start, pattern);
    } else {
      ends.add(Utf8.encode(end), pattern);
    }
  }

  /// Adds to `found` the numbers of those that match.
  void findMatching(byte[] name, Matches found) {
    starts.findMatching(name, found);
    ends.findMatching(name, found);
  }
}
