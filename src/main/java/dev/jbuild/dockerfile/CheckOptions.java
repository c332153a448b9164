package dev.jbuild.dockerfile;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.BuildFailure.Kind;
import dev.jbuild.failure.Span;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What `check=` says: `skip=all|A,B;error=true;experimental=all|A`.
///
/// Names are compared as they are written, and need not be those of rules: what another builder
/// knows may be skipped too.
///
/// @param error whether a finding is a failure
record CheckOptions(
    boolean skipAll,
    Set<String> skip,
    boolean experimentalAll,
    Set<String> experimental,
    boolean error) {

  static final CheckOptions NONE = new CheckOptions(false, Set.of(), false, Set.of(), false);

  private static final String FORM =
      "write skip=all or skip=Rule,Rule, error=true, experimental=all or experimental=Rule, with ;"
          + " between them";

  CheckOptions {
    skip = Set.copyOf(skip);
    experimental = Set.copyOf(experimental);
  }

  /// Reads what a directive or a comment has behind `check=`: all up to the first blank counts.
  ///
  /// @throws BuildFailure DOCKERFILE at the part that is not understood
  static CheckOptions parse(Word value) {
    int end = 0;
    while (end < value.text().length() && !Blank.is(value.text().charAt(end))) {
      end++;
    }
    return new Reader(Located.of(value), Kind.DOCKERFILE, "the directive check").read(end);
  }

  /// Reads the build argument that stands for the directive; nothing in it means no options.
  ///
  /// @throws BuildFailure USAGE if it is not understood
  static CheckOptions parseArgument(String name, String text) {
    var value = text.strip();
    if (value.isEmpty()) {
      return NONE;
    }
    try {
      var source = new dev.jbuild.failure.Source(name, value);
      var located = new Located(value, source.span(1), true);
      return new Reader(located, Kind.USAGE, "the build argument " + name).read(value.length());
    } catch (BuildFailure e) {
      throw BuildFailure.of(Kind.USAGE, e.message()).hint(e.hint().orElse(FORM));
    }
  }

  /// These options, and those of a single instruction on top of them.
  CheckOptions with(CheckOptions more) {
    return new CheckOptions(
        skipAll || more.skipAll,
        union(skip, more.skip),
        experimentalAll || more.experimentalAll,
        union(experimental, more.experimental),
        error);
  }

  private static Set<String> union(Set<String> a, Set<String> b) {
    var all = new HashSet<>(a);
    all.addAll(b);
    return all;
  }

  /// Whether findings of `rule` are heard.
  boolean hears(Rule rule) {
    return rule.kind() == Rule.Kind.EXPERIMENTAL
        ? experimentalAll || experimental.contains(rule.ruleName())
        : !skipAll && !skip.contains(rule.ruleName());
  }

  /// One reading.
  private static final class Reader {
    private final Located value;
    private final Kind kind;
    private final String what;
    private boolean skipAll;
    private final Set<String> skip = new HashSet<>();
    private boolean experimentalAll;
    private final Set<String> experimental = new HashSet<>();
    private boolean error;

    Reader(Located value, Kind kind, String what) {
      this.value = value;
      this.kind = kind;
      this.what = what;
    }

    CheckOptions read(int end) {
      int from = 0;
      while (from <= end) {
        int semicolon = value.text().indexOf(';', from);
        int to = semicolon < 0 || semicolon > end ? end : semicolon;
        option(from, to);
        from = to + 1;
      }
      return new CheckOptions(skipAll, skip, experimentalAll, experimental, error);
    }

    private void option(int from, int to) {
      var text = value.text().substring(from, to);
      int equals = text.indexOf('=');
      if (equals < 0) {
        throw failure("has " + shown(text) + " where an option is expected", from, to);
      }
      var names = text.substring(equals + 1).strip();
      switch (text.substring(0, equals).strip()) {
        case "skip" -> {
          skipAll |= names.equals("all");
          skip.addAll(names(names));
        }
        case "experimental" -> {
          experimentalAll |= names.equals("all");
          experimental.addAll(names(names));
        }
        case "error" -> error = truth(names, from + equals + 1, to);
        default ->
            throw failure("has no option " + shown(text.substring(0, equals)), from, from + equals);
      }
    }

    private static List<String> names(String text) {
      return List.of(text.split("\\s*,\\s*", -1));
    }

    /// The words that Go's strconv knows.
    private boolean truth(String text, int from, int to) {
      return switch (text) {
        case "1", "t", "T", "true", "TRUE", "True" -> true;
        case "0", "f", "F", "false", "FALSE", "False" -> false;
        default -> throw failure("has error=" + Excerpt.of(text), from, to);
      };
    }

    private static String shown(String text) {
      return text.isEmpty() ? "nothing" : Excerpt.of(text);
    }

    private BuildFailure failure(String problem, int from, int to) {
      Span span = value.part(from, to);
      return BuildFailure.of(kind, what + " " + problem).at(span).hint(FORM);
    }
  }
}
