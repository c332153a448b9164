package dev.jbuild.dockerfile;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The pattern of `${name#pattern}` and its relatives: `*` is any run of characters, `?` any one;
/// neither matches a line end. There are no bracket expressions.
///
/// Matching walks the text once with the set of places in the pattern that may be next, so it costs
/// at most the product of both lengths, never more (no backtracking; CWE-1333).
final class Wildcard {

  /// Whatever the directive says.
  private static final int ESCAPE = '\\';

  private static final int ANY = -1;
  private static final int RUN = -2;

  private final int[] tokens;

  private Wildcard(int[] tokens) {
    this.tokens = tokens;
  }

  /// @throws IllegalArgumentException if something is escaped that cannot be, saying what
  static Wildcard parse(String pattern) {
    int[] points = pattern.codePoints().toArray();
    int[] tokens = new int[points.length];
    int length = 0;
    for (int i = 0; i < points.length; i++) {
      int point = points[i];
      if (point == ESCAPE) {
        i++;
        if (i == points.length || !isEscapable(points[i])) {
          throw new IllegalArgumentException("something is escaped that needs no escape");
        }
        point = points[i];
      } else if (point == '*') {
        point = RUN;
      } else if (point == '?') {
        point = ANY;
      }
      if (point != RUN || length == 0 || tokens[length - 1] != RUN) {
        tokens[length++] = point;
      }
    }
    return new Wildcard(Arrays.copyOf(tokens, length));
  }

  private static boolean isEscapable(int point) {
    return point == '*' || point == '?' || point == '/' || point == '}' || point == ESCAPE;
  }

  /// `value` without the shortest or longest prefix that matches.
  String withoutPrefix(String value, boolean longest) {
    int[] points = value.codePoints().toArray();
    var match = new Search(tokens, points).from(0, true, longest);
    return match == null ? value : text(points, match.end(), points.length);
  }

  /// `value` without the shortest or longest suffix that matches.
  String withoutSuffix(String value, boolean longest) {
    int[] points = reversed(value.codePoints().toArray());
    var match = new Search(reversed(tokens), points).from(0, true, longest);
    return match == null ? value : text(reversed(points), 0, points.length - match.end());
  }

  /// Writes `value` to `out`, the first match or all of them replaced; of the matches that begin
  /// first the longest counts. An empty match right behind another match is none.
  void replace(String value, String replacement, boolean all, TextBuffer out) {
    int[] points = value.codePoints().toArray();
    var search = new Search(tokens, points);
    int done = 0;
    int lastEnd = -1;
    for (int from = 0; from <= points.length; ) {
      var match = search.from(from, false, true);
      if (match == null) {
        break;
      }
      boolean empty = match.begin() == match.end();
      if (!empty || match.begin() != lastEnd) {
        out.quoted(text(points, done, match.begin()));
        out.quoted(replacement);
        done = match.end();
        lastEnd = done;
        if (!all) {
          break;
        }
      }
      from = empty ? match.end() + 1 : match.end();
    }
    out.quoted(text(points, done, points.length));
  }

  private static String text(int[] points, int from, int to) {
    return new String(points, from, to - from);
  }

  private static int[] reversed(int[] points) {
    int[] result = new int[points.length];
    for (int i = 0; i < points.length; i++) {
      result[i] = points[points.length - 1 - i];
    }
    return result;
  }

  private record Match(int begin, int end) {}

  /// Looks for one pattern in one text.
  private static final class Search {
    private final int[] tokens;
    private final int[] points;
    private Places now;
    private Places next;

    Search(int[] tokens, int[] points) {
      this.tokens = tokens;
      this.points = points;
      this.now = new Places(tokens);
      this.next = new Places(tokens);
    }

    /// The match that begins first at `from` or later, only there if `anchored`.
    @Nullable Match from(int from, boolean anchored, boolean longest) {
      Match best = null;
      now.clear();
      for (int i = from; ; i++) {
        if (best == null && (i == from || !anchored)) {
          now.add(0, i);
        }
        int begin = now.matchBegan();
        if (begin != Places.NOT && (best == null || begin <= best.begin())) {
          best = new Match(begin, i);
          if (!longest) {
            return best;
          }
        }
        if (i == points.length || (now.isEmpty() && (best != null || anchored))) {
          return best;
        }
        step(points[i], best == null ? Integer.MAX_VALUE : best.begin());
      }
    }

    private void step(int point, int latest) {
      next.clear();
      for (int k = 0; k < now.count; k++) {
        int place = now.order[k];
        int began = now.began[place];
        if (place < tokens.length && began <= latest) {
          int token = tokens[place];
          if (token == RUN && point != '\n') {
            next.add(place, began);
          } else if (token == point || (token == ANY && point != '\n')) {
            next.add(place + 1, began);
          }
        }
      }
      var old = now;
      now = next;
      next = old;
    }
  }

  /// A set of places in the pattern, each with the earliest beginning that leads to it.
  private static final class Places {
    static final int NOT = Integer.MAX_VALUE;

    private final int[] tokens;
    private final int[] began;
    private final int[] order;
    private int count;

    Places(int[] tokens) {
      this.tokens = tokens;
      this.began = new int[tokens.length + 1];
      this.order = new int[tokens.length + 1];
      Arrays.fill(began, NOT);
    }

    /// Adds a place, and the one behind it if what is there may match nothing.
    void add(int place, int begin) {
      for (int p = place; begin < began[p]; p++) {
        if (began[p] == NOT) {
          order[count++] = p;
        }
        began[p] = begin;
        if (p == tokens.length || tokens[p] != RUN) {
          return;
        }
      }
    }

    int matchBegan() {
      return began[tokens.length];
    }

    boolean isEmpty() {
      return count == 0;
    }

    void clear() {
      for (int k = 0; k < count; k++) {
        began[order[k]] = NOT;
      }
      count = 0;
    }
  }
}
