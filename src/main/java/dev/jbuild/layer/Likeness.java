package dev.jbuild.layer;

import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// Whether files are the same.
final class Likeness {

  private Likeness() {}

  /// Whether two streams hold the same bytes. They are read until they differ.
  static boolean sameBytes(InputStream a, InputStream b) throws IOException {
    var mine = new byte[1 << 16];
    while (true) {
      int n = a.readNBytes(mine, 0, mine.length);
      var theirs = b.readNBytes(mine.length);
      if (n != theirs.length || !Arrays.equals(mine, 0, n, theirs, 0, n)) {
        return false;
      }
      if (n < mine.length) {
        return true;
      }
    }
  }

  /// Whether two entries are the same file in all that a layer can say, content excepted.
  static boolean sameMetadata(TarEntry a, TarEntry b) {
    return a.type() == b.type()
        && a.mode() == b.mode()
        && a.uid() == b.uid()
        && a.gid() == b.gid()
        && a.size() == b.size()
        && a.mtime() == b.mtime()
        && sameTarget(a, b)
        && sameXattrs(a, b);
  }

  /// Whether a link leads to the same name, or a device stands for the same thing.
  static boolean sameTarget(TarEntry a, TarEntry b) {
    return a.major() == b.major() && a.minor() == b.minor() && Arrays.equals(a.link(), b.link());
  }

  static boolean sameXattrs(TarEntry a, TarEntry b) {
    return TarEntry.sameXattrs(a.xattrs(), b.xattrs());
  }
}
