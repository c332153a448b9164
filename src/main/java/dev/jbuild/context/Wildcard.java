package dev.jbuild.context;

import dev.jbuild.failure.Utf8;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds what a wildcard matches, as Go's filepath.Match reads it, one name after the other: no
/// wildcard reaches over a slash, `**` is `*`, names with a leading dot match.
///
/// The names before the first wildcard may be links, which are followed; behind it none is. What
/// is found is not searched further.
final class Wildcard {

  private final SourceTree tree;

  Wildcard(SourceTree tree) {
    this.tree = tree;
  }

  /// The paths that match, sorted; as named, which is not where they are if links were followed.
  ///
  /// @return empty if what stands before the first wildcard is not there
  /// @throws IllegalArgumentException if a name of `pattern` is malformed
  Optional<List<ArchivePath>> matches(String pattern) throws IOException {
    var named = start(pattern);
    var globs = new ArrayList<Glob>();
    for (var name : names(pattern)) {
      if (!globs.isEmpty() || Glob.hasWildcard(name)) {
        globs.add(Glob.ofName(name));
      }
    }
    var start = tree.resolve(named);
    if (start.isEmpty()) {
      return Optional.empty();
    }
    var found = List.of(start.get().path());
    for (var glob : globs) {
      found = step(found, glob);
    }
    var result = new ArrayList<ArchivePath>();
    for (var path : found) {
      result.add(named.resolve(path.relativeTo(start.get().path())));
    }
    return Optional.of(result);
  }

  /// What stands before the first wildcard of `pattern`.
  static ArchivePath start(String pattern) {
    var start = ArchivePath.ROOT;
    for (var name : names(pattern)) {
      if (Glob.hasWildcard(name)) {
        break;
      }
      start = start.child(Glob.unescaped(name));
    }
    return start;
  }

  /// None if the pattern, as `a*/..`, means the root.
  private static List<String> names(String pattern) {
    var cleaned = PatternText.cleaned("/" + pattern).substring(1);
    return cleaned.isEmpty() ? List.of() : List.of(cleaned.split("/", -1));
  }

  /// The entries of `directories` whose name matches.
  private List<ArchivePath> step(List<ArchivePath> directories, Glob name) throws IOException {
    var next = new ArrayList<ArchivePath>();
    for (var directory : directories) {
      if (name.isLiteral()) {
        var path = directory.child(name.prefix());
        if (tree.lookup(path).isPresent()) {
          next.add(path);
        }
        continue;
      }
      for (var entry : tree.list(directory)) {
        if (name.matches(Utf8.decode(entry.path().name()))) {
          next.add(entry.path());
        }
      }
    }
    return next;
  }
}
