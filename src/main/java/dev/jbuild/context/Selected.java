package dev.jbuild.context;

import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// One match of a source of COPY: a file, or a directory whose contents are copied.
///
/// Safe for use by many threads.
public final class Selected {

  private final SourceTree tree;
  private final ArchivePath base;
  private final ArchivePath target;
  private final SourceEntry entry;
  private final List<Found> parents;
  private final IgnoreRules excludes;

  /// @param base what stands before `target` in the path as it was named
  /// @param target name of a file, or path of anything with `--parents`; the root for a directory
  ///     of which only the contents are copied
  /// @param entry what it is after links were followed
  /// @param parents with `--parents`: the directories above `target` that are copied with it
  Selected(
      SourceTree tree,
      ArchivePath base,
      ArchivePath target,
      SourceEntry entry,
      List<Found> parents,
      IgnoreRules excludes) {
    this.tree = tree;
    this.base = base;
    this.target = target;
    this.entry = entry;
    this.parents = List.copyOf(parents);
    this.excludes = excludes;
  }

  /// The tree that it is in.
  public SourceTree tree() {
    return tree;
  }

  /// The path as it was named, links not followed: what to show.
  public ArchivePath source() {
    return base.resolve(target);
  }

  /// What stands before [#target] in [#source].
  public ArchivePath base() {
    return base;
  }

  /// Where it goes, relative to the destination directory: the name of the file, the path kept by
  /// `--parents`, or the root for a directory of which the contents are copied.
  public ArchivePath target() {
    return target;
  }

  /// What it is, links followed; a directory or anything else but a link. (With `--parents` links
  /// are not followed, so there it may be one.)
  public SourceEntry entry() {
    return entry;
  }

  public boolean isDirectory() {
    return entry.isDirectory();
  }

  /// With `--parents`: the directories on the way to it, from the top; their paths are relative to
  /// the destination directory. Else empty.
  public List<Found> parents() {
    return parents;
  }

  /// All that is below a directory, in the order of our layers, without what `--exclude` leaves
  /// out; paths are relative to the directory. Links are found as links. Empty for a file.
  public List<Found> below() throws IOException {
    var found = new ArrayList<Found>();
    walk(found::add);
    return found;
  }

  private void walk(Each each) throws IOException {
    if (entry.isDirectory()) {
      new TreeWalk(tree, excludes, each).below(entry, target);
    }
  }

  /// Everything that this match copies, with paths relative to the destination directory: parents,
  /// the match itself (unless it is a directory of which only the contents are copied), what is
  /// below.
  public List<Found> all() throws IOException {
    var found = new ArrayList<>(parents);
    each(found::add);
    return found;
  }

  /// Hands over all of [#all] but the parents, one by one: there may be a million.
  public void each(Each each) throws IOException {
    if (target.isRoot()) {
      walk(each);
      return;
    }
    each.take(new Found(target, entry, excludes.excludes(target)));
    walk(
        file -> {
          var path = target.resolve(file.path());
          each.take(new Found(path, file.entry(), file.onlyForBelow()));
        });
  }

  /// Is given one file after the other.
  @FunctionalInterface
  public interface Each {
    void take(Found found) throws IOException;
  }
}
