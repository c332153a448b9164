package dev.jbuild.cli;

import dev.jbuild.build.LintResult;
import dev.jbuild.build.Linter;
import dev.jbuild.context.IgnoreRules;
import dev.jbuild.context.LocalContext;
import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.dockerfile.Finding;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.plan.NamedContext;
import dev.jbuild.plan.PlanRequest;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// One lint run, for `jbuild lint` and for `jbuild build --check`.
final class LintRun {

  private static final String IMAGE = "docker-image://";

  private LintRun() {}

  /// A Dockerfile, where it lies if it is a file, and what its context leaves out.
  private record Input(Dockerfile dockerfile, Optional<Path> file, IgnoreRules ignored) {}

  /// @param format `text`, `json` or `sarif`
  /// @return the exit code
  static int run(Options options, Session session, String format) throws IOException {
    if (!List.of("text", "json", "sarif").contains(format)) {
      throw Options.usage("--format takes text, json or sarif, not " + Printable.of(format));
    }
    return run(input(options), options, session, format);
  }

  /// The same for a Dockerfile that came with a build's context, whose ignore file is not asked.
  static int run(Dockerfile dockerfile, Options options, Session session) throws IOException {
    return run(new Input(dockerfile, Optional.empty(), IgnoreRules.NONE), options, session, "text");
  }

  private static int run(Input input, Options options, Session session, String format)
      throws IOException {
    var platforms = Platforms.of(options, session.environment());
    var request = request(options, session, input);
    var requests =
        platforms.isEmpty()
            ? List.of(request)
            : platforms.stream().map(request::forPlatform).toList();
    var result = lint(requests, session, input.ignored());
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
      case "json" -> console.result(LintDocument.json(input.dockerfile(), result));
      case "sarif" -> console.result(SarifDocument.json(result, address(input)));
      default -> text(input.dockerfile(), result, session);
    }
    if (result.failure().isPresent()) {
      throw result.failure().get();
    }
    return result.findings().isEmpty() ? 0 : BuildFailure.Kind.DOCKERFILE.exitCode();
  }

  /// Asks the store about base images if there is one that may be read; none is made.
  private static LintResult lint(List<PlanRequest> requests, Session session, IgnoreRules ignored)
      throws IOException {
    Optional<Store> store;
    try {
      store = session.openExistingStore();
    } catch (BuildFailure e) {
      session.console().warning(e.message());
      store = Optional.empty();
    }
    if (store.isEmpty()) {
      return new Linter(Optional.empty()).lint(requests, ignored);
    }
    try (var open = store.get()) {
      return new Linter(Optional.of(open)).lint(requests, ignored);
    } catch (IOException e) {
      throw store.get().explain(e);
    }
  }

  private static PlanRequest request(Options options, Session session, Input input) {
    return new PlanRequest(
        input.dockerfile(),
        BuildCommand.buildArgs(options.values("--build-arg"), session.environment()),
        options.value("--target"),
        Optional.empty(),
        Platform.host(),
        new TreeMap<>(),
        contexts(options.values("--build-context")));
  }

  /// What stands in for stages and images; nothing of it is opened.
  private static Map<String, NamedContext> contexts(List<String> given) {
    var contexts = new HashMap<String, NamedContext>();
    for (var each : given) {
      int equals = each.indexOf('=');
      if (equals <= 0) {
        throw Options.usage("--build-context takes NAME=VALUE, not " + Printable.of(each));
      }
      contexts.put(each.substring(0, equals), context(each.substring(equals + 1)));
    }
    return contexts;
  }

  private static NamedContext context(String value) {
    if (value.startsWith("oci-layout://")) {
      return new NamedContext.Image(Reference.parse("oci-layout")); // one that nobody knows
    }
    if (value.equals(IMAGE + "scratch")) {
      return new NamedContext.Scratch();
    }
    if (!value.startsWith(IMAGE)) {
      return new NamedContext.Files();
    }
    try {
      return new NamedContext.Image(Reference.parse(value.substring(IMAGE.length())));
    } catch (IllegalArgumentException e) {
      throw Options.usage("--build-context: " + e.getMessage());
    }
  }

  private static Input input(Options options) throws IOException {
    var file = options.value("--file");
    var argument = options.arguments().isEmpty() ? "." : options.argument("a Dockerfile");
    if (argument.equals("-") || file.filter("-"::equals).isPresent()) {
      return new Input(DockerfileText.stdin(), Optional.empty(), IgnoreRules.NONE);
    }
    var place = Path.of(argument);
    if (Files.isDirectory(place)) {
      var path = DockerfileText.locate(place, file);
      return read(path, file.or(() -> path.map(LintRun::shown)), place, ignored(place, path));
    }
    if (argument.contains("://") && !Files.exists(place)) {
      throw Options.usage("lint takes a directory or a file, not " + Printable.of(argument))
          .hint("jbuild build --check looks into what lies elsewhere");
    }
    if (file.isPresent()) {
      throw Options.usage(
              "there are two Dockerfiles, " + Printable.of(argument) + " and that of -f")
          .hint("leave one out, or give a directory beside -f");
    }
    return read(Optional.of(place), Optional.of(argument), place, IgnoreRules.NONE);
  }

  private static Input read(
      Optional<Path> path, Optional<String> shown, Path place, IgnoreRules ignored)
      throws IOException {
    return new Input(DockerfileText.read(path, shown, place), path, ignored);
  }

  /// A path that leads there from the working directory.
  private static String shown(Path path) {
    return path.normalize().toString();
  }

  private static IgnoreRules ignored(Path directory, Optional<Path> dockerfile) throws IOException {
    var nowhere = directory.resolve(".jbuild-no-stat-cache"); // no file's content is looked at
    try (var context = LocalContext.open(directory, dockerfile, nowhere, Optional.empty())) {
      return context.rules();
    }
  }

  /// The file as code-scanning pages know it: below the working directory, else by its whole path.
  private static String address(Input input) {
    if (input.file().isEmpty()) {
      return "Dockerfile";
    }
    var file = input.file().get().toAbsolutePath().normalize();
    var here = Path.of("").toAbsolutePath();
    var uri = file.toUri();
    return file.startsWith(here) ? here.toUri().relativize(uri).toString() : uri.toString();
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
