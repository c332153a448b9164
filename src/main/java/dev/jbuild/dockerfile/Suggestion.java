package dev.jbuild.dockerfile;

import java.util.Collection;
import java.util.Optional;

/// What somebody may have meant who mistyped a word.
final class Suggestion {

  private static final int LONGEST = 32;

  private Suggestion() {}

  /// The candidate that a few slips of the finger turn into `typed`: one for short words, a third
  /// of the letters for longer ones.
  static Optional<String> of(String typed, Collection<String> candidates) {
    Optional<String> best = Optional.empty();
    int least = Integer.MAX_VALUE;
    for (var candidate : candidates) {
      int distance = distance(typed, candidate);
      if (distance < least && distance <= Math.max(1, candidate.length() / 3)) {
        least = distance;
        best = Optional.of(candidate);
      }
    }
    return best;
  }

  /// How many letters were left out, added, replaced, or swapped with their neighbour.
  private static int distance(String a, String b) {
    if (a.length() > LONGEST) {
      return Integer.MAX_VALUE;
    }
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        cost[i][j] = i == 0 ? j : j == 0 ? i : cheapest(cost, a, b, i, j);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int cheapest(int[][] cost, String a, String b, int i, int j) {
    int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
    int least = Math.min(replaced, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(least, cost[i - 2][j - 2] + 1) : least;
  }
}
