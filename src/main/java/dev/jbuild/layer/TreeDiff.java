package dev.jbuild.layer;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.FileType;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// What a step changed in a tree that holds a whole file system, read as a layer.
///
/// All names are walked. What [TreeStamps] knows as untouched is passed by; all else is compared
/// with what the view has there, in metadata and then in content, and is told as [UpperDiff] tells
/// it: the same step gives the same layer. One thing differs: a file with several names, changed in
/// place through one of them, has changed under all of them here, and in an overlay under that one.
///
/// The step's processes must be gone. Close it after the draft was written.
public final class TreeDiff implements AutoCloseable {

  private final TreeCursor tree;
  private final TreeStamps before;
  private final Set<ArchivePath> leftOut;
  private final MergedView below;
  private final LayerDraft draft;
  private final ChangedNames names;
  private final TreeStamps.Draft after = new TreeStamps.Draft();
  private final List<ArchivePath> looked = new ArrayList<>();
  private final Deque<Visit> ahead = new ArrayDeque<>();

  /// A directory to walk.
  ///
  /// @param isTouched whether names in it may have come or gone
  private record Visit(ArchivePath path, boolean isTouched) {}

  /// @param tree is closed with this
  /// @param before of the tree as the step found it
  /// @param leftOut what the view has and the tree never had
  public TreeDiff(
      Directory tree,
      TreeStamps before,
      Set<ArchivePath> leftOut,
      MergedView below,
      LayerReader layers,
      OptionalLong clamp) {
    this.tree = new TreeCursor(tree);
    this.before = before;
    this.leftOut = Set.copyOf(leftOut);
    this.below = below;
    this.draft = new LayerDraft(clamp);
    this.names = new ChangedNames(this.tree, below, layers, clamp, draft);
  }

  /// The layer; its content is read from the tree when it is written.
  public LayerDraft changes() throws IOException {
    names.root();
    ahead.push(new Visit(ArchivePath.ROOT, true));
    while (!ahead.isEmpty()) {
      directory(ahead.pop());
    }
    names.write();
    return draft;
  }

  /// Stamps of the tree as it is now, for the next step; after [#changes].
  ///
  /// @param beside as for [TreeStamps#take]
  public TreeStamps stamps(Directory beside) throws IOException {
    for (var path : looked) { // their times were settled since
      var stat = tree.at(path.parent()).stat(path.name());
      if (stat.isPresent()) {
        after.put(path, stat.get());
      }
    }
    return after.finish(beside);
  }

  private void directory(Visit visit) throws IOException {
    var path = visit.path;
    var here = tree.at(path);
    var present = new HashSet<ArchivePath>();
    boolean removed = false;
    for (var each : here.list()) {
      var child = path.child(each.name());
      var stat = here.stat(each.name()).orElse(null);
      if (stat == null) {
        continue;
      }
      if (stat.type() == FileType.SOCKET || OverlayMarks.isHidden(stat)) {
        here.unlink(each.name()); // no layer can hold it, so no later step may see it
        removed = true;
      } else {
        present.add(child);
        name(here, child, stat);
      }
    }
    if (removed) {
      names.settleTimeAgain(here, path);
    }
    if (visit.isTouched) {
      for (var lower : below.list(path)) {
        var gone = lower.entry().path();
        if (!present.contains(gone) && !leftOut.contains(gone)) {
          draft.hide(gone);
        }
      }
    }
  }

  private void name(Directory here, ArchivePath path, FileStat stat) throws IOException {
    boolean untouched = before.isUntouched(path, stat);
    if (untouched) {
      after.put(path, stat);
    } else {
      looked.add(path);
      names.add(here, path, stat, here.xattrs(path.name()));
    }
    if (stat.isDirectory()) {
      ahead.push(new Visit(path, !untouched));
    }
  }

  @Override
  public void close() {
    tree.close();
  }
}
