package dev.jbuild.dockerfile;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Span;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Which findings of a Dockerfile are heard: what its `check` directive says, or the build argument
/// that stands for it, and for single instructions the `# check=…` comments right above them.
///
/// As in BuildKit the first such comment of an instruction counts, `error=` in it means nothing,
/// and one that is not understood changes nothing; of that [Rule#UNKNOWN_CHECK] tells.
public final class Checks {

  /// The build argument that stands for the directive.
  public static final String ARGUMENT = "BUILDKIT_DOCKERFILE_CHECK";

  private static final String COMMENT = "(?i)check[ \\t]*=[ \\t]*(?<value>\\S.*?)[ \\t]*";

  private static final Comparator<Finding> IN_ORDER =
      (one, other) -> {
        int lines = Integer.compare(one.span().line(), other.span().line());
        int columns = Integer.compare(one.span().column(), other.span().column());
        return lines != 0 ? lines : columns != 0 ? columns : one.rule().compareTo(other.rule());
      };

  private final Dockerfile dockerfile;
  private final CheckOptions options;

  /// By their first line, the instructions that have options of their own.
  private final TreeMap<Integer, Own> own = new TreeMap<>();

  private final List<Finding> unknown = new ArrayList<>();

  private record Own(int lastLine, CheckOptions options) {}

  private Checks(Dockerfile dockerfile, CheckOptions options) {
    this.dockerfile = dockerfile;
    this.options = options;
  }

  /// Reads them.
  ///
  /// @param argument the value of [#ARGUMENT], if it is given; then the directive is not looked at
  /// @throws BuildFailure DOCKERFILE or USAGE for options that are not understood
  public static Checks of(Dockerfile dockerfile, Optional<String> argument) {
    var directive =
        dockerfile.directives().stream().filter(each -> each.name().equals("check")).findFirst();
    CheckOptions options;
    if (argument.isPresent()) {
      options = CheckOptions.parseArgument(ARGUMENT, argument.get());
    } else {
      options =
          directive
              .map(each -> CheckOptions.parse(new Word(each.value(), each.valueSpan())))
              .orElse(CheckOptions.NONE);
    }
    var checks = new Checks(dockerfile, options);
    if (argument.isEmpty() && directive.isPresent()) {
      checks.noteUnknown(options, directive.get().valueSpan());
    }
    for (var part : dockerfile.parts()) {
      if (part instanceof Part.Statement statement) {
        checks.readComments(statement);
      }
    }
    return checks;
  }

  /// Whether `comment` is a `check=…` comment.
  static boolean isCheck(Part.Comment comment) {
    return beginsAsCheck(comment) && comment.text().matches(COMMENT);
  }

  /// Few comments do, and regular expressions take long to load.
  private static boolean beginsAsCheck(Part.Comment comment) {
    return comment.text().regionMatches(true, 0, "check", 0, "check".length());
  }

  private void readComments(Part.Statement statement) {
    for (var comment : statement.comments()) {
      if (!beginsAsCheck(comment)) {
        continue;
      }
      var match = Pattern.compile(COMMENT).matcher(comment.text());
      if (!match.matches()) {
        continue;
      }
      try {
        var more = CheckOptions.parse(new Word(match.group("value"), comment.span()));
        own.put(statement.firstLine(), new Own(statement.lastLine(), options.with(more)));
        noteUnknown(more, comment.span());
      } catch (BuildFailure e) {
        unknown.add(
            new Finding(
                Rule.UNKNOWN_CHECK,
                comment.span(),
                "the comment is no check option and changes nothing: "
                    + Excerpt.of(match.group("value"))));
      }
      return;
    }
  }

  private void noteUnknown(CheckOptions options, Span span) {
    var names = new ArrayList<>(options.skip());
    names.addAll(options.experimental());
    names.stream()
        .distinct()
        .sorted()
        .filter(name -> !name.equals("all") && Rule.named(name).isEmpty())
        .forEach(
            name ->
                unknown.add(
                    new Finding(
                        Rule.UNKNOWN_CHECK,
                        span,
                        "no rule is called "
                            + Excerpt.of(name)
                            + Suggestion.of(name, Rule.names())
                                .map(near -> ": did you mean " + near + "?")
                                .orElse(""))));
  }

  /// Whether findings are failures of a build.
  public boolean areErrors() {
    return options.error();
  }

  /// Check comments that name no rule or are not understood.
  public List<Finding> unknown() {
    return List.copyOf(unknown);
  }

  /// Those of `findings` that are heard, each once, in the order of the file. What is found in
  /// another text, as a trigger of a base image, is not the Dockerfile's.
  public List<Finding> heard(Collection<Finding> findings) {
    return findings.stream()
        .filter(finding -> finding.span().source().equals(dockerfile.source()))
        .filter(finding -> at(finding.span().line()).hears(finding.rule()))
        .distinct()
        .sorted(IN_ORDER)
        .toList();
  }

  private CheckOptions at(int line) {
    var entry = own.floorEntry(line);
    return entry != null && line <= entry.getValue().lastLine()
        ? entry.getValue().options()
        : options;
  }
}
