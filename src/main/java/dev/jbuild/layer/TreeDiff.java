package dev.jbuild.layer;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayList;
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
public final class TreeDiff extends ChangeWalk {

  private final TreeStamps before;
  private final Set<ArchivePath> leftOut;
  private final TreeStamps.Draft after = new TreeStamps.Draft();
  private final List<ArchivePath> looked = new ArrayList<>();

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
    super(tree, below, layers, clamp);
    this.before = before;
    this.leftOut = Set.copyOf(leftOut);
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

  @Override
  boolean rootTellsGone() {
    return true;
  }

  @Override
  boolean isMark(ArchivePath path, FileStat stat) {
    return false;
  }

  @Override
  boolean isElsewhere(ArchivePath path) {
    return leftOut.contains(path);
  }

  /// In a directory that is untouched names neither came nor went.
  @Override
  void name(Directory here, ArchivePath path, FileStat stat, boolean tellsGone) throws IOException {
    boolean untouched = before.isUntouched(path, stat);
    if (untouched) {
      after.put(path, stat);
    } else {
      looked.add(path);
      names.add(here, path, stat, here.xattrs(path.name()));
    }
    if (stat.isDirectory()) {
      enter(path, !untouched);
    }
  }
}
