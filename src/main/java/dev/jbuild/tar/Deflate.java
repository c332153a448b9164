package dev.jbuild.tar;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Deflates pieces of a stream (RFC 1951), several times as fast as the zlib of the JDK, to about
/// the size that its level 4 gives. The bytes depend on the input alone, and not on the JDK.
///
/// A match is looked for at one place: where the last four bytes like these were. It is put off by
/// a byte if a longer one begins there. For one thread at a time.
final class Deflate {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int WINDOW = 32 << 10;
  private static final int SHORTEST = 4;
  private static final int LONGEST = 258;

  /// A match that long is not put off.
  private static final int LONG_ENOUGH = 16;

  /// With two bytes each, places fill half of a core's first cache, beside the bytes that they are
  /// places of.
  private static final int HASH_BITS = 13;

  /// Where nothing matches for long, not every byte is looked at.
  private static final int HASTE = 6;

  /// Bytes at the end of a piece that are literals: eight are read at once.
  private static final int END = 8;

  /// The lower half of the place of the last four bytes with each hash. One that is older than that
  /// tells is taken for a newer one, where other bytes are then found.
  private final char[] places = new char[1 << HASH_BITS];

  private final HuffmanBlock block = new HuffmanBlock();

  /// Deflates a piece; it ends on a byte and is not the last of its stream.
  ///
  /// @param input with the piece from `from` to `end`; matches may reach back to `dictionary`
  /// @param output which has room for the piece and a hundredth more
  /// @return how many bytes there are in `output`
  int piece(byte[] input, int dictionary, int from, int end, byte[] output) {
    Arrays.fill(places, (char) 0);
    block.begin(input, from, output);
    int limit = end - END;
    remember(input, dictionary, Math.min(from, limit), 1);
    int literals = from;
    int at = from;
    while (at < limit) {
      int distance = distance(input, at, dictionary);
      int length = length(input, at, distance, end);
      if (length < SHORTEST) {
        at += 1 + ((at - literals) >> HASTE);
        continue;
      }
      while (length < LONG_ENOUGH && at + 1 < limit) {
        int other = distance(input, at + 1, dictionary);
        int longer = length(input, at + 1, other, end);
        if (longer <= length + 1) {
          break;
        }
        at++;
        distance = other;
        length = longer;
      }
      while (at > literals && at - distance > dictionary && length < LONGEST) {
        if (input[at - 1] != input[at - distance - 1]) {
          break;
        }
        at--;
        length++;
      }
      block.literals(literals, at);
      block.match(length, distance);
      remember(input, at + 2, Math.min(at + length, limit), 2);
      at += length;
      literals = at;
    }
    block.literals(literals, end);
    return block.end();
  }

  /// Remembers places up to `end`.
  private void remember(byte[] input, int from, int end, int step) {
    for (int at = from; at < end; at += step) {
      places[hash((long) LONGS.get(input, at))] = (char) at;
    }
  }

  private static int hash(long bytes) {
    return ((int) bytes * 0x9E3779B1) >>> (32 - HASH_BITS);
  }

  /// How far back the last bytes like these at `at` may be, which are remembered; 0 if it is too
  /// far.
  private int distance(byte[] input, int at, int dictionary) {
    int hash = hash((long) LONGS.get(input, at));
    int distance = (at - places[hash]) & 0xFFFF;
    places[hash] = (char) at;
    return distance <= Math.min(WINDOW, at - dictionary) ? distance : 0;
  }

  /// How many bytes at `at` are the same as `distance` before; 0 if `distance` is.
  private static int length(byte[] input, int at, int distance, int end) {
    if (distance == 0) {
      return 0;
    }
    int most = Math.min(LONGEST, end - at);
    int length = 0;
    while (length + 8 <= most) {
      long here = (long) LONGS.get(input, at + length);
      long different = here ^ (long) LONGS.get(input, at - distance + length);
      if (different != 0) {
        return length + (Long.numberOfTrailingZeros(different) >> 3);
      }
      length += 8;
    }
    while (length < most && input[at + length] == input[at - distance + length]) {
      length++;
    }
    return length;
  }
}
