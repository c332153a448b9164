package dev.jbuild.layer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The names in a directory of a [MergedView], ordered by their bytes, and what they stand for.
///
/// A file is three numbers, a reference and the bytes of its name, and no object: there may be a
/// million. They stand in blocks, each of which is ordered, so that a name that comes out of order
/// moves few others. A *place* is where a name is, or, as its complement (which is negative), where
/// it would be; it holds until a name is added or removed.
///
/// Safe for use by many threads as long as nobody changes it.
final class ViewNames {

  /// As many names as a block has at most.
  private static final int FULL = 256;

  private static final Block[] NONE = {};

  private Block[] blocks = NONE;

  /// Some of the names, one after the other; there is one at least.
  private static final class Block {
    private static final int NUMBERS = 3;
    private static final int LINKED = 1 << 31;
    private static final int SYMLINK = 1 << 30;

    private int size;
    private int filled;

    /// The layer of a file, or the node of a directory.
    private @Nullable Object[] whats;

    /// Of each name: the record that describes the file, where it begins in [#text], and its length
    /// with two marks of the file.
    private int[] numbers;

    private byte[] text;

    Block(int capacity) {
      whats = new Object[capacity];
      numbers = new int[NUMBERS * capacity];
      text = new byte[NUMBERS * Integer.BYTES * capacity];
    }

    private int record(int at) {
      return numbers[NUMBERS * at];
    }

    private int start(int at) {
      return numbers[NUMBERS * at + 1];
    }

    private int end(int at) {
      return start(at) + (numbers[NUMBERS * at + 2] & ~(LINKED | SYMLINK));
    }

    private boolean has(int at, int mark) {
      return (numbers[NUMBERS * at + 2] & mark) != 0;
    }

    byte[] name(int at) {
      return Arrays.copyOfRange(text, start(at), end(at));
    }

    ViewNode node(int at) {
      return switch (whats[at]) {
        case ViewNode directory -> directory;
        case ViewNode.Placed layer ->
            ViewNode.file(layer, record(at), has(at, SYMLINK), has(at, LINKED));
        case null, default -> throw new IllegalStateException("nothing at " + at);
      };
    }

    void set(int at, ViewNode node) {
      int kept = end(at) - start(at);
      whats[at] = node.isDirectory() ? node : node.layer();
      numbers[NUMBERS * at] = node.record();
      numbers[NUMBERS * at + 2] =
          kept | (node.isLinked() ? LINKED : 0) | (node.isSymlink() ? SYMLINK : 0);
    }

    int compare(byte[] name, int from, int to, int at) {
      return Arrays.compareUnsigned(name, from, to, text, start(at), end(at));
    }

    /// Where the name is, or the complement of where it would be.
    int find(byte[] name, int from, int to) {
      int low = 0;
      int high = size - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        int order = compare(name, from, to, middle);
        if (order == 0) {
          return middle;
        }
        low = order > 0 ? middle + 1 : low;
        high = order < 0 ? middle - 1 : high;
      }
      return ~low;
    }

    void add(int at, byte[] name, int from, int to, ViewNode node) {
      if (size == whats.length) {
        int capacity = Math.min(2 * size, FULL);
        whats = Arrays.copyOf(whats, capacity);
        numbers = Arrays.copyOf(numbers, NUMBERS * capacity);
      }
      int length = to - from;
      if (length > text.length - filled) {
        text = Arrays.copyOf(text, Math.max(filled + length, filled + filled / 2));
      }
      System.arraycopy(whats, at, whats, at + 1, size - at);
      System.arraycopy(numbers, NUMBERS * at, numbers, NUMBERS * (at + 1), NUMBERS * (size - at));
      System.arraycopy(name, from, text, filled, length);
      numbers[NUMBERS * at + 1] = filled;
      numbers[NUMBERS * at + 2] = length;
      filled += length;
      size++;
      set(at, node);
    }

    void remove(int at) {
      size--;
      System.arraycopy(whats, at + 1, whats, at, size - at);
      System.arraycopy(numbers, NUMBERS * (at + 1), numbers, NUMBERS * at, NUMBERS * (size - at));
      whats[size] = null;
    }

    /// A block of the names from `from` up to `to`.
    Block part(int from, int to) {
      var part = new Block(FULL);
      for (int i = from; i < to; i++) {
        part.add(i - from, text, start(i), end(i), node(i));
      }
      return part;
    }
  }

  private static int block(long place) {
    return (int) (place >>> 32);
  }

  private static int at(long place) {
    return (int) place;
  }

  private static long place(int block, int at) {
    return (long) block << 32 | at;
  }

  boolean isEmpty() {
    return blocks.length == 0;
  }

  int size() {
    int size = 0;
    for (var block : blocks) {
      size += block.size;
    }
    return size;
  }

  /// The place of the first name, -1 if there is none.
  long first() {
    return isEmpty() ? -1 : 0;
  }

  /// The place of the name that follows the one at `place`, -1 if there is none.
  long next(long place) {
    if (at(place) + 1 < blocks[block(place)].size) {
      return place + 1;
    }
    return block(place) + 1 < blocks.length ? place(block(place) + 1, 0) : -1;
  }

  byte[] name(long place) {
    return blocks[block(place)].name(at(place));
  }

  /// What the name at `place` stands for, as it is now: of a file a copy.
  ViewNode node(long place) {
    return blocks[block(place)].node(at(place));
  }

  /// What the name that is `path` from `from` up to `to` stands for; null if it is none of these.
  @Nullable ViewNode get(byte[] path, int from, int to) {
    long place = find(path, from, to, -1);
    return place < 0 ? null : node(place);
  }

  /// The place of the name that is `path` from `from` up to `to`.
  ///
  /// @param before a place of which the name may be the next; -1 if there is no such guess
  long find(byte[] path, int from, int to, long before) {
    if (isEmpty()) {
      return ~0L;
    }
    if (before >= 0 && block(before) < blocks.length) {
      var guessed = blocks[block(before)];
      int at = at(before) + 1;
      if (at < guessed.size && guessed.compare(path, from, to, at) == 0) {
        return place(block(before), at);
      }
    }
    int last = blocks.length - 1;
    if (blocks[last].compare(path, from, to, blocks[last].size - 1) > 0) {
      return ~place(last, blocks[last].size);
    }
    int block = blockOf(path, from, to);
    int at = blocks[block].find(path, from, to);
    return at < 0 ? ~place(block, ~at) : place(block, at);
  }

  /// The last block that begins with this name or one before it; else the first.
  private int blockOf(byte[] path, int from, int to) {
    int low = 0;
    int high = blocks.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (blocks[middle].compare(path, from, to, 0) < 0) {
        high = middle - 1;
      } else {
        low = middle;
      }
    }
    return low;
  }

  /// The name at `place` stands for something else now.
  void set(long place, ViewNode node) {
    blocks[block(place)].set(at(place), node);
  }

  /// Adds the name that is `path` from `from` up to `to`.
  ///
  /// @param missing what [#find] said of it
  /// @return its place
  long add(long missing, byte[] path, int from, int to, ViewNode node) {
    long place = isEmpty() ? begin(0, 2) : withRoom(~missing, path, from, to);
    blocks[block(place)].add(at(place), path, from, to, node);
    return place;
  }

  /// Where a name that belongs at `place` can be added.
  private long withRoom(long place, byte[] path, int from, int to) {
    int block = block(place);
    var full = blocks[block];
    if (full.size < FULL) {
      return place;
    }
    if (block == blocks.length - 1 && at(place) == FULL) {
      return begin(block + 1, FULL / 4); // names mostly come in their order
    }
    begin(block + 1, 1);
    blocks[block] = full.part(0, FULL / 2);
    blocks[block + 1] = full.part(FULL / 2, FULL);
    return ~find(path, from, to, -1);
  }

  /// Puts an empty block where one with the number `block` was.
  ///
  /// @return its first place
  private long begin(int block, int capacity) {
    var more = Arrays.copyOf(blocks, blocks.length + 1);
    System.arraycopy(blocks, block, more, block + 1, blocks.length - block);
    more[block] = new Block(capacity);
    blocks = more;
    return place(block, 0);
  }

  /// Removes the name at `place`.
  void remove(long place) {
    int block = block(place);
    if (blocks[block].size > 1) {
      blocks[block].remove(at(place));
      return;
    }
    var fewer = Arrays.copyOf(blocks, blocks.length - 1);
    System.arraycopy(blocks, block + 1, fewer, block, fewer.length - block);
    blocks = fewer;
  }

  void clear() {
    blocks = NONE;
  }
}
