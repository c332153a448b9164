package dev.jbuild.layer;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.FileType;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.OptionalLong;

/// What a step changed: an overlay's upper directory read as a layer.
///
/// Only the upper is walked, so the cost follows the change and never the image. What is equal to
/// what is below, in metadata and content, is left out, unless something below it or another name
/// of it is written. A whiteout is made only for what exists below; an opaque directory becomes
/// whiteouts of what is below in it (image-spec, layer.md: SHOULD). Times become whole seconds,
/// clamped, on disk too: the upper becomes the tree of its place, and the next step must see what
/// it would see had the layer been unpacked.
///
/// The step's processes must be gone. Close it after the draft was written.
public final class UpperDiff implements AutoCloseable {

  private final TreeCursor upper;
  private final MergedView below;
  private final ChangedNames names;
  private final OverlayMarks marks = new OverlayMarks();

  private final LayerDraft draft;
  private final Deque<Visit> ahead = new ArrayDeque<>();

  private record Visit(ArchivePath path, boolean hidesBelow) {}

  /// @param upper is closed with this
  public UpperDiff(Directory upper, MergedView below, LayerReader layers, OptionalLong clamp) {
    this.upper = new TreeCursor(upper);
    this.below = below;
    this.draft = new LayerDraft(clamp);
    this.names = new ChangedNames(this.upper, below, layers, clamp, draft);
  }

  /// The layer; its content is read from the upper directory when it is written.
  public LayerDraft changes() throws IOException {
    names.root();
    ahead.push(new Visit(ArchivePath.ROOT, false));
    while (!ahead.isEmpty()) {
      var visit = ahead.pop();
      directory(visit.path, visit.hidesBelow);
    }
    names.write();
    return draft;
  }

  private void directory(ArchivePath path, boolean hidesBelow) throws IOException {
    var here = upper.at(path);
    var present = new HashSet<ArchivePath>();
    boolean removed = false;
    for (var each : here.list()) {
      var child = path.child(each.name());
      var stat = here.stat(each.name()).orElse(null);
      if (stat == null) {
        continue;
      }
      if (OverlayMarks.isHidden(stat)) {
        if (below.find(child).isPresent()) {
          draft.hide(child);
        }
      } else if (stat.type() == FileType.SOCKET) {
        here.unlink(each.name()); // no tar can hold it, so no later step may see it
        removed = true;
      } else {
        present.add(child);
        name(here, child, stat, hidesBelow);
      }
    }
    if (removed) {
      names.settleTimeAgain(here, path);
    }
    if (hidesBelow) {
      for (var lower : below.list(path)) {
        if (!present.contains(lower.entry().path())) {
          draft.hide(lower.entry().path());
        }
      }
    }
  }

  private void name(Directory here, ArchivePath path, FileStat stat, boolean hidesBelow)
      throws IOException {
    var xattrs = here.xattrs(path.name());
    if (names.add(here, path, stat, xattrs).isDirectory()) {
      ahead.push(new Visit(path, hidesBelow || marks.isOpaque(xattrs)));
    }
  }

  @Override
  public void close() {
    upper.close();
  }
}
