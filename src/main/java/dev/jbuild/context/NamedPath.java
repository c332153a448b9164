package dev.jbuild.context;

import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A path that was named without wildcards: what is there, or why nothing is.
final class NamedPath {

  private final SourceTree tree;
  private ArchivePath path = ArchivePath.ROOT;
  private @Nullable SourceEntry entry;

  NamedPath(SourceTree tree) {
    this.tree = tree;
  }

  /// Looks for `source` as it stands, then without its backslashes, which a wildcard would need.
  NamedPath find(String source) throws IOException {
    find(ArchivePath.clamped(source));
    if (isMissing() && source.indexOf('\\') >= 0) {
      find(ArchivePath.clamped(Glob.unescaped(source)));
    }
    return this;
  }

  /// Looks for what `named` is, links followed.
  NamedPath find(ArchivePath named) throws IOException {
    path = named;
    entry = tree.resolve(named).orElse(null);
    return this;
  }

  boolean isMissing() {
    return entry == null;
  }

  ArchivePath path() {
    return path;
  }

  SourceEntry entry() {
    if (entry == null) {
      throw new IllegalStateException(path.printable() + " is missing");
    }
    return entry;
  }

  SourceMatch.Missing missing(String source) throws IOException {
    return missing(tree, source, path);
  }

  /// Why `path` is not there, and what is instead.
  static SourceMatch.Missing missing(SourceTree tree, String source, ArchivePath path)
      throws IOException {
    var rule = tree.leftOutBy(path);
    var link = rule.isPresent() ? Optional.<SourceEntry>empty() : linkOn(tree, path);
    List<ArchivePath> near =
        rule.isPresent() || link.isPresent() ? List.of() : new NearestName(tree).to(path);
    return new SourceMatch.Missing(source, path, near, rule, link);
  }

  /// The first link on the way along `path`.
  private static Optional<SourceEntry> linkOn(SourceTree tree, ArchivePath path)
      throws IOException {
    var above = path;
    Optional<SourceEntry> first = Optional.empty();
    while (!above.isRoot()) {
      var here = tree.lookup(above);
      if (here.isPresent() && here.get().isSymlink()) {
        first = here;
      }
      above = above.parent();
    }
    return first;
  }
}
