package dev.jbuild.context;

import java.util.Arrays;

/// What ignore rules say of one path: those of them that took effect over it, by their numbers. The
/// last one decides.
///
/// A rule takes effect over a path if it took effect over the directory above; or if its pattern
/// matches the path itself and the rules before it say the opposite of what it says. A rule that
/// would change nothing is not remembered for what lies below: so `**/*.log` and `!keep` leave out
/// `keep/x.log`, which the first matches and the second does not. Immutable.
final class Verdict {

  /// No rule took effect.
  static final Verdict NONE = new Verdict(new int[0]);

  private final int[] effective;

  private Verdict(int[] effective) {
    this.effective = effective;
  }

  /// The number of the rule that decides, or -1.
  int last() {
    return effective.length == 0 ? -1 : effective[effective.length - 1];
  }

  /// The verdict over a path directly below one with this verdict.
  ///
  /// @param matching the rules whose patterns match the path itself, ascending
  /// @param rules tells of a number whether the rule takes paths back in
  Verdict below(int[] matching, Inclusion rules) {
    if (matching.length == 0) {
      return this;
    }
    int[] merged = new int[effective.length + matching.length];
    int count = 0;
    int inherited = 0;
    boolean leftOut = false;
    for (int number : matching) {
      while (inherited < effective.length && effective[inherited] < number) {
        leftOut = !rules.includes(effective[inherited]);
        merged[count++] = effective[inherited++];
      }
      boolean isInherited = inherited < effective.length && effective[inherited] == number;
      if (!isInherited && rules.includes(number) == leftOut) {
        leftOut = !leftOut;
        merged[count++] = number;
      }
    }
    if (count == inherited) {
      return this; // nothing came to what was inherited
    }
    int rest = effective.length - inherited;
    System.arraycopy(effective, inherited, merged, count, rest);
    return new Verdict(Arrays.copyOf(merged, count + rest));
  }

  /// Whether a rule, by its number, takes paths back in.
  interface Inclusion {
    boolean includes(int number);
  }
}
