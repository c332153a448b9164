package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileType;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/// An overlay's upper directory looked at as a layer that it may never become: for somebody who
/// goes on in it. Unlike [UpperDiff] it changes nothing there, no time either, and reads no
/// content.
public final class UpperIndex {

  private final TreeCursor upper;
  private final OverlayMarks marks = new OverlayMarks();
  private final LayerIndex.Builder index = new LayerIndex.Builder();
  private final Deque<ArchivePath> ahead = new ArrayDeque<>();

  private UpperIndex(TreeCursor upper) {
    this.upper = upper;
  }

  /// Puts what `upper` holds on `view`, which has what is below.
  ///
  /// @return what the view calls the layer of these names; their content is in `upper`, at the same
  ///     paths
  public static Digest apply(Directory upper, MergedView view) throws IOException {
    try (var cursor = new TreeCursor(upper)) {
      var index = new UpperIndex(cursor).read();
      var name = Digest.of(index.toBytes());
      view.stack(name, index);
      return name;
    }
  }

  private LayerIndex read() throws IOException {
    var root = upper.at(ArchivePath.ROOT).stat();
    long uid = Integer.toUnsignedLong(root.uid());
    long gid = Integer.toUnsignedLong(root.gid());
    index.add(
        TarEntry.directory(ArchivePath.ROOT, root.permissions(), uid, gid, root.mtime()), 0, null);
    ahead.push(ArchivePath.ROOT);
    while (!ahead.isEmpty()) {
      directory(ahead.pop());
    }
    return index.build();
  }

  private void directory(ArchivePath path) throws IOException {
    for (var each : upper.at(path).list()) {
      var here = upper.at(path);
      var child = path.child(each.name());
      var stat = here.stat(each.name()).orElse(null);
      if (stat == null || stat.type() == FileType.SOCKET) {
        continue;
      }
      if (OverlayMarks.isHidden(stat)) {
        index.hide(child);
        continue;
      }
      var xattrs = here.xattrs(each.name());
      index.add(TreeEntry.of(upper, child, stat, OverlayMarks.portable(xattrs)), 0, null);
      if (stat.isDirectory()) {
        ahead.push(child);
        if (marks.isOpaque(xattrs)) {
          index.setOpaque(child);
        }
      }
    }
  }
}
