package dev.jbuild.cli;

import java.io.IOException;

/// `jbuild lint`.
final class LintCommand implements Command {

  @Override
  public Syntax syntax() {
    return new Syntax(
            "lint",
            "[OPTIONS] [CONTEXT|FILE|-]",
            "Look for what could be better in a Dockerfile, and build nothing. CONTEXT, by default"
                + " the working directory, is searched as by build; - is standard input. Ends with"
                + " 3 if something was found.",
            "  jbuild lint .",
            "  jbuild lint --format sarif . > lint.sarif")
        .value("FILE", "The Dockerfile; - reads it from standard input.", "-f", "--file")
        .value("STAGE", "Look at what this stage needs only; without it at all stages.", "--target")
        .values(
            "NAME[=VALUE]", "A value for an ARG; from the environment without =.", "--build-arg")
        .values("OS/ARCH", "What the image is for; several with commas.", Platforms.OPTION)
        .values(
            "NAME=SOURCE", "Files or an image for FROM and --from, as build.", "--build-context")
        .value("FORM", "text (the default), json or sarif.", "--format")
        .arguments("CONTEXT|FILE|-", "0..1");
  }

  @Override
  public int run(Options options, Session session) throws IOException {
    return LintRun.run(DockerfileInput.of(options), options, session, LintRun.Format.of(options));
  }
}
