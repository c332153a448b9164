package dev.jbuild.layer;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.FileType;
import dev.jbuild.linux.Machine;
import dev.jbuild.tar.XattrName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/// How the kernel's overlay says "deleted" and "nothing below" in a directory that is one of its
/// layers (Documentation/filesystems/overlayfs.rst): a character device 0:0, and an attribute.
///
/// These marks are made and read here and never come from or get into a tar: a stranger's mark
/// would hide or redirect files (reliability case 15).
final class OverlayMarks {

  private static final byte[] YES = "y".getBytes(StandardCharsets.US_ASCII);

  private final String opaque;

  OverlayMarks() {
    this.opaque = Machine.inUserNamespace() ? "user.overlay.opaque" : "trusted.overlay.opaque";
  }

  void hide(Directory parent, byte[] name) throws IOException {
    parent.makeNode(name, FileType.CHARACTER, 0, 0, 0);
  }

  void setOpaque(Directory parent, byte[] name) throws IOException {
    parent.setXattr(name, opaque, YES);
  }

  void setRootOpaque(Directory root) throws IOException {
    root.setXattr(opaque, YES);
  }

  static boolean isHidden(FileStat stat) {
    return stat.type() == FileType.CHARACTER && stat.rdevMajor() == 0 && stat.rdevMinor() == 0;
  }

  boolean isOpaque(SortedMap<String, byte[]> xattrs) {
    return Arrays.equals(xattrs.get(opaque), YES);
  }

  /// Whether the attribute is one that the overlay itself keeps.
  static boolean isOurs(String name) {
    return name.startsWith("trusted.overlay.") || name.startsWith("user.overlay.");
  }

  /// The attributes that go into a layer: a host's own labels and the overlay's marks do not.
  static SortedMap<String, byte[]> portable(SortedMap<String, byte[]> xattrs) {
    if (xattrs.isEmpty()) {
      return xattrs;
    }
    var kept = new TreeMap<>(xattrs);
    kept.keySet().removeIf(name -> !XattrName.isPortable(name));
    return kept;
  }
}
