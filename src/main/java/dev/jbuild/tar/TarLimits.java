package dev.jbuild.tar;

/// How much an archive may ask for. Whoever made it is not trusted; all sizes are in bytes.
///
/// Nothing is ever allocated because a header says so: memory follows what really came, up to these
/// bounds. A compressed stream may expand to `freeExpansion` plus `ratio` times what it takes;
/// the sum is what tells a bomb from a file of zeros, which gzip shrinks 1,000 times, zstd and
/// bzip2 far more: no ratio alone fits all.
///
/// @param maxExtension of one PAX header, one GNU long name
/// @param maxExtensions of all of these in one archive together
/// @param maxEntries of one archive, global headers counted
/// @param maxName of a path or a link target
/// @param maxSparseRegions of one sparse file
/// @param maxHoles of all sparse files of an archive: zeros that no byte of it stands for
/// @param maxContent of one file, holes included
/// @param maxExpanded of a compressed stream, whatever its ratio
/// @param freeExpansion what every compressed stream may expand to
/// @param ratio by which a stream may expand beyond that
public record TarLimits(
    int maxExtension,
    long maxExtensions,
    long maxEntries,
    int maxName,
    int maxSparseRegions,
    long maxHoles,
    long maxContent,
    long maxExpanded,
    long freeExpansion,
    int ratio) {

  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final long GIB = 1L << 30;
  private static final long TIB = 1L << 40;

  /// What every real layer keeps within: 1 MiB an extension, 256 MiB of them, ten million entries,
  /// names of 64 KiB, a million sparse regions, 16 GiB of holes, 1 TiB a file and a stream; 4 GiB
  /// and 200 times the compressed size, so that 10 MiB of gzip stop at 6 GiB.
  public static final TarLimits DEFAULT =
      new TarLimits(
          MIB, 256L * MIB, 10_000_000, 64 * KIB, 1_000_000, 16 * GIB, TIB, TIB, 4 * GIB, 200);

  public TarLimits {
    if (maxExtension < 0
        || maxExtensions < 0
        || maxEntries < 0
        || maxName < 0
        || maxSparseRegions < 0
        || maxHoles < 0
        || maxContent < 0
        || maxExpanded < 0
        || freeExpansion < 0
        || ratio < 0) {
      throw new IllegalArgumentException("a limit below zero");
    }
  }

  /// These limits with another bound on the number of entries.
  public TarLimits withMaxEntries(long entries) {
    return new TarLimits(
        maxExtension,
        maxExtensions,
        entries,
        maxName,
        maxSparseRegions,
        maxHoles,
        maxContent,
        maxExpanded,
        freeExpansion,
        ratio);
  }

  /// These limits with other bounds on what a compressed stream may become.
  public TarLimits withExpansion(long expanded, long free, int newRatio) {
    return new TarLimits(
        maxExtension,
        maxExtensions,
        maxEntries,
        maxName,
        maxSparseRegions,
        maxHoles,
        maxContent,
        expanded,
        free,
        newRatio);
  }
}
