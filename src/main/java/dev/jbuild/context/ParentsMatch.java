package dev.jbuild.context;

import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// What `COPY --parents` selects: the paths that match are kept, `**` reaches over directories, no
/// link is followed. What matches is taken whole, and not searched for more.
final class ParentsMatch {

  /// Leaves out all that a directory holds.
  private static final IgnoreRules NOTHING = IgnoreRules.ofExcludes(List.of("**"));

  private final SourceTree tree;
  private final IgnoreRules excludes;

  ParentsMatch(SourceTree tree, IgnoreRules excludes) {
    this.tree = tree;
    this.excludes = excludes;
  }

  /// Matches `text` below each of `bases`.
  ///
  /// @param bases the directories below which the pattern begins, as they were named
  /// @param text the pattern
  SourceMatch match(String source, List<ArchivePath> bases, String text) throws IOException {
    var pattern = PatternText.cleaned("/" + text).substring(1);
    var glob =
        Glob.hasWildcard(pattern) ? Optional.of(Glob.ofPath(pattern)) : Optional.<Glob>empty();
    var selected = new ArrayList<Selected>();
    var searched = new ArrayList<Selected>();
    boolean matched = false;
    for (var base : bases) {
      var top = tree.resolve(base).filter(SourceEntry::isDirectory);
      if (top.isEmpty()) {
        continue;
      }
      searched.add(new Selected(tree, base, ArchivePath.ROOT, top.get(), List.of(), NOTHING));
      var found = glob.isPresent() ? search(top.get(), glob.get()) : find(top.get(), pattern);
      matched |= !found.isEmpty();
      for (var entry : found) {
        add(selected, base, top.get(), entry);
      }
    }
    if (!matched && !Glob.hasWildcard(source)) {
      var path = bases.getFirst().resolve(ArchivePath.clamped(pattern));
      return NamedPath.missing(tree, source, path);
    }
    if (!matched) {
      return new SourceMatch.Unmatched(source, searched);
    }
    return new SourceMatch.Matched(source, selected.isEmpty() ? searched : selected);
  }

  /// What is at `path`, escapes or not.
  private List<SourceEntry> find(SourceEntry top, String path) throws IOException {
    if (path.isEmpty()) {
      return List.of(top);
    }
    var exact = tree.lookup(top.path().resolve(ArchivePath.clamped(path)));
    var plain = ArchivePath.clamped(Glob.unescaped(path));
    var found = exact.isPresent() ? exact : tree.lookup(top.path().resolve(plain));
    return found.map(List::of).orElse(List.of());
  }

  private List<SourceEntry> search(SourceEntry top, Glob glob) throws IOException {
    var found = new ArrayList<SourceEntry>();
    var levels = new ArrayDeque<Iterator<SourceEntry>>();
    levels.push(tree.list(top.path()).iterator());
    while (!levels.isEmpty()) {
      if (!levels.peek().hasNext()) {
        levels.pop();
        continue;
      }
      var entry = levels.peek().next();
      var path = entry.path().relativeTo(top.path()).toString();
      if (glob.matches(path)) {
        found.add(entry);
      } else if (entry.isDirectory() && glob.mayMatchBelow(path)) {
        levels.push(tree.list(entry.path()).iterator());
      }
    }
    return found;
  }

  private void add(List<Selected> to, ArchivePath base, SourceEntry top, SourceEntry entry)
      throws IOException {
    var target = entry.path().relativeTo(top.path());
    if (excludes.excludes(target) && (!entry.isDirectory() || hasNothingBelow(entry, target))) {
      return;
    }
    var parents = new ArrayList<Found>();
    for (var above = target.parent(); !above.isRoot(); above = above.parent()) {
      Optional<SourceEntry> directory = tree.lookup(top.path().resolve(above));
      if (directory.isPresent()) {
        parents.addFirst(new Found(above, directory.get(), true));
      }
    }
    to.add(new Selected(tree, base, target, entry, parents, excludes));
  }

  private boolean hasNothingBelow(SourceEntry directory, ArchivePath target) throws IOException {
    var below = new ArrayList<Found>();
    new TreeWalk(tree, excludes, below::add).below(directory, target);
    return below.isEmpty();
  }
}
