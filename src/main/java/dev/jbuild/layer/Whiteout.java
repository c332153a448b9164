package dev.jbuild.layer;

import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarFormatException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// What a name in a layer's tar says about the layers below it (image-spec, layer.md, Whiteouts).
sealed interface Whiteout {

  /// An ordinary entry, no whiteout.
  record None() implements Whiteout {}

  /// `.wh.NAME`: what lies below at this path is not there any more.
  record Hide(ArchivePath path) implements Whiteout {}

  /// `.wh..wh..opq`: nothing of what lies below in this directory is there any more.
  record Opaque(ArchivePath directory) implements Whiteout {}

  /// `.wh..wh.aufs` and its like: notes of a file system of old, of no meaning.
  record Meta() implements Whiteout {}

  byte[] PREFIX = ".wh.".getBytes(StandardCharsets.US_ASCII);
  byte[] META_PREFIX = ".wh..wh.".getBytes(StandardCharsets.US_ASCII);
  byte[] OPAQUE_NAME = ".wh..wh..opq".getBytes(StandardCharsets.US_ASCII);
  Whiteout NONE = new None();

  /// What `entry` is.
  ///
  /// @throws TarFormatException if it is a whiteout of nothing, of `.` or of `..`, or no empty file
  static Whiteout of(TarEntry entry) throws TarFormatException {
    var path = entry.path();
    for (var at = path.parent(); !at.isRoot(); at = at.parent()) {
      if (isMarker(at.name()) && !startsWith(at.name(), META_PREFIX)) {
        throw new TarFormatException("an entry lies below a whiteout: " + path.printable());
      }
    }
    var name = path.name();
    if (!isMarker(name)) {
      return path.isRoot() || !hasMetaParent(path) ? NONE : new Meta();
    }
    if (Arrays.equals(name, OPAQUE_NAME)) {
      if (entry.isDirectory() || entry.size() > 0) {
        throw new TarFormatException("a whiteout that is no empty file: " + path.printable());
      }
      return new Opaque(path.parent());
    }
    if (startsWith(name, META_PREFIX)) {
      return new Meta();
    }
    var hidden =
        new String(name, PREFIX.length, name.length - PREFIX.length, StandardCharsets.ISO_8859_1);
    if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
      throw new TarFormatException("a whiteout of no name: " + path.printable());
    }
    if (entry.isDirectory() || entry.size() > 0) {
      throw new TarFormatException("a whiteout that is no empty file: " + path.printable());
    }
    return new Hide(hidden(path));
  }

  /// Whether a file of this name would be read as a whiteout, so that no layer can hold it.
  static boolean isMarker(byte[] name) {
    return startsWith(name, PREFIX);
  }

  /// What the name `marker` in the tar hides.
  static ArchivePath hidden(ArchivePath marker) {
    var name = marker.name();
    return marker.parent().child(Arrays.copyOfRange(name, PREFIX.length, name.length));
  }

  /// The name in the tar that hides `path`.
  static ArchivePath marker(ArchivePath path) {
    var name = path.name();
    var marker = Arrays.copyOf(PREFIX, PREFIX.length + name.length);
    System.arraycopy(name, 0, marker, PREFIX.length, name.length);
    return path.parent().child(marker);
  }

  private static boolean hasMetaParent(ArchivePath path) {
    for (var at = path.parent(); !at.isRoot(); at = at.parent()) {
      if (startsWith(at.name(), META_PREFIX)) {
        return true;
      }
    }
    return false;
  }

  private static boolean startsWith(byte[] name, byte[] prefix) {
    return name.length >= prefix.length
        && Arrays.equals(name, 0, prefix.length, prefix, 0, prefix.length);
  }
}
