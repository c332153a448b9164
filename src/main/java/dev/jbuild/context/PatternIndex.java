package dev.jbuild.context;

import dev.jbuild.failure.Utf8;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Many patterns, asked at once about the names in a directory: which of them match?
///
/// What can be decided for all names of a directory is decided once. Most patterns say something of
/// one name, in any directory or in one that they name; they are compared as bytes. Of the others
/// only those are tried that can match something in this directory.
final class PatternIndex {

  /// So few patterns are tried one after the other; more are found by how they begin or end.
  static final int FEW = 16;

  private final List<Glob> globs = new ArrayList<>();

  /// Those of a name in whatever directory, as `**/*.class`.
  private final NamePatterns anywhere = new NamePatterns();

  /// Those of a name in one directory, by its path and a slash; nothing stands for the root.
  private final Map<String, NamePatterns> inOne = new HashMap<>();

  private final TextPatterns others = new TextPatterns();

  /// Adds a pattern of whole paths, made by [Glob#ofPath]; it gets the next number.
  void add(Glob glob) {
    int number = globs.size();
    globs.add(glob);
    var name = glob.ofNameAnywhere();
    boolean isAnywhere = name != null || (glob.isAnyWithin() && glob.prefix().isEmpty());
    var tried = name == null ? glob : name;
    int slash = isAnywhere ? -1 : glob.prefix().lastIndexOf('/');
    boolean isOfOneName =
        (tried.isLiteral() || tried.isStarWithin() || (isAnywhere && tried.isAnyWithin()))
            && (tried.isLiteral() || tried.suffix().indexOf('/') < 0)
            && NamePatterns.areBytes(tried.prefix() + tried.suffix());
    if (!isOfOneName) {
      others.add(new TextPatterns.Pattern(number, tried, name != null));
      return;
    }
    var start = tried.prefix().substring(slash + 1);
    var patterns =
        isAnywhere
            ? anywhere
            : inOne.computeIfAbsent(glob.prefix().substring(0, slash + 1), _ -> new NamePatterns());
    if (tried.isLiteral()) {
      patterns.add(number, start);
    } else {
      patterns.add(number, start, tried.suffix());
    }
  }

  Glob get(int number) {
    return globs.get(number);
  }

  /// What can match in the directory of this path; the root's is empty.
  Inside in(String directory) {
    return new Inside(directory);
  }

  /// The patterns, in one directory. For one thread.
  final class Inside {
    private final String start;
    private final @Nullable NamePatterns own;
    private final List<TextPatterns.Pattern> tried = new ArrayList<>();
    private final Matches found = new Matches();

    private Inside(String directory) {
      start = directory.isEmpty() ? "" : directory + "/";
      own = inOne.isEmpty() ? null : inOne.get(start);
      if (others.all().size() <= FEW) { // and of them those that can match in this directory
        for (var each : others.all()) {
          if (each.ofName() || each.glob().mayMatchBelowAtAGlance(directory)) {
            tried.add(each);
          }
        }
      }
    }

    /// The numbers of the patterns that match the name in this directory, ascending.
    int[] matching(byte[] name) {
      found.clear();
      anywhere.findMatching(name, found);
      if (own != null) {
        own.findMatching(name, found);
      }
      boolean areMany = others.all().size() > FEW;
      if (areMany || !tried.isEmpty()) {
        var text = Utf8.decode(name);
        var path = start + text;
        if (areMany) {
          others.findMatching(path, text, found);
        }
        for (int i = 0; i < tried.size(); i++) {
          tried.get(i).addIfMatching(path, text, found);
        }
      }
      return found.ascending();
    }
  }
}
