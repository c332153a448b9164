package dev.jbuild.cli;

import dev.jbuild.build.LintResult;
import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.dockerfile.Finding;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Reference;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// One lint run, for `jbuild lint` and for `jbuild build --check`.
final class LintRun {

  /// How the findings are printed.
  enum Format {
    TEXT,
    JSON,
    SARIF,
    /// As `docker build --call=check,format=json` has them.
    DOCKER;

    /// What `--format` of `jbuild lint` says.
    static Format of(Options options) {
      var format = options.value("--format").orElse("text");
      if (!List.of("text", "json", "sarif").contains(format)) {
        throw Options.usage("--format takes text, json or sarif, not " + Printable.of(format));
      }
      return valueOf(format.toUpperCase(Locale.ROOT));
    }
  }

  private LintRun() {}

  /// @return the exit code
  /// @throws BuildFailure for a mistake that is no finding, after all is printed
  static int run(DockerfileInput input, Options options, Session session, Format format)
      throws IOException {
    var platforms = Platforms.of(options, session.environment());
    var request = input.request(options, session);
    var requests =
        platforms.isEmpty()
            ? List.of(request)
            : platforms.stream().map(request::forPlatform).toList();
    var mistake = input.reading().mistake();
    var result =
        DockerfileInput.ask(session, linter -> linter.lint(requests, input.ignored(), mistake));
    var console = session.console();
    if (!result.unknown().isEmpty()) {
      console.warning(
          "what depends on these base images was left out, since the store does not have them: "
              + result.unknown().stream()
                  .map(Reference::familiar)
                  .map(Printable::of)
                  .collect(Collectors.joining(", ")));
    }
    switch (format) {
      case JSON -> console.result(LintDocument.json(input.dockerfile(), result));
      case SARIF -> console.result(SarifDocument.json(result, input.address()));
      case DOCKER -> console.result(CallDocument.check(input.dockerfile(), result));
      case TEXT -> text(input.dockerfile(), result, session);
    }
    if (result.failure().isPresent()) {
      throw result.failure().get();
    }
    return result.findings().isEmpty() ? 0 : BuildFailure.Kind.DOCKERFILE.exitCode();
  }

  private static void text(Dockerfile dockerfile, LintResult result, Session session) {
    var console = session.console();
    for (var finding : result.findings()) {
      var rule = finding.rule();
      console.finding(
          finding.span(),
          rule.ruleName() + ": " + finding.message(),
          List.of(rule.advice(), rule.page()));
    }
    int count = result.findings().size();
    if (count == 0 && result.failure().isPresent()) {
      return;
    }
    long rules = result.findings().stream().map(Finding::rule).distinct().count();
    console.message(
        Printable.of(dockerfile.source().name())
            + ": "
            + switch (count) {
              case 0 -> "nothing found";
              case 1 -> "1 finding";
              default -> count + " findings, by " + rules + (rules == 1 ? " rule" : " rules");
            });
  }
}
