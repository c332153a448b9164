package dev.jbuild.tar;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The `GNU.sparse.*` records of one entry, versions 0.0, 0.1 and 1.0.
final class PaxSparse {

  private final int maxRegions;
  private long major = -1;
  private long minor = -1;
  private long size = -1;
  private long blocks = -1;
  private long pendingOffset = -1;
  private boolean whole;
  private byte @Nullable [] name;
  private @Nullable SparseMap map;

  PaxSparse(int maxRegions) {
    this.maxRegions = maxRegions;
  }

  /// Takes one record; keys that are not known say nothing.
  ///
  /// @throws NumberFormatException if the value cannot be
  void set(String key, byte[] text, int start, int end) {
    switch (key) {
      case "GNU.sparse.major" -> major = TarNumber.ofDecimal(text, start, end);
      case "GNU.sparse.minor" -> minor = TarNumber.ofDecimal(text, start, end);
      case "GNU.sparse.size", "GNU.sparse.realsize" -> size = TarNumber.ofDecimal(text, start, end);
      case "GNU.sparse.numblocks" -> blocks = TarNumber.ofDecimal(text, start, end);
      case "GNU.sparse.name" -> name = Arrays.copyOfRange(text, start, end);
      case "GNU.sparse.offset" -> offset(TarNumber.ofDecimal(text, start, end));
      case "GNU.sparse.numbytes" -> length(TarNumber.ofDecimal(text, start, end));
      case "GNU.sparse.map" -> list(text, start, end);
      default -> {
        // a later version's; the version record decides whether we can read it
      }
    }
  }

  private void offset(long value) {
    if (pendingOffset >= 0 || whole) {
      throw new NumberFormatException("does not follow a length");
    }
    pendingOffset = value;
  }

  private void length(long value) {
    if (pendingOffset < 0) {
      throw new NumberFormatException("does not follow an offset");
    }
    map().add(pendingOffset, value);
    pendingOffset = -1;
  }

  private void list(byte[] text, int start, int end) {
    if (map != null) {
      throw new NumberFormatException("is a second map");
    }
    whole = true;
    long offset = -1;
    for (int at = start; start < end && at <= end; ) {
      int comma = at;
      while (comma < end && text[comma] != ',') {
        comma++;
      }
      long value = TarNumber.ofDecimal(text, at, comma);
      if (offset < 0) {
        offset = value;
      } else {
        map().add(offset, value);
        offset = -1;
      }
      at = comma + 1;
    }
    if (offset >= 0) {
      throw new NumberFormatException("has an offset without a length");
    }
  }

  private SparseMap map() {
    var known = map;
    if (known == null) {
      known = new SparseMap(maxRegions);
      map = known;
    }
    return known;
  }

  /// Whether the map stands before the content instead of in records (version 1.0).
  boolean mapIsInContent() {
    return major == 1 && minor == 0;
  }

  /// The map that the records hold.
  ///
  /// @throws NumberFormatException if they are of an unknown version or do not fit together
  SparseMap fromRecords() {
    if (major > 0 || minor > 1) {
      throw new NumberFormatException("is of the unknown version " + major + "." + minor);
    }
    var regions = map();
    if (pendingOffset >= 0 || (blocks >= 0 && blocks != regions.count())) {
      throw new NumberFormatException("is incomplete");
    }
    return regions;
  }

  /// The size of the whole file.
  ///
  /// @throws NumberFormatException if no record told it
  long size() {
    if (size < 0) {
      throw new NumberFormatException("comes without the size of the file");
    }
    return size;
  }

  /// The name of the file, where the header has one that is made up.
  byte @Nullable [] name() {
    return name;
  }
}
