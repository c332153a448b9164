package dev.jbuild.context;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Source;
import dev.jbuild.tar.ArchivePath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The rules of an ignore file, or of `--exclude`: which paths are left out.
///
/// A rule takes effect over a path if its pattern matches the path or, the fine print is
/// [Verdict]'s, a directory above it; of those that do, the last one decides, and one that begins
/// with `!` takes the path back in. The syntax and what it means are those of moby's patternmatcher
/// as its walk over a tree uses it, the fast forms included. Where that library turns
/// regular-expression letters loose (`\d`, `[[:alpha:]]`), a character is just itself here.
/// Immutable.
public final class IgnoreRules {

  /// Leaves nothing out.
  public static final IgnoreRules NONE = new IgnoreRules();

  /// One line that decides over paths.
  ///
  /// @param place the ignore file, `.dockerignore`, or `--exclude`
  /// @param line of the file, from 1; for `--exclude` which of them
  /// @param text the line as it stands there, without blanks around it
  /// @param includes whether it begins with `!`
  public record Rule(String place, int line, String text, boolean includes) {
    /// `.dockerignore line 3 (config/**)`, fit to be shown.
    public String printable() {
      return Printable.of(place) + " line " + line + " (" + Printable.of(text) + ")";
    }
  }

  private final PatternIndex index = new PatternIndex();
  private final List<Rule> rules = new ArrayList<>();
  private int lastInclusion = -1;

  private IgnoreRules() {}

  /// Reads an ignore file.
  ///
  /// @throws BuildFailure CONTEXT at the line whose pattern is malformed
  public static IgnoreRules parse(Source file) {
    var rules = new IgnoreRules();
    for (int number = 1; number <= file.lineCount(); number++) {
      var line = file.line(number);
      if (number == 1 && line.startsWith("\uFEFF")) {
        line = line.substring(1);
      }
      if (line.startsWith("#")) {
        continue;
      }
      try {
        rules.add(file.name(), number, line, PatternText.normalized(line));
      } catch (IllegalArgumentException e) {
        throw malformed(line, e).at(file.span(number));
      }
    }
    return rules;
  }

  /// Rules of which each is a word of its own: the values of `--exclude`. They are read as they
  /// stand: what makes `/a` and `!/a` of an ignore file mean `a` is not done here, so that they
  /// match nothing, as with BuildKit.
  ///
  /// @throws BuildFailure DOCKERFILE naming the malformed pattern
  public static IgnoreRules ofExcludes(List<String> patterns) {
    var rules = new IgnoreRules();
    for (int i = 0; i < patterns.size(); i++) {
      try {
        rules.add("--exclude", i + 1, patterns.get(i), PatternText.trimmed(patterns.get(i)));
      } catch (IllegalArgumentException e) {
        var failure = malformed(patterns.get(i), e);
        throw BuildFailure.of(BuildFailure.Kind.DOCKERFILE, failure.message());
      }
    }
    return rules;
  }

  private static BuildFailure malformed(String line, IllegalArgumentException why) {
    return BuildFailure.of(
        BuildFailure.Kind.CONTEXT,
        "the pattern \""
            + Printable.of(PatternText.trim(line))
            + "\" is malformed: "
            + why.getMessage());
  }

  private void add(String place, int line, String text, String pattern) {
    if (pattern.isEmpty()) {
      return;
    }
    boolean includes = pattern.startsWith("!");
    if (pattern.equals("!")) {
      throw new IllegalArgumentException("nothing follows the !");
    }
    if (includes) {
      lastInclusion = rules.size();
    }
    index.add(Glob.ofPath(includes ? pattern.substring(1) : pattern));
    rules.add(new Rule(place, line, PatternText.trim(text), includes));
  }

  public boolean isEmpty() {
    return rules.isEmpty();
  }

  /// Whether a rule begins with `!`.
  public boolean takesBack() {
    return lastInclusion >= 0;
  }

  /// Whether `path` is left out. The root never is.
  public boolean excludes(ArchivePath path) {
    return excludes(decide(path));
  }

  /// The rule that decides over `path`, if one matches; it leaves it out or takes it back in.
  public Optional<Rule> decidedBy(ArchivePath path) {
    return rule(decide(path));
  }

  /// Whether something below the directory `directory`, itself left out, may be taken back in. If
  /// not, there is no need to look into it. May say yes where nothing can be.
  public boolean mayContainIncluded(ArchivePath directory) {
    return mayContainIncluded(decide(directory), directory.toString());
  }

  /// What the rules say of `path`.
  Verdict decide(ArchivePath path) {
    var verdict = Verdict.NONE;
    if (rules.isEmpty()) {
      return verdict;
    }
    var bytes = path.bytes();
    for (int start = 0; start < bytes.length; ) {
      int end = start;
      while (end < bytes.length && bytes[end] != '/') {
        end++;
      }
      var directory = ArchivePath.of(bytes, 0, Math.max(start - 1, 0));
      verdict = in(directory, verdict).decide(Arrays.copyOfRange(bytes, start, end));
      start = end + 1;
    }
    return verdict;
  }

  /// The rules for the names in `directory`.
  ///
  /// @param above what they say of it
  DirectoryRules in(ArchivePath directory, Verdict above) {
    return new DirectoryRules(this, above, index.in(rules.isEmpty() ? "" : directory.toString()));
  }

  /// Whether the rule of this number takes paths back in.
  boolean includes(int number) {
    return rules.get(number).includes();
  }

  boolean excludes(Verdict verdict) {
    return verdict.last() >= 0 && !includes(verdict.last());
  }

  Optional<Rule> rule(Verdict verdict) {
    return verdict.last() < 0 ? Optional.empty() : Optional.of(rules.get(verdict.last()));
  }

  /// Only rules behind the one that decides over the directory can take something back in.
  boolean mayContainIncluded(Verdict verdict, String directory) {
    for (int i = lastInclusion; i > verdict.last(); i--) {
      if (includes(i) && index.get(i).mayMatchBelow(directory)) {
        return true;
      }
    }
    return false;
  }
}
