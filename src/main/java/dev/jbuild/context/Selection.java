package dev.jbuild.context;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The sources of one COPY or ADD: paths and wildcards, what of them is excluded, and whether their
/// directories are kept.
///
/// Sources are relative to the root of their tree, whatever they begin with; `..` stops there.
///
/// @param sources after expansion, in order
/// @param parents `--parents`: keep the path, or what follows `/./`; follow no links behind that
/// @param excludes `--exclude`, relative to each directory that is copied
public record Selection(List<String> sources, boolean parents, IgnoreRules excludes) {

  public Selection {
    sources = List.copyOf(sources);
  }

  /// Sources without `--parents` and `--exclude`.
  public static Selection of(List<String> sources) {
    return new Selection(sources, false, IgnoreRules.NONE);
  }

  /// Whether `source` may stand for more, or less, than one path.
  public static boolean hasWildcard(String source) {
    return Glob.hasWildcard(source);
  }

  /// What the one path `source` stands for in `tree`; no character of it is a wildcard.
  public static SourceMatch named(SourceTree tree, String source) throws IOException {
    var named = new NamedPath(tree).find(ArchivePath.clamped(source));
    return named.isMissing()
        ? named.missing(source)
        : new SourceMatch.Matched(
            source, of(List.of()).selected(tree, named.path(), named.entry()));
  }

  /// What the sources stand for in `tree`, one match for each, in their order.
  ///
  /// @throws BuildFailure DOCKERFILE for a malformed wildcard
  public List<SourceMatch> in(SourceTree tree) throws IOException {
    var matches = new ArrayList<SourceMatch>(sources.size());
    for (var source : sources) {
      try {
        matches.add(parents ? keeping(tree, source) : plain(tree, source));
      } catch (IllegalArgumentException e) {
        throw BuildFailure.of(
            BuildFailure.Kind.DOCKERFILE,
            "the source \"" + Printable.of(source) + "\" is malformed: " + e.getMessage());
      }
    }
    return matches;
  }

  private SourceMatch plain(SourceTree tree, String source) throws IOException {
    if (Glob.hasWildcard(source)) {
      return wildcard(tree, source);
    }
    var named = new NamedPath(tree).find(source);
    if (named.isMissing()) {
      return named.missing(source);
    }
    return new SourceMatch.Matched(source, selected(tree, named.path(), named.entry()));
  }

  private SourceMatch wildcard(SourceTree tree, String source) throws IOException {
    var selected = new ArrayList<Selected>();
    var paths = new Wildcard(tree).matches(source);
    if (paths.isEmpty()) {
      return NamedPath.missing(tree, source, Wildcard.start(source));
    }
    for (var path : paths.get()) {
      var named = new NamedPath(tree).find(path);
      if (named.isMissing()) {
        return named.missing(source);
      }
      selected.addAll(selected(tree, path, named.entry()));
    }
    return paths.get().isEmpty()
        ? new SourceMatch.Unmatched(source, List.of())
        : new SourceMatch.Matched(source, selected);
  }

  /// A directory stands for its contents, a file for itself under the name it was called by, which
  /// is what `--exclude` sees of it.
  private List<Selected> selected(SourceTree tree, ArchivePath path, SourceEntry entry) {
    if (entry.isDirectory()) {
      return List.of(new Selected(tree, path, ArchivePath.ROOT, entry, List.of(), excludes));
    }
    var name = ArchivePath.of(path.name());
    return excludes.excludes(name)
        ? List.of()
        : List.of(new Selected(tree, path.parent(), name, entry, List.of(), excludes));
  }

  private SourceMatch keeping(SourceTree tree, String source) throws IOException {
    int pivot = source.indexOf("/./");
    if (pivot < 0) {
      return new ParentsMatch(tree, excludes).match(source, List.of(ArchivePath.ROOT), source);
    }
    var before = source.substring(0, pivot);
    var bases = new ArrayList<ArchivePath>();
    if (Glob.hasWildcard(before)) {
      new Wildcard(tree).matches(before).ifPresent(bases::addAll);
    } else {
      var named = new NamedPath(tree).find(before);
      if (named.isMissing()) {
        return named.missing(source);
      }
      bases.add(named.path());
    }
    return new ParentsMatch(tree, excludes).match(source, bases, source.substring(pivot + 3));
  }
}
