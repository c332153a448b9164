package dev.jbuild.tar;

import java.util.Arrays;

/// The shortest code for symbols of which each was seen so often, with a bound on the length of a
/// word. It is complete, and canonical as deflate has it (RFC 1951, 3.2.2), bits reversed.
final class HuffmanCode {

  final int[] seen;
  final int[] code;
  final byte[] length;

  private final int longest;
  private final long[] sorted;
  private final int[] weight;
  private final int[] parent;
  private final int[] lengths;

  /// @param longest word, in bits
  HuffmanCode(int symbols, int longest) {
    this.longest = longest;
    this.seen = new int[symbols];
    this.code = new int[symbols];
    this.length = new byte[symbols];
    this.sorted = new long[symbols];
    this.weight = new int[2 * symbols];
    this.parent = new int[2 * symbols];
    this.lengths = new int[longest + 1];
  }

  void clear() {
    Arrays.fill(seen, 0);
  }

  /// Makes the code of what was seen. At least two symbols get a word, as others expect it.
  void build() {
    Arrays.fill(length, (byte) 0);
    int leaves = sort();
    for (int spare = 0; leaves < 2; spare++) {
      if (seen[spare] == 0) {
        seen[spare] = 1;
        leaves = sort();
      }
    }
    grow(leaves);
    bound();
    int next = 0;
    for (int bits = longest; bits > 0; bits--) {
      for (int i = 0; i < lengths[bits]; i++) {
        length[(int) (sorted[next++] & 0x1FF)] = (byte) bits;
      }
    }
    assign();
  }

  /// The symbols that were seen, the rarest first.
  private int sort() {
    int leaves = 0;
    for (int symbol = 0; symbol < seen.length; symbol++) {
      if (seen[symbol] > 0) {
        sorted[leaves++] = (long) seen[symbol] << 9 | symbol;
      }
    }
    Arrays.sort(sorted, 0, leaves);
    return leaves;
  }

  /// Builds the tree with two queues, leaves and inner nodes, and counts the leaves of each depth.
  private void grow(int leaves) {
    for (int i = 0; i < leaves; i++) {
      weight[i] = (int) (sorted[i] >>> 9);
    }
    int leaf = 0;
    int inner = leaves;
    int root = 2 * leaves - 2;
    for (int node = leaves; node <= root; node++) {
      int sum = 0;
      for (int child = 0; child < 2; child++) {
        int lighter =
            leaf < leaves && (inner == node || weight[leaf] <= weight[inner]) ? leaf++ : inner++;
        sum += weight[lighter];
        parent[lighter] = node;
      }
      weight[node] = sum;
    }
    Arrays.fill(lengths, 0);
    weight[root] = 0; // from here on the depth
    for (int node = root - 1; node >= 0; node--) {
      weight[node] = weight[parent[node]] + 1;
      if (node < leaves) {
        lengths[Math.min(longest, weight[node])]++;
      }
    }
  }

  /// Makes room for the leaves that lay too deep, and leaves none of it unused.
  private void bound() {
    int room = 1 << longest;
    for (int bits = 1; bits <= longest; bits++) {
      room -= lengths[bits] << (longest - bits);
    }
    while (room < 0) {
      int bits = longest - 1;
      while (lengths[bits] == 0) {
        bits--;
      }
      lengths[bits]--;
      lengths[bits + 1]++;
      room += 1 << (longest - bits - 1);
    }
    while (room > 0) {
      int bits = longest;
      while (lengths[bits] == 0) {
        bits--;
      }
      lengths[bits]--;
      lengths[bits - 1]++;
      room -= 1 << (longest - bits);
    }
  }

  private void assign() {
    int word = 0;
    for (int bits = 1; bits <= longest; bits++) {
      word <<= 1;
      for (int symbol = 0; symbol < length.length; symbol++) {
        if (length[symbol] == bits) {
          code[symbol] = Integer.reverse(word++) >>> (32 - bits);
        }
      }
    }
  }

  /// How many symbols there are up to the last that has a word, `least` at least.
  int used(int least) {
    int used = length.length;
    while (used > least && length[used - 1] == 0) {
      used--;
    }
    return used;
  }

  /// The bits that all that was seen takes.
  long bits() {
    long sum = 0;
    for (int symbol = 0; symbol < seen.length; symbol++) {
      sum += (long) seen[symbol] * length[symbol];
    }
    return sum;
  }
}
