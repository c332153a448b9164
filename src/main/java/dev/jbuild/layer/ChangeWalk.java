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

/// A walk over what a step has left on disk that makes a layer of it: names that are there may have
/// changed, names that only the view has may be gone.
abstract sealed class ChangeWalk implements AutoCloseable permits TreeDiff, UpperDiff {

  final TreeCursor tree;
  final MergedView below;
  final LayerDraft draft;
  final ChangedNames names;
  private final Deque<Visit> ahead = new ArrayDeque<>();

  /// A directory to walk.
  ///
  /// @param tellsGone whether what only the view has in it is gone
  private record Visit(ArchivePath path, boolean tellsGone) {}

  /// @param tree is closed with this
  ChangeWalk(Directory tree, MergedView below, LayerReader layers, OptionalLong clamp) {
    this.tree = new TreeCursor(tree);
    this.below = below;
    this.draft = new LayerDraft(clamp);
    this.names = new ChangedNames(this.tree, below, layers, clamp, draft);
  }

  /// The layer; its content is read from the disk when it is written.
  public LayerDraft changes() throws IOException {
    names.root();
    enter(ArchivePath.ROOT, rootTellsGone());
    while (!ahead.isEmpty()) {
      directory(ahead.pop());
    }
    names.write();
    return draft;
  }

  /// Has a directory walked.
  final void enter(ArchivePath path, boolean tellsGone) {
    ahead.push(new Visit(path, tellsGone));
  }

  private void directory(Visit visit) throws IOException {
    var path = visit.path;
    var here = tree.at(path);
    var present = new HashSet<ArchivePath>();
    boolean removed = false;
    for (var each : here.list()) {
      var child = path.child(each.name());
      var stat = here.stat(each.name()).orElse(null);
      if (stat == null || isMark(child, stat)) {
        continue;
      }
      if (stat.type() == FileType.SOCKET || OverlayMarks.isHidden(stat)) {
        here.unlink(each.name()); // no layer can hold it, so no later step may see it
        removed = true;
      } else {
        present.add(child);
        name(here, child, stat, visit.tellsGone);
      }
    }
    if (removed) {
      names.settleTimeAgain(here, path);
    }
    if (visit.tellsGone) {
      for (var lower : below.list(path)) {
        var gone = lower.entry().path();
        if (!present.contains(gone) && !isElsewhere(gone)) {
          draft.hide(gone);
        }
      }
    }
  }

  /// Whether what the view has and the root directory has not is gone.
  abstract boolean rootTellsGone();

  /// Whether the name is no file but says something of what is below, which is taken notice of.
  abstract boolean isMark(ArchivePath path, FileStat stat);

  /// Whether the view has a name that could never be here.
  abstract boolean isElsewhere(ArchivePath path);

  /// Takes a name; if it is a directory's, that is walked later.
  ///
  /// @param tellsGone of the directory that it is in
  abstract void name(Directory here, ArchivePath path, FileStat stat, boolean tellsGone)
      throws IOException;

  @Override
  public void close() {
    tree.close();
  }
}
