package dev.jbuild.context;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.tar.ArchivePath;
import java.util.List;
import java.util.Optional;

/// What one source of COPY or ADD stands for.
public sealed interface SourceMatch {

  /// The source as it was given, variables expanded.
  String source();

  /// What it matches, in order: one file or directory for a path, any number for a wildcard.
  ///
  /// @param selected empty if `--exclude` leaves out all of it
  record Matched(String source, List<Selected> selected) implements SourceMatch {
    public Matched {
      selected = List.copyOf(selected);
    }
  }

  /// A wildcard that matches nothing: worth a warning, no failure.
  ///
  /// @param searched with `--parents`, the directories below which nothing was found, as if they
  ///     were copied without their contents: the destination is made all the same
  record Unmatched(String source, List<Selected> searched) implements SourceMatch {
    public Unmatched {
      searched = List.copyOf(searched);
    }
  }

  /// A path that is not there.
  ///
  /// @param path what it means inside the tree
  /// @param near paths that are there and look like it, the best first
  /// @param leftOutBy the rule that hides it, if it is there
  /// @param link the link on its way that leads nowhere, if that is why
  record Missing(
      String source,
      ArchivePath path,
      List<ArchivePath> near,
      Optional<IgnoreRules.Rule> leftOutBy,
      Optional<SourceEntry> link)
      implements SourceMatch {
    public Missing {
      near = List.copyOf(near);
    }

    /// What to tell the person; the caller knows where in the Dockerfile it is.
    ///
    /// @param instruction `COPY` or `ADD`
    /// @param place `the context`, `stage build`; printable
    public BuildFailure failure(String instruction, String place) {
      var failure =
          BuildFailure.of(
              BuildFailure.Kind.CONTEXT,
              instruction + ": no file matches \"" + Printable.of(source) + "\" in " + place);
      var hint = hint(place);
      return hint.isEmpty() ? failure : failure.hint(hint);
    }

    private String hint(String place) {
      if (leftOutBy.isPresent()) {
        return leftOutBy.get().printable() + " leaves it out; add !" + path.printable();
      }
      if (link.isPresent()) {
        return link.get().path().printable()
            + " is a link to "
            + Printable.of(link.get().link())
            + ", which is not in "
            + place;
      }
      if (climbs()) {
        return "no source can lie outside of "
            + place
            + "; there it means "
            + (path.isRoot() ? "the whole of it" : path.printable());
      }
      if (near.isEmpty()) {
        return "";
      }
      var names = near.stream().map(ArchivePath::printable).toList();
      return "did you mean " + String.join(" or ", names) + "?";
    }

    /// Whether the source climbs above the root of its tree.
    boolean climbs() {
      int depth = 0;
      for (var name : source.split("/", -1)) {
        if (name.equals("..")) {
          depth--;
        } else if (!name.isEmpty() && !name.equals(".")) {
          depth++;
        }
        if (depth < 0) {
          return true;
        }
      }
      return false;
    }
  }
}
