package dev.jbuild.context;

import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/// Lists a tree in the order of our layers, without what rules leave out. To any depth.
///
/// A directory that is left out, of which something is taken back in, comes just before that.
final class TreeWalk {

  private static final class Level {
    private final SourceEntry directory;
    private final Iterator<SourceEntry> entries;
    private final DirectoryRules rules;

    /// Whether the directory itself is found yet, and so all above it.
    private boolean isOut;

    Level(
        SourceEntry directory, Iterator<SourceEntry> entries, DirectoryRules rules, boolean isOut) {
      this.directory = directory;
      this.entries = entries;
      this.rules = rules;
      this.isOut = isOut;
    }
  }

  private final SourceTree tree;
  private final IgnoreRules rules;
  private final Deque<Level> levels = new ArrayDeque<>();
  private final Selected.Each found;

  /// @param found is given what is found, one by one
  TreeWalk(SourceTree tree, IgnoreRules rules, Selected.Each found) {
    this.tree = tree;
    this.rules = rules;
    this.found = found;
  }

  /// Finds what is below `top`, with paths relative to it.
  ///
  /// @param name of `top` in the eyes of the rules
  void below(SourceEntry top, ArchivePath name) throws IOException {
    if (rules.isEmpty()) {
      tree.expect(top.path());
    }
    levels.push(new Level(top, list(top), rules.in(name, rules.decide(name)), true));
    while (!levels.isEmpty()) {
      var level = levels.peek();
      if (level.entries.hasNext()) {
        find(level.entries.next(), level, top, name);
      } else {
        levels.pop();
      }
    }
  }

  /// Finds one name. (The loop over all of them is run once, and so never compiled; this is.)
  private void find(SourceEntry entry, Level level, SourceEntry top, ArchivePath name)
      throws IOException {
    var path = entry.path().relativeTo(top.path());
    Verdict decision = rules.isEmpty() ? Verdict.NONE : level.rules.decide(path.name());
    boolean isOut = !rules.excludes(decision);
    if (isOut) {
      if (!level.isOut) {
        comeOut(top);
      }
      found.take(new Found(path, entry));
    }
    if (entry.isDirectory()) {
      descend(entry, name.resolve(path), decision, isOut);
    }
  }

  private void descend(SourceEntry directory, ArchivePath name, Verdict decision, boolean isOut)
      throws IOException {
    if (isOut || rules.mayContainIncluded(decision, name.toString())) {
      levels.push(new Level(directory, list(directory), rules.in(name, decision), isOut));
    }
  }

  private Iterator<SourceEntry> list(SourceEntry directory) throws IOException {
    return tree.list(directory.path()).iterator();
  }

  /// Adds the directories above, left out so far, of something that is copied.
  private void comeOut(SourceEntry top) throws IOException {
    for (var above = levels.descendingIterator(); above.hasNext(); ) {
      var level = above.next();
      if (!level.isOut) {
        level.isOut = true;
        var path = level.directory.path().relativeTo(top.path());
        found.take(new Found(path, level.directory, true));
      }
    }
  }
}
