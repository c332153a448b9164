package dev.jbuild.cli;

import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Utf8;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// `jbuild parse`: a Dockerfile as a tree of words with their places, or as the text it was.
///
/// It needs neither a store nor a context, and asks nothing of an image.
final class ParseCommand implements Command {

  @Override
  public Syntax syntax() {
    return new Syntax(
            "parse",
            "[OPTIONS] [FILE|DIR|-]",
            "Show what a Dockerfile says, as JSON: instructions, flags, arguments and"
                + " here-documents with their places (docs/parse.md). DIR, by default the working"
                + " directory, is searched as by build; - is standard input.",
            "  jbuild parse . | jq -r '.instructions[] | .instruction'")
        .value("FILE", "The Dockerfile; - reads it from standard input.", "-f", "--file")
        .value("FORM", "json (the default), or dockerfile: the text, byte for byte.", "--format")
        .flag("The same as --format json.", "--json")
        .arguments("FILE|DIR|-", "0..1");
  }

  @Override
  public int run(Options options, Session session) throws IOException {
    var format = options.has("--json") ? "json" : options.value("--format").orElse("json");
    if (!format.equals("json") && !format.equals("dockerfile")) {
      throw Options.usage("--format takes json or dockerfile, not " + Printable.of(format));
    }
    var dockerfile = Dockerfile.parse(source(options));
    var out = session.console().resultStream();
    if (format.equals("dockerfile")) {
      out.write(Utf8.encode(dockerfile.print()));
    } else {
      new ParseDocument(dockerfile).write(out);
    }
    out.flush();
    return 0;
  }

  private static Source source(Options options) throws IOException {
    var named = options.value("--file");
    var argument = options.arguments().isEmpty() ? "." : options.argument("a Dockerfile");
    var place = Path.of(argument);
    boolean directory = !argument.equals("-") && Files.isDirectory(place);
    if (named.isPresent() && !directory) {
      throw Options.usage(
              "there are two Dockerfiles, " + Printable.of(argument) + " and that of -f")
          .hint("leave one out");
    }
    if (directory) {
      return DockerfileText.read(DockerfileText.locate(place, named), named, place);
    }
    var file = Optional.of(argument);
    return DockerfileText.read(DockerfileText.locate(Path.of("."), file), file, place);
  }
}
