package dev.jbuild.layer;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
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
public final class UpperDiff extends ChangeWalk {

  private final OverlayMarks marks = new OverlayMarks();

  /// @param upper is closed with this
  public UpperDiff(Directory upper, MergedView below, LayerReader layers, OptionalLong clamp) {
    super(upper, below, layers, clamp);
  }

  @Override
  boolean rootTellsGone() {
    return false;
  }

  @Override
  boolean isMark(ArchivePath path, FileStat stat) {
    if (!OverlayMarks.isHidden(stat)) {
      return false;
    }
    if (below.find(path).isPresent()) {
      draft.hide(path);
    }
    return true;
  }

  @Override
  boolean isElsewhere(ArchivePath path) {
    return false;
  }

  /// In an opaque directory, and all below it, nothing of the view is left.
  @Override
  void name(Directory here, ArchivePath path, FileStat stat, boolean tellsGone) throws IOException {
    var xattrs = here.xattrs(path.name());
    if (names.add(here, path, stat, xattrs).isDirectory()) {
      enter(path, tellsGone || marks.isOpaque(xattrs));
    }
  }
}
