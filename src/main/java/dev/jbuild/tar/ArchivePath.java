package dev.jbuild.tar;

import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// A path inside a root file system: bytes, relative to the root, in one normal form.
///
/// No leading or trailing slash, no empty, `.` or `..` component, no NUL; the root is the empty
/// path. Two paths are equal exactly when they name the same entry (links aside). The order is the
/// order of entries in our layers: a directory before what is in it, names by their bytes.
public final class ArchivePath implements Comparable<ArchivePath> {

  public static final ArchivePath ROOT = new ArchivePath(new byte[0]);

  private final byte[] bytes;
  private int hash;

  private ArchivePath(byte[] bytes) {
    this.bytes = bytes;
  }

  /// The path that `raw` names: slashes at both ends, doubled slashes and `.` are dropped.
  ///
  /// @throws IllegalArgumentException if a component is `..` or a byte is NUL
  public static ArchivePath of(byte[] raw) {
    return of(raw, 0, raw.length);
  }

  /// The same of the bytes of `raw` from `from` up to `to`.
  ///
  /// @throws IllegalArgumentException as [#of(byte[])]
  public static ArchivePath of(byte[] raw, int from, int to) {
    var bytes = Arrays.copyOfRange(raw, from, to);
    return isNormal(bytes) ? new ArchivePath(bytes) : normalized(bytes, false);
  }

  /// The same for text, as [Utf8] encodes it.
  public static ArchivePath of(String text) {
    return of(Utf8.encode(text));
  }

  /// As [#of(byte[])], but `..` climbs, and stops at the root (what COPY does to its sources).
  ///
  /// @throws IllegalArgumentException if a byte is NUL
  public static ArchivePath clamped(byte[] raw) {
    return isNormal(raw) ? new ArchivePath(raw.clone()) : normalized(raw, true);
  }

  public static ArchivePath clamped(String text) {
    return clamped(Utf8.encode(text));
  }

  private static boolean isNormal(byte[] raw) {
    return isNormal(raw, 0, raw.length);
  }

  /// Whether what stands in `raw` from `from` up to `to` is in the normal form; `from` is where a
  /// component begins.
  public static boolean isNormal(byte[] raw, int from, int to) {
    int start = from;
    for (int i = from; i <= to; i++) {
      if (i == to || raw[i] == '/') {
        int length = i - start;
        if ((length == 0 && to > 0)
            || (length == 1 && raw[start] == '.')
            || (length == 2 && raw[start] == '.' && raw[start + 1] == '.')) {
          return false;
        }
        start = i + 1;
      } else if (raw[i] == 0) {
        return false;
      }
    }
    return true;
  }

  private static ArchivePath normalized(byte[] raw, boolean climb) {
    var out = new byte[raw.length];
    int length = 0;
    int start = 0;
    for (int i = 0; i <= raw.length; i++) {
      if (i < raw.length && raw[i] == 0) {
        throw new IllegalArgumentException("a name holds a NUL byte: " + Printable.of(raw));
      }
      if (i < raw.length && raw[i] != '/') {
        continue;
      }
      int size = i - start;
      if (size == 2 && raw[start] == '.' && raw[start + 1] == '.') {
        if (!climb) {
          throw new IllegalArgumentException("the path climbs out: " + Printable.of(raw));
        }
        while (length > 0 && out[--length] != '/') {
          // drops the last component
        }
      } else if (size > 0 && !(size == 1 && raw[start] == '.')) {
        if (length > 0) {
          out[length++] = '/';
        }
        System.arraycopy(raw, start, out, length, size);
        length += size;
      }
      start = i + 1;
    }
    return new ArchivePath(Arrays.copyOf(out, length));
  }

  public boolean isRoot() {
    return bytes.length == 0;
  }

  /// The path as bytes, `usr/bin/env`; empty for the root. The caller's own copy.
  public byte[] bytes() {
    return bytes.clone();
  }

  /// Its length in bytes.
  public int length() {
    return bytes.length;
  }

  /// Writes the path to `out`.
  public void writeTo(ByteArrayOutputStream out) {
    out.writeBytes(bytes);
  }

  /// The directory it is in; the root is its own parent.
  public ArchivePath parent() {
    int slash = lastSlash();
    return slash < 0 ? ROOT : new ArchivePath(Arrays.copyOf(bytes, slash));
  }

  /// How many of the first `length` bytes of `path`, a path, are the directory it is in; none if
  /// that is the root.
  public static int parentLength(byte[] path, int length) {
    int at = length - 1;
    while (at > 0 && path[at] != '/') {
      at--;
    }
    return Math.max(at, 0);
  }

  /// Its last component; empty for the root.
  public byte[] name() {
    return Arrays.copyOfRange(bytes, lastSlash() + 1, bytes.length);
  }

  /// The path of `name`, one component, in this directory.
  ///
  /// @throws IllegalArgumentException if `name` is not a single proper component
  public ArchivePath child(byte[] name) {
    if (!isName(name)) {
      throw new IllegalArgumentException("not a file name: \"" + Printable.of(name) + "\"");
    }
    return join(name);
  }

  private static boolean isName(byte[] name) {
    for (byte b : name) {
      if (b == '/' || b == 0) {
        return false;
      }
    }
    boolean dots =
        name.length <= 2
            && (name.length < 1 || name[0] == '.')
            && (name.length < 2 || name[1] == '.');
    return !dots;
  }

  public ArchivePath child(String name) {
    return child(Utf8.encode(name));
  }

  /// `tail` below this path.
  public ArchivePath resolve(ArchivePath tail) {
    return tail.isRoot() ? this : isRoot() ? tail : join(tail.bytes);
  }

  private ArchivePath join(byte[] tail) {
    if (bytes.length == 0) {
      return new ArchivePath(tail.clone());
    }
    var joined = Arrays.copyOf(bytes, bytes.length + 1 + tail.length);
    joined[bytes.length] = '/';
    System.arraycopy(tail, 0, joined, bytes.length + 1, tail.length);
    return new ArchivePath(joined);
  }

  /// The first place at which the bytes of two paths differ, the length of the shorter one if the
  /// longer one begins with it; -1 for equal paths.
  public int mismatch(ArchivePath other) {
    return Arrays.mismatch(bytes, other.bytes);
  }

  /// Where the component begins that byte `at` is in, or follows.
  public int startOfName(int at) {
    int start = at;
    while (start > 0 && bytes[start - 1] != '/') {
      start--;
    }
    return start;
  }

  /// Whether `part` stands at `at`.
  public boolean hasAt(int at, byte[] part) {
    int end = at + part.length;
    return bytes.length >= end && Arrays.equals(bytes, at, end, part, 0, part.length);
  }

  /// Whether the bytes of the path stand at `at` in `text`, which is long enough.
  public boolean isAt(ByteBuffer text, int at) {
    if (text.hasArray()) {
      int start = text.arrayOffset() + at;
      return Arrays.equals(text.array(), start, start + bytes.length, bytes, 0, bytes.length);
    }
    var there = new byte[bytes.length];
    text.get(at, there);
    return Arrays.equals(there, bytes);
  }

  /// Whether this is `ancestor` or lies below it.
  public boolean startsWith(ArchivePath ancestor) {
    int n = ancestor.bytes.length;
    return n == 0
        || (bytes.length >= n
            && Arrays.equals(bytes, 0, n, ancestor.bytes, 0, n)
            && (bytes.length == n || bytes[n] == '/'));
  }

  /// What of this path follows `ancestor`.
  ///
  /// @throws IllegalArgumentException unless it [#startsWith] `ancestor`
  public ArchivePath relativeTo(ArchivePath ancestor) {
    if (!startsWith(ancestor)) {
      throw new IllegalArgumentException(this + " is not below " + ancestor);
    }
    int n = ancestor.bytes.length;
    if (n == 0) {
      return this;
    }
    return bytes.length == n
        ? ROOT
        : new ArchivePath(Arrays.copyOfRange(bytes, n + 1, bytes.length));
  }

  private int lastSlash() {
    for (int i = bytes.length - 1; i >= 0; i--) {
      if (bytes[i] == '/') {
        return i;
      }
    }
    return -1;
  }

  /// Parents first; siblings by the unsigned bytes of their names.
  @Override
  public int compareTo(ArchivePath other) {
    int at = Arrays.mismatch(bytes, other.bytes);
    if (at < 0) {
      return 0;
    }
    int mine = at < bytes.length ? rank(bytes[at]) : -1;
    int theirs = at < other.bytes.length ? rank(other.bytes[at]) : -1;
    return Integer.compare(mine, theirs);
  }

  /// The slash sorts before every byte of a name, so that `a/b` comes before `a-b`.
  private static int rank(byte b) {
    return b == '/' ? 0 : 1 + (b & 0xFF);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ArchivePath path && Arrays.equals(bytes, path.bytes);
  }

  @Override
  public int hashCode() {
    int h = hash;
    if (h == 0) {
      h = Arrays.hashCode(bytes);
      hash = h;
    }
    return h;
  }

  /// The lossless text of the path, see [Utf8]. For a person's eyes use [#printable].
  @Override
  public String toString() {
    return Utf8.decode(bytes);
  }

  /// The path with control characters escaped.
  public String printable() {
    return Printable.of(bytes);
  }
}
