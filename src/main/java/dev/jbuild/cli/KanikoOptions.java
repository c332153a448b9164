package dev.jbuild.cli;

import dev.jbuild.cli.Refused.Row;
import dev.jbuild.cli.Refused.Value;
import dev.jbuild.failure.Printable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The options of kaniko's executor: those that are obeyed, those that ask for what is so anyway,
/// and those that are refused by name. Of one without a value `=true` and `=false` are known.
final class KanikoOptions {

  private static final String IN_THE_STORE =
      "jbuild keeps everything in its store; --root moves it";
  private static final String FETCH = "bring the context here first, and name it as tar://FILE";
  private static final String CERTIFICATES =
      "certificates lie in /etc/containers/certs.d/HOST, as HOST/ca.crt, client.cert and"
          + " client.key";
  private static final String ONE_HOST =
      "a push and its password must not go unprotected with it;"
          + " --insecure-registry HOST names the host of the base image";
  private static final String EXACT =
      "changes are found exactly, whatever the times of files are; full is what jbuild does";
  private static final String CACHED =
      "steps are cached by what goes in; --no-cache of jbuild" + " build makes all anew";

  private static final Set<String> YES = Set.of("", "true");
  private static final Set<String> NO = Set.of("false");
  private static final Set<String> EITHER = Set.of("", "true", "false");

  /// Obeyed, with a value that may be given again and again.
  private static final List<String> VALUES =
      List.of(
          "--destination",
          "--build-arg",
          "--label",
          "--insecure-registry",
          "--skip-tls-verify-registry",
          "--registry-mirror",
          "--registry-map");

  /// Obeyed, with a value.
  private static final List<String> SINGLE =
      List.of(
          "--context",
          "--context-sub-path",
          "--dockerfile",
          "--target",
          "--custom-platform",
          "--customPlatform",
          "--tar-path",
          "--tarPath",
          "--oci-layout-path",
          "--digest-file",
          "--image-name-with-digest-file",
          "--image-name-tag-with-digest-file",
          "--cache-repo",
          "--compression",
          "--compression-level",
          "--git",
          "--verbosity");

  /// Obeyed, without a value.
  private static final List<String> FLAGS =
      List.of(
          "--no-push",
          "--no-push-cache",
          "--cache",
          "--reproducible",
          "--single-snapshot",
          "--insecure",
          "--skip-tls-verify",
          "--skip-default-registry-fallback");

  /// What is so anyway, and what is not to be had.
  private static final List<Row> ROWS =
      List.of(
          new Row("--bucket", Value.NEEDED, FETCH),
          new Row("-b", Value.NEEDED, FETCH),
          new Row("--cache-copy-layers", Value.OPTIONAL, CACHED, YES),
          new Row("--cache-dir", Value.NEEDED, IN_THE_STORE),
          new Row("--cache-run-layers", Value.OPTIONAL, CACHED, YES),
          new Row(
              "--cache-ttl",
              Value.NEEDED,
              "what is cached does not grow old; jbuild prune --filter until=DURATION removes it"),
          new Row("--cleanup", Value.OPTIONAL, "nothing is left in the container anyway", EITHER),
          new Row("--compressed-caching", Value.OPTIONAL, "memory does not grow", EITHER),
          new Row("--force", Value.OPTIONAL, "jbuild builds everywhere", EITHER),
          new Row("--force-build-metadata", Value.OPTIONAL, "config steps have no layers", NO),
          new Row(
              "--ignore-path",
              Value.NEEDED,
              "a step sees no files of the container, so there is nothing to leave out; what it"
                  + " makes itself and is not to stay, RUN --mount=type=tmpfs,target=PATH takes"),
          new Row(
              "--ignore-var-run",
              Value.OPTIONAL,
              "what a step leaves in /var/run is in the image, as with docker build",
              NO),
          new Row(
              "--whitelist-var-run",
              Value.OPTIONAL,
              "what a step leaves in /var/run is in the image, as with docker build",
              NO),
          new Row("--insecure-pull", Value.OPTIONAL, ONE_HOST, NO),
          new Row("--kaniko-dir", Value.NEEDED, IN_THE_STORE),
          new Row("--log-format", Value.NEEDED, "progress is text", Set.of("text", "color")),
          new Row("--log-timestamp", Value.OPTIONAL, "progress has no times of day", NO),
          new Row(
              "--push-ignore-immutable-tag-errors",
              Value.OPTIONAL,
              "a push that a registry refuses has failed",
              NO),
          new Row("--registry-certificate", Value.NEEDED, CERTIFICATES),
          new Row("--registry-client-cert", Value.NEEDED, CERTIFICATES),
          new Row("--skip-push-permission-check", Value.OPTIONAL, "there is no such check", YES),
          new Row("--skip-tls-verify-pull", Value.OPTIONAL, ONE_HOST, NO),
          new Row("--skip-unused-stages", Value.OPTIONAL, "unused stages are never built", YES),
          new Row("--snapshot-mode", Value.NEEDED, EXACT, Set.of("full", "redo")),
          new Row("--snapshotMode", Value.NEEDED, EXACT, Set.of("full", "redo")),
          new Row("--use-new-run", Value.OPTIONAL, EXACT, EITHER));

  /// A number of times to try again: jbuild does so by itself.
  private static final List<String> RETRIES =
      List.of("--push-retry", "--image-download-retry", "--image-fs-extract-retry");

  private KanikoOptions() {}

  static Syntax syntax(String name) {
    var syntax =
        new Syntax(
            name,
            "--context DIR (--destination NAME | --no-push) [OPTIONS]",
            "Build an image as kaniko's executor does, with the options of that. Each is obeyed or"
                + " refused by name with a reason; docs/from-kaniko.md has them all. The same works"
                + " without the word kaniko.",
            "  jbuild kaniko --context dir:///src --destination registry.example/team/app:1");
    syntax
        .values(
            "dir://DIR|tar://FILE|git://…",
            "The context (default: dir:///workspace/).",
            "-c",
            "--context")
        .values("FILE", "The Dockerfile.", "-f", "--dockerfile")
        .values("NAME", "Where to push the image; again for more.", "-d", "--destination")
        .values("LEVEL", "error, warn, info or debug.", "-v", "--verbosity");
    VALUES.stream()
        .filter(each -> !each.equals("--destination"))
        .forEach(each -> syntax.hidden(each, true));
    SINGLE.stream()
        .filter(each -> !Set.of("--context", "--dockerfile", "--verbosity").contains(each))
        .forEach(each -> syntax.hidden(each, true));
    FLAGS.forEach(syntax::hiddenOptional);
    RETRIES.forEach(each -> syntax.hidden(each, true));
    Refused.addTo(syntax, ROWS);
    return syntax;
  }

  /// Whether kaniko has such an option.
  static boolean isKnown(String name) {
    return VALUES.contains(name)
        || SINGLE.contains(name)
        || FLAGS.contains(name)
        || RETRIES.contains(name)
        || ROWS.stream().anyMatch(row -> row.name().equals(name));
  }

  /// Refuses what is not obeyed.
  static void check(Options options) {
    Refused.check(options, ROWS);
    for (var name : RETRIES) {
      for (var times : options.values(name)) {
        if (!times.matches("[0-9]{1,9}")) {
          throw Options.usage(name + " takes a whole number, not " + Printable.of(times));
        }
      }
    }
  }

  /// The value of an option that may be given once, under any of its names.
  static Optional<String> value(Options options, String... names) {
    return Arrays.stream(names)
        .flatMap(name -> options.values(name).stream())
        .reduce((_, last) -> last);
  }

  /// Whether an option without a value is given, and not as `=false`.
  static boolean isOn(Options options, String name) {
    return options.values(name).stream()
        .reduce((_, last) -> last)
        .map(value -> truth(name, value))
        .orElse(false);
  }

  private static boolean truth(String name, String value) {
    return switch (value) {
      case "", "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw Options.usage(name + " takes true or false");
    };
  }
}
