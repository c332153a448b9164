package dev.jbuild.build;

import dev.jbuild.image.ChainId;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.LayerIndex;
import dev.jbuild.layer.UpperDiff;
import dev.jbuild.layer.WrittenLayer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The upper directory of an overlay as a change. Its files may be the lower ones of another
/// overlay while it is written: nothing changes them.
final class OverlayChange implements StepChange {

  private final OverlayRoot root;
  private final UpperDiff diff;
  private final LayerDraft draft;
  private final boolean isEmpty;

  /// @param diff is closed with this
  OverlayChange(OverlayRoot root, UpperDiff diff, LayerDraft draft) {
    this.root = root;
    this.diff = diff;
    this.draft = draft;
    this.isEmpty = draft.isEmpty();
  }

  @Override
  public boolean isEmpty() {
    return isEmpty;
  }

  /// What its index will be; before it is written.
  LayerIndex outline() throws IOException {
    return draft.outline();
  }

  @Override
  public WrittenLayer write(@Nullable Digest below) throws IOException {
    var written = draft.write(root.store());
    root.layers().learn(written);
    root.place(ChainId.next(below, written.diffId()));
    return written;
  }

  @Override
  public void close() {
    diff.close();
  }
}
