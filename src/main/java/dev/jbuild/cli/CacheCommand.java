package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import java.util.List;

/// `jbuild cache` and its sub-commands, which take options of their own.
final class CacheCommand implements Command {

  private static final String KNOWN = "ls|explain|export|import";

  @Override
  public Syntax syntax() {
    return new Syntax(
            "cache",
            KNOWN,
            "ls: list the caches that RUN --mount=type=cache keeps. explain: tell again why steps"
                + " of the last build were made anew. export and import: share the cache of steps"
                + " through a directory or a registry. Each has options of its own, which --help"
                + " behind it shows.",
            "  jbuild cache explain")
        .arguments(KNOWN, "1..*");
  }

  @Override
  public Command narrowed(List<String> words) {
    var name = words.isEmpty() ? "" : words.getFirst();
    Command found =
        switch (name) {
          case "ls" -> new CacheListCommand();
          case "explain" -> new CacheExplainCommand();
          case "export" -> new CacheExportCommand();
          case "import" -> new CacheImportCommand();
          default -> this;
        };
    if (found != this) {
      words.removeFirst();
    }
    return found;
  }

  @Override
  public int run(Options options, Session session) {
    throw Options.usage("jbuild cache has no " + Printable.of(options.argument("a sub-command")))
        .hint("it has " + KNOWN);
  }
}
