package dev.jbuild.cli;

import dev.jbuild.dockerfile.Directive;
import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.failure.Printable;
import java.util.Map;
import java.util.Optional;

/// The program that a Dockerfile wants to be read by: `# syntax=…`, or the build argument
/// BUILDKIT_SYNTAX, which wins.
///
/// jbuild reads Dockerfiles itself: it never fetches such a program, let alone runs it
/// (CVE-2024-23653, reliability case 73). If it is another one than docker/dockerfile, the file may
/// mean something else than jbuild reads in it, and a person is told so.
final class Frontend {

  private Frontend() {}

  /// What there is to say, if there is something.
  static Optional<String> note(Dockerfile dockerfile, Map<String, String> buildArgs) {
    var argument = Optional.ofNullable(buildArgs.get("BUILDKIT_SYNTAX"));
    var directive =
        dockerfile.directives().stream().filter(each -> each.name().equals("syntax")).findFirst();
    return argument
        .or(() -> directive.map(Directive::value))
        .map(value -> value.split(" ", 2)[0])
        .filter(image -> !isUsual(image))
        .map(
            image ->
                (argument.isPresent()
                        ? "BUILDKIT_SYNTAX"
                        : directive.map(each -> each.span().toString()).orElse(""))
                    + ": the frontend "
                    + Printable.of(image)
                    + " is not used: jbuild reads the Dockerfile itself");
  }

  /// Whether it is docker/dockerfile in one of its versions, or a mirror of it.
  private static boolean isUsual(String image) {
    var name = image.split("@", 2)[0];
    int colon = name.indexOf(':', name.lastIndexOf('/') + 1);
    var path = colon < 0 ? name : name.substring(0, colon);
    return ("/" + path).endsWith("/docker/dockerfile")
        || ("/" + path).endsWith("/docker/dockerfile-upstream");
  }
}
