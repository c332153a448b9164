package dev.jbuild.context;

import java.util.Arrays;

/// Numbers of patterns that match, as they are found.
final class Matches {

  private static final int[] NONE = new int[0];

  private int[] numbers = new int[4];
  private int count;

  void clear() {
    count = 0;
  }

  void add(int number) {
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * count);
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
