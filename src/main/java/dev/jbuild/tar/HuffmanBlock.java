package dev.jbuild.tar;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Literals and matches on their way into blocks of deflate (RFC 1951, 3.2): collected until there
/// are many, then written with codes of their own, or stored if that is shorter.
final class HuffmanBlock {

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int MOST = 24 << 10;
  private static final int END_OF_BLOCK = 256;
  private static final int SYMBOLS = 286;
  private static final int DISTANCES = 30;
  private static final int LONGEST_CODE = 15;
  private static final int LONGEST_CODE_OF_LENGTHS = 7;
  private static final int LARGEST_STORED = 0xFFFF;

  /// The order in which the lengths of the codes for lengths are written.
  private static final int[] ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  /// By length - 3: its symbol - 257. By symbol - 257: the length - 3 that it begins at, and bits.
  private static final byte[] LENGTH_SYMBOL = new byte[256];

  private static final int[] LENGTH_FROM = new int[29];
  private static final int[] LENGTH_BITS = new int[29];
  private static final int[] DISTANCE_FROM = new int[DISTANCES];
  private static final int[] DISTANCE_BITS = new int[DISTANCES];

  static {
    int from = 0;
    for (int symbol = 0; symbol < 28; symbol++) {
      LENGTH_FROM[symbol] = from;
      LENGTH_BITS[symbol] = symbol < 8 ? 0 : symbol / 4 - 1;
      int next = from + (1 << LENGTH_BITS[symbol]);
      Arrays.fill(LENGTH_SYMBOL, from, Math.min(next, 256), (byte) symbol);
      from = next;
    }
    LENGTH_FROM[28] = 255; // the longest one has a symbol to itself
    LENGTH_SYMBOL[255] = 28;
    int distance = 0;
    for (int symbol = 0; symbol < DISTANCES; symbol++) {
      DISTANCE_FROM[symbol] = distance;
      DISTANCE_BITS[symbol] = symbol < 4 ? 0 : symbol / 2 - 1;
      distance += 1 << DISTANCE_BITS[symbol];
    }
  }

  /// A literal is its byte; a match is `length - 3 + 1` above the lower half, and `distance - 1`.
  private final int[] tokens = new int[MOST];

  private final HuffmanCode symbols = new HuffmanCode(SYMBOLS, LONGEST_CODE);
  private final HuffmanCode distances = new HuffmanCode(DISTANCES, LONGEST_CODE);
  private final HuffmanCode lengths = new HuffmanCode(19, LONGEST_CODE_OF_LENGTHS);

  /// Lengths of codes as they are written: each with the bits that follow it above it.
  private final int[] run = new int[SYMBOLS + DISTANCES];

  private byte[] input = new byte[0];
  private byte[] output = new byte[0];
  private int count;
  private int from;
  private int to;
  private int written;
  private long bits;
  private int pending;

  /// Begins with the bytes of `source` at `start`, into `target`.
  void begin(byte[] source, int start, byte[] target) {
    input = source;
    output = target;
    from = start;
    to = start;
    count = 0;
    written = 0;
    bits = 0;
    pending = 0;
  }

  void literals(int start, int end) {
    for (int at = start; at < end; ) {
      if (count == MOST) {
        write();
      }
      int some = Math.min(end - at, MOST - count);
      for (int i = 0; i < some; i++) {
        int literal = input[at + i] & 0xFF;
        tokens[count + i] = literal;
        symbols.seen[literal]++;
      }
      at += some;
      count += some;
      to += some;
    }
  }

  void match(int length, int distance) {
    if (count == MOST) {
      write();
    }
    tokens[count++] = (length - 2) << 16 | (distance - 1);
    symbols.seen[END_OF_BLOCK + 1 + LENGTH_SYMBOL[length - 3]]++;
    distances.seen[distanceSymbol(distance - 1)]++;
    to += length;
  }

  private static int distanceSymbol(int distance) {
    if (distance < 4) {
      return distance;
    }
    int high = 31 - Integer.numberOfLeadingZeros(distance);
    return 2 * high + (distance >>> (high - 1) & 1);
  }

  /// Writes what is left, and an empty stored block, which ends on a byte.
  ///
  /// @return how many bytes were written
  int end() {
    if (count > 0) {
      write();
    }
    stored(0);
    return written;
  }

  private void write() {
    symbols.seen[END_OF_BLOCK] = 1;
    symbols.build();
    distances.build();
    int runs = runs();
    lengths.build();
    int used = 19;
    while (used > 4 && lengths.length[ORDER[used - 1]] == 0) {
      used--;
    }
    long size =
        17 + 3L * used + symbols.bits() + distances.bits() + lengths.bits() + extraBits(runs);
    int raw = to - from;
    if (size > 8L * raw + 40L * (raw / LARGEST_STORED + 1)) {
      stored(raw);
    } else {
      put(0b100, 3);
      put(symbols.used(257) - 257, 5);
      put(distances.used(1) - 1, 5);
      put(used - 4, 4);
      for (int i = 0; i < used; i++) {
        put(lengths.length[ORDER[i]], 3);
      }
      for (int i = 0; i < runs; i++) {
        int symbol = run[i] & 0xFF;
        put(lengths.code[symbol], lengths.length[symbol]);
        put(run[i] >>> 8, extraBitsOf(symbol));
      }
      tokens();
      put(symbols.code[END_OF_BLOCK], symbols.length[END_OF_BLOCK]);
    }
    symbols.clear();
    distances.clear();
    lengths.clear();
    count = 0;
    from = to;
  }

  /// Much of the time is spent here: what changes is kept out of the fields, and whole bytes go out
  /// after each token, be they few or many, since a branch that depends on the bits is guessed
  /// wrong.
  private void tokens() {
    int at = written + pending / 8;
    LONGS.set(output, written, bits);
    long acc = bits >>> (pending & ~7);
    int filled = pending & 7;
    var out = output;
    var code = symbols.code;
    var length = symbols.length;
    for (int i = 0; i < count; i++) {
      int token = tokens[i];
      if (token < 256) {
        acc |= (long) code[token] << filled;
        filled += length[token];
      } else {
        int more = (token >>> 16) - 1;
        int symbol = LENGTH_SYMBOL[more];
        acc |= (long) code[257 + symbol] << filled;
        filled += length[257 + symbol];
        acc |= (long) (more - LENGTH_FROM[symbol]) << filled;
        filled += LENGTH_BITS[symbol];
        int distance = token & 0xFFFF;
        int far = distanceSymbol(distance);
        acc |= (long) distances.code[far] << filled;
        filled += distances.length[far];
        acc |= (long) (distance - DISTANCE_FROM[far]) << filled;
        filled += DISTANCE_BITS[far];
      }
      LONGS.set(out, at, acc); // at most 7 + 48 bits
      at += filled >>> 3;
      acc >>>= filled & ~7;
      filled &= 7;
    }
    bits = acc;
    pending = filled;
    written = at;
  }

  private long extraBits(int runs) {
    long sum = 0;
    for (int i = 0; i < 29; i++) {
      sum += (long) symbols.seen[257 + i] * LENGTH_BITS[i];
    }
    for (int i = 0; i < DISTANCES; i++) {
      sum += (long) distances.seen[i] * DISTANCE_BITS[i];
    }
    for (int i = 0; i < runs; i++) {
      sum += extraBitsOf(run[i] & 0xFF);
    }
    return sum;
  }

  private static int extraBitsOf(int symbol) {
    return switch (symbol) {
      case 16 -> 2;
      case 17 -> 3;
      case 18 -> 7;
      default -> 0;
    };
  }

  /// The lengths of both codes in one row, repetitions counted (RFC 1951, 3.2.7).
  ///
  /// @return how many there are in [#run]
  private int runs() {
    int first = symbols.used(257);
    int all = first + distances.used(1);
    int runs = 0;
    int at = 0;
    while (at < all) {
      int value = at < first ? symbols.length[at] : distances.length[at - first];
      int same = 1;
      while (at + same < all
          && (at + same < first ? symbols.length[at + same] : distances.length[at + same - first])
              == value) {
        same++;
      }
      at += same;
      if (value != 0) {
        run[runs++] = value;
        same--;
      }
      while (same >= 3) {
        int most = Math.min(same, value != 0 ? 6 : 138);
        int symbol = value != 0 ? 16 : most <= 10 ? 17 : 18;
        run[runs++] = symbol | (most - (symbol == 18 ? 11 : 3)) << 8;
        same -= most;
      }
      for (; same > 0; same--) {
        run[runs++] = value;
      }
    }
    for (int i = 0; i < runs; i++) {
      lengths.seen[run[i] & 0xFF]++;
    }
    return runs;
  }

  /// Writes bytes from [#from] on as they are; an empty block if there are none.
  private void stored(int length) {
    int at = from;
    int left = length;
    do {
      int some = Math.min(left, LARGEST_STORED);
      put(0, 3);
      put(0, -pending & 7);
      while (pending > 0) {
        output[written++] = (byte) bits;
        bits >>>= 8;
        pending -= 8;
      }
      INTS.set(output, written, some | ~some << 16);
      written += 4;
      System.arraycopy(input, at, output, written, some);
      written += some;
      at += some;
      left -= some;
    } while (left > 0);
  }

  private void put(int value, int width) {
    bits |= (long) value << pending;
    pending += width;
    if (pending >= 32) {
      INTS.set(output, written, (int) bits);
      written += 4;
      bits >>>= 32;
      pending -= 32;
    }
  }
}
