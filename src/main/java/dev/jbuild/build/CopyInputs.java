package dev.jbuild.build;

import dev.jbuild.context.GitReference;
import dev.jbuild.context.IgnoreRules;
import dev.jbuild.context.InputManifest;
import dev.jbuild.context.MemoryTree;
import dev.jbuild.context.Selected;
import dev.jbuild.context.Selection;
import dev.jbuild.context.SourceMatch;
import dev.jbuild.context.SourceTree;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.plan.CopySource;
import dev.jbuild.plan.CopyStep;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;

/// Finds what a COPY or ADD copies. Not for several threads.
final class CopyInputs {

  private static final int INLINE_MODE = 0644;

  private final CopyStep step;
  private final String place;
  private final Archives archives;
  private final Remotes remotes;
  private final Times times;
  private final Consumer<String> warnings;
  private LongConsumer moved = _ -> {};
  private int copies;

  /// @param place what a person calls the tree, `the context` or `stage build`
  CopyInputs(
      CopyStep step,
      String place,
      Archives archives,
      Remotes remotes,
      Times times,
      Consumer<String> warnings) {
    this.step = step;
    this.place = place;
    this.archives = archives;
    this.remotes = remotes;
    this.times = times;
    this.warnings = warnings;
  }

  /// The same, which tells how many bytes of the file that it fetches have come.
  CopyInputs telling(LongConsumer listener) {
    moved = listener;
    return this;
  }

  /// The pieces in the order of the sources.
  List<Piece> gather(SourceTree tree) throws IOException, InterruptedException {
    var excludes = excludes();
    var pieces = new ArrayList<Piece>();
    for (var source : step.sources()) {
      switch (source) {
        case CopySource.Files files -> pieces.addAll(files(files, excludes, tree));
        case CopySource.Inline inline -> pieces.add(inline(inline));
        case CopySource.Url url -> pieces.add(url(url));
        case CopySource.Git git -> pieces.add(git(git, excludes));
      }
    }
    return pieces;
  }

  /// Looks at what can be wrong with the sources before anything is fetched.
  ///
  /// @throws BuildFailure DOCKERFILE for the malformed address of a git repository
  static void check(CopyStep step) {
    for (var source : step.sources()) {
      if (source instanceof CopySource.Git git) {
        reference(step, git);
      }
    }
  }

  /// Looks whether what is named without wildcards is there.
  ///
  /// @param place what a person calls the tree
  /// @throws BuildFailure CONTEXT for the first source that is not there
  static void checkThere(CopyStep step, SourceTree tree, String place) throws IOException {
    for (var source : step.sources()) {
      if (source instanceof CopySource.Files files
          && !Selection.hasWildcard(files.pattern())
          && match(files, selection(step, files, IgnoreRules.NONE), tree)
              instanceof SourceMatch.Missing missing) {
        throw missing(step, files, missing, place);
      }
    }
  }

  private static BuildFailure missing(
      CopyStep step, CopySource.Files source, SourceMatch.Missing missing, String place) {
    return missing.failure(step.add() ? "ADD" : "COPY", place).at(source.span());
  }

  private static GitReference reference(CopyStep step, CopySource.Git git) {
    return reference(git, step.checksum(), step.keepGitDir());
  }

  /// @throws BuildFailure DOCKERFILE if it is malformed
  static GitReference reference(
      CopySource.Git git, Optional<String> checksum, Optional<Boolean> keepGitDir) {
    try {
      return GitReference.parse(git.url()).with(checksum, keepGitDir);
    } catch (BuildFailure e) {
      var failure =
          BuildFailure.of(BuildFailure.Kind.DOCKERFILE, "ADD: " + e.message()).at(git.span());
      throw e.hint().map(failure::hint).orElse(failure);
    }
  }

  private IgnoreRules excludes() {
    return step.excludes().isEmpty() ? IgnoreRules.NONE : IgnoreRules.ofExcludes(step.excludes());
  }

  private List<Piece> files(CopySource.Files source, IgnoreRules excludes, SourceTree tree)
      throws IOException {
    var match = match(source, selection(step, source, excludes), tree);
    return switch (match) {
      case SourceMatch.Matched(var _, var selected) -> pieces(source, selected);
      case SourceMatch.Unmatched(var pattern, var searched) -> {
        warnings.accept(
            source.span()
                + ": no file matches \""
                + Printable.of(pattern)
                + "\" in "
                + place
                + (tree.hasRules() ? "; jbuild context ls --ignored lists what is left out" : ""));
        yield pieces(source, searched);
      }
      case SourceMatch.Missing missing -> throw missing(step, source, missing, place);
    };
  }

  private static Selection selection(CopyStep step, CopySource.Files source, IgnoreRules excludes) {
    return new Selection(List.of(source.pattern()), step.parents(), excludes);
  }

  private static SourceMatch match(CopySource.Files source, Selection selection, SourceTree tree)
      throws IOException {
    try {
      return selection.in(tree).getFirst();
    } catch (BuildFailure e) {
      throw e.where().isPresent() ? e : e.at(source.span());
    }
  }

  private List<Piece> pieces(CopySource.Files source, List<Selected> selected) throws IOException {
    var pieces = new ArrayList<Piece>();
    var known = new HashMap<ArchivePath, Integer>();
    for (var each : selected) {
      int copy = step.parents() ? known.computeIfAbsent(each.base(), _ -> nextCopy()) : nextCopy();
      pieces.add(piece(source, each, copy));
    }
    return pieces;
  }

  private int nextCopy() {
    return copies++;
  }

  private Piece piece(CopySource source, Selected selected, int copy) throws IOException {
    if (step.unpacks(source) && selected.entry().isFile()) {
      var archive = archives.open(selected);
      if (archive.isPresent()) {
        return archive.get();
      }
    }
    return new Piece.Files(selected, copy);
  }

  /// A file of its own tree, mode 0644, made now.
  private Piece inline(CopySource.Inline inline) throws IOException {
    var path = ArchivePath.of(inline.name());
    var file = new MemoryTree.File(path, INLINE_MODE, times.now(), Utf8.encode(inline.content()));
    return new Piece.Files(only(new MemoryTree(List.of(file)), inline.name()), nextCopy());
  }

  private Piece url(CopySource.Url url) throws IOException, InterruptedException {
    try {
      var tree = remotes.downloads().fetch(url.url(), url.fileName(), step.checksum(), moved);
      return piece(url, only(tree, url.fileName()), nextCopy());
    } catch (BuildFailure e) {
      throw e.where().isPresent() ? e : e.at(url.span());
    }
  }

  /// The contents of a directory of a repository.
  private Piece git(CopySource.Git git, IgnoreRules excludes)
      throws IOException, InterruptedException {
    try {
      var tree = remotes.repositories().fetchForDockerfile(reference(step, git)).tree();
      var match = new Selection(List.of("/"), false, excludes).in(tree).getFirst();
      if (match instanceof SourceMatch.Matched(_, var selected)) {
        return new Piece.Files(selected.getFirst(), nextCopy());
      }
      throw new IllegalStateException("a tree without a root");
    } catch (BuildFailure e) {
      throw e.where().isPresent() ? e : e.at(git.span());
    }
  }

  /// The file `name` of a tree that has no other.
  private static Selected only(SourceTree tree, String name) throws IOException {
    var pattern = name.replaceAll("([*?\\[\\]\\\\])", "\\\\$1");
    return switch (Selection.of(List.of(pattern)).in(tree).getFirst()) {
      case SourceMatch.Matched(var _, var selected) -> selected.getFirst();
      case SourceMatch.Unmatched _, SourceMatch.Missing _ ->
          throw new IllegalStateException(Printable.of(name));
    };
  }

  /// The manifest of all that is copied, whose digest stands for it in the cache key: everything
  /// but times. Mode and owner as the source has them: what makes others of them is in the key
  /// itself.
  static InputManifest manifest(List<Piece> pieces) throws IOException {
    var manifest = new InputManifest.Draft();
    int copy = -1;
    for (var piece : pieces) {
      int next = piece instanceof Piece.Files files ? files.copy() : -1;
      if (next != copy) {
        manifest.apart();
        copy = next;
      }
      manifest.add(piece.selected(), UnaryOperator.identity());
    }
    return manifest.finish();
  }
}
