package dev.jbuild.tar;

import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import java.util.Arrays;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What PAX headers say of an entry: its own, over the global ones.
///
/// A record that is not well formed refuses the archive; to skip it would make another archive of
/// it than other readers see. Keys that jbuild has no use for are passed over: times but mtime,
/// names of owners, ACLs, comments.
final class PaxRecords {

  /// No record said anything of this number.
  static final long UNSET = Long.MIN_VALUE;

  private static final String XATTR = "SCHILY.xattr.";
  private static final String SPARSE = "GNU.sparse.";
  private static final int LONGEST_LENGTH = 9;

  private final TarLimits limits;
  private final boolean global;
  private byte @Nullable [] path;
  private byte @Nullable [] linkPath;
  private long size = UNSET;
  private long uid = UNSET;
  private long gid = UNSET;
  private long mtime = UNSET;
  private @Nullable PaxSparse sparse;
  private @Nullable TreeMap<String, byte[]> xattrs;

  private PaxRecords(TarLimits limits, boolean global) {
    this.limits = limits;
    this.global = global;
  }

  /// The records for all entries from here on: none yet.
  static PaxRecords global(TarLimits limits) {
    return new PaxRecords(limits, true);
  }

  /// The records of one entry, to be read over these.
  PaxRecords forEntry() {
    var own = new PaxRecords(limits, false);
    own.uid = uid;
    own.gid = gid;
    own.mtime = mtime;
    return own;
  }

  /// Reads the content of a PAX header, which stands at `offset` of the tar.
  void parse(byte[] records, long offset) throws TarFormatException {
    for (int at = 0; at < records.length; ) {
      int space = at;
      while (space < records.length && records[space] != ' ') {
        space++;
      }
      int end = recordEnd(records, at, space);
      int equals = space + 1;
      while (equals < end - 1 && records[equals] != '=') {
        equals++;
      }
      if (end < 0 || equals >= end - 1 || equals == space + 1) {
        throw TarFormatException.at(offset + at, "a malformed PAX record");
      }
      record(records, space + 1, equals, end - 1, offset + at);
      at = end;
    }
  }

  /// Where the record at `at` ends; -1 unless its length is right.
  private static int recordEnd(byte[] records, int at, int space) {
    if (space == records.length || space == at || space - at > LONGEST_LENGTH) {
      return -1;
    }
    try {
      long length = TarNumber.ofDecimal(records, at, space);
      long end = at + length;
      boolean fits = end > space + 1 && end <= records.length && records[(int) end - 1] == '\n';
      return fits ? (int) end : -1;
    } catch (NumberFormatException _) {
      return -1;
    }
  }

  private void record(byte[] text, int keyStart, int keyEnd, int end, long offset)
      throws TarFormatException {
    var key = Utf8.decode(Arrays.copyOfRange(text, keyStart, keyEnd));
    try {
      if (global) {
        refuseForAll(key);
      }
      set(key, text, keyEnd + 1, end);
    } catch (NumberFormatException e) {
      throw TarFormatException.at(
          offset, "the PAX record " + Printable.of(key) + " " + e.getMessage());
    }
  }

  /// One name or one size for all entries is what no archiver writes and what readers disagree on:
  /// GNU tar takes it, others pass over it (the class of CVE-2025-62518).
  private static void refuseForAll(String key) {
    if (key.equals("path")
        || key.equals("linkpath")
        || key.equals("size")
        || key.startsWith(SPARSE)
        || key.startsWith(XATTR)) {
      throw new NumberFormatException("stands in a global header");
    }
  }

  private void set(String key, byte[] text, int start, int end) {
    switch (key) {
      case "path" -> path = name(text, start, end);
      case "linkpath" -> linkPath = name(text, start, end);
      case "size" -> size = number(text, start, end);
      case "uid" -> uid = number(text, start, end);
      case "gid" -> gid = number(text, start, end);
      case "mtime" -> mtime = start == end ? UNSET : TarNumber.ofTime(text, start, end);
      default -> {
        if (key.startsWith(XATTR)) {
          xattr(key.substring(XATTR.length()), Arrays.copyOfRange(text, start, end));
        } else if (key.startsWith(SPARSE)) {
          sparse(key, text, start, end);
        }
      }
    }
  }

  private void sparse(String key, byte[] text, int start, int end) {
    var known = sparse;
    if (known == null) {
      known = new PaxSparse(limits.maxSparseRegions());
      sparse = known;
    }
    known.set(key, text, start, end);
  }

  /// An empty value takes back what was said (POSIX).
  private static byte @Nullable [] name(byte[] text, int start, int end) {
    for (int i = start; i < end; i++) {
      if (text[i] == 0) {
        throw new NumberFormatException("holds a NUL byte");
      }
    }
    return start == end ? null : Arrays.copyOfRange(text, start, end);
  }

  private static long number(byte[] text, int start, int end) {
    return start == end ? UNSET : TarNumber.ofDecimal(text, start, end);
  }

  private void xattr(String encoded, byte[] value) {
    var name = XattrName.decode(encoded);
    if (name.isEmpty() || name.indexOf('\0') >= 0) {
      throw new NumberFormatException("has no proper name");
    }
    var known = xattrs;
    if (known == null) {
      known = new TreeMap<>();
      xattrs = known;
    }
    known.put(name, value);
  }

  byte @Nullable [] path() {
    return path;
  }

  byte @Nullable [] linkPath() {
    return linkPath;
  }

  /// The size of what is stored, or [#UNSET]; the same of the next three.
  long size() {
    return size;
  }

  long uid() {
    return uid;
  }

  long gid() {
    return gid;
  }

  long mtime() {
    return mtime;
  }

  @Nullable PaxSparse sparse() {
    return sparse;
  }

  SortedMap<String, byte[]> xattrs() {
    return xattrs == null ? Collections.emptySortedMap() : xattrs;
  }
}
