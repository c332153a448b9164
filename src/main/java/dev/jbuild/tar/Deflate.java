package dev.jbuild.tar;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Deflates pieces of a stream (RFC 1951), several times as fast as the zlib of the JDK, to about
/// the size that its level 4 gives. The bytes depend on the input alone, and not on the JDK.
///
/// Matches are looked for at two places: where the last eight bytes like these were, and the last
/// four. A match is put off by a byte if a longer one begins there. For one thread at a time.
final class Deflate {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int WINDOW = 32 << 10;
  private static final int SHORTEST = 4;
  private static final int LONGEST = 258;

  /// A match that long is not put off.
  private static final int LONG_ENOUGH = 16;

  private static final int HASH_BITS = 14;

  /// Where nothing matches for long, not every byte is looked at.
  private static final int HASTE = 6;

  /// Bytes at the end of a piece that are literals: eight are read at once.
  private static final int END = 8;

  private final int[] eight = new int[1 << HASH_BITS];
  private final int[] four = new int[1 << HASH_BITS];
  private final HuffmanBlock block = new HuffmanBlock();

  /// Deflates a piece; it ends on a byte and is not the last of its stream.
  ///
  /// @param input with the piece from `from` to `end`; matches may reach back to `dictionary`
  /// @param output which has room for the piece and a hundredth more
  /// @return how many bytes there are in `output`
  int piece(byte[] input, int dictionary, int from, int end, byte[] output) {
    Arrays.fill(eight, 0);
    Arrays.fill(four, 0);
    block.begin(input, from, output);
    int limit = end - END;
    for (int at = dictionary; at < Math.min(from, limit); at++) {
      remember(at, (long) LONGS.get(input, at));
    }
    int literals = from;
    int at = from;
    while (at < limit) {
      long match = longest(input, at, end);
      int length = length(match);
      if (length < SHORTEST) {
        at += 1 + ((at - literals) >> HASTE);
        continue;
      }
      if (length < LONG_ENOUGH && at + 1 < limit) {
        long next = longest(input, at + 1, end);
        if (length(next) > length + 1) {
          at++;
          match = next;
          length = length(next);
        }
      }
      int source = (int) match;
      while (at > literals && source > dictionary && length < LONGEST) {
        if (input[at - 1] != input[source - 1]) {
          break;
        }
        at--;
        source--;
        length++;
      }
      block.literals(literals, at);
      block.match(length, at - source);
      int after = at + length;
      for (int i = at + 2; i < Math.min(after, limit); i += 2) {
        remember(i, (long) LONGS.get(input, i));
      }
      at = after;
      literals = after;
    }
    block.literals(literals, end);
    return block.end();
  }

  private static int length(long match) {
    return (int) (match >>> 32);
  }

  private void remember(int at, long bytes) {
    eight[eightBytes(bytes)] = at + 1;
    four[fourBytes(bytes)] = at + 1;
  }

  private static int eightBytes(long bytes) {
    return (int) ((bytes * 0x9E3779B97F4A7C15L) >>> (64 - HASH_BITS));
  }

  private static int fourBytes(long bytes) {
    return ((int) bytes * 0x9E3779B1) >>> (32 - HASH_BITS);
  }

  /// The longest match of the bytes at `at`, which are remembered: its length, and where it is in
  /// the lower half; 0 if there is none.
  private long longest(byte[] input, int at, int end) {
    long bytes = (long) LONGS.get(input, at);
    int byEight = eightBytes(bytes);
    int byFour = fourBytes(bytes);
    int far = eight[byEight] - 1;
    int near = four[byFour] - 1;
    eight[byEight] = at + 1;
    four[byFour] = at + 1;
    int best = 0;
    int source = 0;
    if (far >= 0 && at - far <= WINDOW) {
      best = common(input, far, at, end);
      source = far;
    }
    if (best < LONG_ENOUGH && near >= 0 && near != far && at - near <= WINDOW) {
      int length = common(input, near, at, end);
      if (length > best) {
        best = length;
        source = near;
      }
    }
    return (long) best << 32 | source;
  }

  /// How many bytes at `a` and at `b`, which is later, are the same.
  private static int common(byte[] input, int a, int b, int end) {
    int most = Math.min(LONGEST, end - b);
    int length = 0;
    while (length + 8 <= most) {
      long different = (long) LONGS.get(input, a + length) ^ (long) LONGS.get(input, b + length);
      if (different != 0) {
        return length + (Long.numberOfTrailingZeros(different) >> 3);
      }
      length += 8;
    }
    while (length < most && input[a + length] == input[b + length]) {
      length++;
    }
    return length;
  }
}
