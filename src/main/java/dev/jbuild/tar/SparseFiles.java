package dev.jbuild.tar;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Opens the sparse files of one archive, all kinds of them, and counts their holes.
final class SparseFiles {

  private final TarInput input;
  private final TarHeader header;
  private final TarLimits limits;
  private long holes;

  SparseFiles(TarInput input, TarHeader header, TarLimits limits) {
    this.input = input;
    this.header = header;
    this.limits = limits;
  }

  /// The content of the sparse file whose header was just read; the header is not valid after this.
  ///
  /// @param pax its records, if it is of the PAX kind
  /// @param declared how many bytes of the tar belong to it
  /// @throws IllegalArgumentException if its map cannot be
  EntryContent open(@Nullable PaxSparse pax, long declared) throws IOException {
    if ((pax == null) != (header.type() == 'S') || (pax == null && !header.isGnu())) {
      throw new IllegalArgumentException("a sparse file that is none of GNU tar's");
    }
    try {
      return pax == null ? oldGnu(declared) : ofPax(pax, declared);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("the sparse map " + e.getMessage(), e);
    }
  }

  /// The map follows the header and does not count as content.
  private EntryContent oldGnu(long declared) throws IOException {
    long size = header.number(HeaderField.GNU_REAL_SIZE, 0, Long.MAX_VALUE);
    return content(size, declared, maps().oldGnu());
  }

  private EntryContent ofPax(PaxSparse pax, long declared) throws IOException {
    if (!pax.mapIsInContent()) {
      return content(pax.size(), declared, pax.fromRecords());
    }
    long start = input.position();
    var map = maps().beforeContent(declared);
    return content(pax.size(), declared - (input.position() - start), map);
  }

  private SparseMapReader maps() {
    return new SparseMapReader(input, header, limits.maxSparseRegions());
  }

  private EntryContent content(long size, long stored, SparseMap map) {
    if (size > limits.maxContent()) {
      throw new NumberFormatException("makes " + size + " bytes, more than is accepted");
    }
    map.require(size, stored);
    holes += size - stored;
    if (holes > limits.maxHoles()) {
      throw new NumberFormatException("brings " + holes + " bytes of holes, more than is accepted");
    }
    return new EntryContent(input, size, stored, map);
  }
}
