package dev.jbuild.tar;

import java.io.IOException;

/// Reads the sparse maps that stand in the tar itself.
final class SparseMapReader {

  private static final int IN_HEADER = 4;
  private static final int IN_BLOCK = 21;
  private static final int PAIR = 24;
  private static final int NUMBER = 12;
  private static final int EXTENDED = IN_BLOCK * PAIR;

  private final TarInput input;
  private final TarHeader header;
  private final SparseMap map;

  /// @param header the header of the file; laid over other blocks when more are read
  SparseMapReader(TarInput input, TarHeader header, int maxRegions) {
    this.input = input;
    this.header = header;
    this.map = new SparseMap(maxRegions);
  }

  /// The map of an old GNU sparse file (type `S`): four regions in the header, 21 in each block
  /// that follows.
  SparseMap oldGnu() throws IOException {
    boolean more = header.byteAt(HeaderField.GNU_EXTENDED.start) != 0;
    boolean full = regions(HeaderField.GNU_SPARSE.start, IN_HEADER);
    while (more) {
      if (!full) {
        throw new NumberFormatException("goes on after its end");
      }
      if (!input.next(header)) {
        throw TarFormatException.at(input.position(), "the tar is truncated");
      }
      more = header.byteAt(EXTENDED) != 0;
      full = regions(0, IN_BLOCK);
    }
    return map;
  }

  /// Reads up to `count` regions; false if an empty one ended the map before.
  private boolean regions(int start, int count) throws TarFormatException {
    for (int i = 0; i < count; i++) {
      int at = start + i * PAIR;
      if (header.byteAt(at + NUMBER) == 0) {
        return false;
      }
      long offset = header.number(at, NUMBER, "sparse map", 0, Long.MAX_VALUE);
      map.add(offset, header.number(at + NUMBER, NUMBER, "sparse map", 0, Long.MAX_VALUE));
    }
    return true;
  }

  /// The map that stands before the content (PAX 1.0): decimal lines, the first one their count,
  /// filled up to whole blocks.
  ///
  /// @param room how many bytes of the entry there are
  SparseMap beforeContent(long room) throws IOException {
    var lines = new Lines(room);
    long count = lines.next();
    for (long i = 0; i < count; i++) {
      long offset = lines.next();
      map.add(offset, lines.next());
    }
    return map;
  }

  /// The numbers of a version 1.0 map, block by block.
  private final class Lines {

    private static final int LONGEST = 20;

    private final byte[] digits = new byte[LONGEST];
    private long room;
    private int at = TarHeader.BLOCK;

    Lines(long room) {
      this.room = room;
    }

    long next() throws IOException {
      int length = 0;
      for (byte b = take(); b != '\n'; b = take()) {
        if (length == LONGEST) {
          throw new NumberFormatException("has a number that is too long");
        }
        digits[length++] = b;
      }
      return TarNumber.ofDecimal(digits, 0, length);
    }

    private byte take() throws IOException {
      if (at == TarHeader.BLOCK) {
        if (room < TarHeader.BLOCK) {
          throw new NumberFormatException("is longer than the entry");
        }
        if (!input.next(header)) {
          throw TarFormatException.at(input.position(), "the tar is truncated");
        }
        room -= TarHeader.BLOCK;
        at = 0;
      }
      return header.byteAt(at++);
    }
  }
}
