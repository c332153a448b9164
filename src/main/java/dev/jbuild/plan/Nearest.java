package dev.jbuild.plan;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/// Guesses what was meant by a misspelt name.
final class Nearest {

  private static final int LONGEST = 64; // the work is quadratic in the length
  private static final int MOST = 1000;

  private Nearest() {}

  /// The one of `candidates` that is at most a third of its letters away from `name`, if any.
  static Optional<String> to(String name, Collection<String> candidates) {
    if (name.length() > LONGEST || candidates.size() > MOST) {
      return Optional.empty();
    }
    Optional<String> best = Optional.empty();
    int least = Integer.MAX_VALUE;
    for (var candidate : candidates) {
      if (candidate.length() > LONGEST || candidate.equals(name)) {
        continue;
      }
      int distance = distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (distance < least && 3 * distance <= Math.max(3, candidate.length())) {
        least = distance;
        best = Optional.of(candidate);
      }
    }
    return best;
  }

  /// How many letters have to be inserted, dropped, replaced or swapped with their neighbour.
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
