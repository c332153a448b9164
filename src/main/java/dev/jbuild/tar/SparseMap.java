package dev.jbuild.tar;

import java.util.Arrays;

/// Which stretches of a sparse file are stored; what lies between them is zeros.
///
/// Grows with the regions that really come, never by a declared count (CVE-2025-58183).
final class SparseMap {

  private final int maxRegions;
  private long[] offsets = new long[4];
  private long[] lengths = new long[4];
  private int count;
  private long end;
  private long stored;

  SparseMap(int maxRegions) {
    this.maxRegions = maxRegions;
  }

  /// Appends a region.
  ///
  /// @throws NumberFormatException if it is not behind the one before, or there are too many
  void add(long offset, long length) {
    if (offset < end || length < 0 || length > Long.MAX_VALUE - offset) {
      throw new NumberFormatException("has regions that overlap or overflow");
    }
    if (count == maxRegions) {
      throw new NumberFormatException("has more than " + maxRegions + " regions");
    }
    if (count == offsets.length) {
      int room = (int) Math.min(2L * count, maxRegions);
      offsets = Arrays.copyOf(offsets, room);
      lengths = Arrays.copyOf(lengths, room);
    }
    offsets[count] = offset;
    lengths[count] = length;
    count++;
    end = offset + length;
    stored += length;
  }

  /// Checks the map against the size of the whole file and what is stored of it.
  void require(long size, long storedSize) {
    if (end > size) {
      throw new NumberFormatException("goes beyond the size of the file, " + size);
    }
    if (stored != storedSize) {
      throw new NumberFormatException(
          "speaks of " + stored + " stored bytes where there are " + storedSize);
    }
  }

  int count() {
    return count;
  }

  long offset(int region) {
    return offsets[region];
  }

  long length(int region) {
    return lengths[region];
  }
}
