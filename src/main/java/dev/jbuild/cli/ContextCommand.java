package dev.jbuild.cli;

import dev.jbuild.build.ContextOpener;
import dev.jbuild.build.ContextPlace;
import dev.jbuild.build.Remotes;
import dev.jbuild.build.Secrets;
import dev.jbuild.context.ContextSurvey;
import dev.jbuild.context.LocalContext;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

/// `jbuild context ls` and `jbuild context why`: what a build would see of a context, and which
/// lines of the ignore file decide. A directory is only listed: neither the store nor the ids of a
/// user namespace are needed for that.
final class ContextCommand implements Command {

  @Override
  public Syntax syntax() {
    return new Syntax(
            "context",
            "ls [OPTIONS] [CONTEXT] | why [OPTIONS] PATH…",
            "ls: list the files that COPY can see, and with --ignored those that it cannot, each"
                + " with the line of the ignore file that decides. why: say of each PATH in the"
                + " context whether it is there and which line decides. CONTEXT is what jbuild"
                + " build takes.",
            "  jbuild context ls --ignored .",
            "  jbuild context why node_modules/a.js")
        .value("FILE", "The Dockerfile, whose own ignore file counts.", "-f", "--file")
        .value("CONTEXT", "For why: the context (default: the current directory).", "--context")
        .flag("List what is left out, and the lines that leave it out.", "--ignored")
        .flag("Say how large files are.", "--sizes")
        .value("FORMAT", "text, or json for all names, one object a line.", "--format")
        .flag("The same as --format json.", "--json")
        .arguments("ls|why", "1..*");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var words = options.arguments();
    var what = words.getFirst();
    var format = options.value("--format").orElse(options.has("--json") ? "json" : "text");
    if (!List.of("text", "json").contains(format)) {
      throw Options.usage("--format takes text or json");
    }
    return switch (what) {
      case "ls" -> {
        if (words.size() > 2) {
          throw Options.usage("context ls takes one context, not " + Printable.of(words.get(2)));
        }
        var context = words.size() == 2 ? words.get(1) : options.value("--context").orElse(".");
        yield list(context, format, options, session);
      }
      case "why" -> {
        if (words.size() < 2) {
          throw Options.usage("context why needs a path in the context");
        }
        var paths = words.subList(1, words.size());
        yield why(options.value("--context").orElse("."), paths, format, options, session);
      }
      default ->
          throw Options.usage("there is no jbuild context " + Printable.of(what))
              .hint("it is jbuild context ls or jbuild context why");
    };
  }

  /// What is done with a context that is open.
  private interface Work {
    int with(ContextSurvey survey) throws IOException;
  }

  private static int list(String context, String format, Options options, Session session)
      throws IOException, InterruptedException {
    var listing = new ContextListing(session.console(), options, format.equals("json"));
    return open(
        context,
        options,
        session,
        survey -> {
          survey.read(listing);
          listing.finish(survey.ignoreFile());
          return 0;
        });
  }

  private static int why(
      String context, List<String> paths, String format, Options options, Session session)
      throws IOException, InterruptedException {
    var listing = new ContextListing(session.console(), options, format.equals("json"));
    return open(
        context,
        options,
        session,
        survey -> {
          boolean all = true;
          for (var path : paths) {
            var line = survey.find(ArchivePath.clamped(path));
            line.ifPresent(listing::explain);
            if (line.isEmpty()) {
              session.console().warning("there is nothing called " + Printable.of(path));
            }
            all &= line.isPresent();
          }
          return all ? 0 : BuildFailure.Kind.CONTEXT.exitCode();
        });
  }

  private static int open(String context, Options options, Session session, Work work)
      throws IOException, InterruptedException {
    var place = ContextPlace.parse(context);
    if (place instanceof ContextPlace.Directory(var path)) {
      var dockerfile = DockerfileText.locate(path, options.value("--file"));
      try (var local = LocalContext.open(path, dockerfile, hidden(session))) {
        return work.with(local.survey());
      }
    }
    return StoreWork.run(
        session,
        store -> {
          try (var remotes = Remotes.open(store, session.environment(), Secrets.NONE);
              var opened =
                  new ContextOpener(store, remotes, System.in, session.console()::message)
                      .open(place, Optional.empty())) {
            return work.with(ContextSurvey.of(opened.tree()));
          }
        });
  }

  /// The store, if there is one: it is part of no context.
  private static Optional<FileStat> hidden(Session session) throws IOException {
    var root = session.storeRoot();
    if (!Files.isDirectory(root)) {
      return Optional.empty();
    }
    try (var store = Directory.open(root)) {
      return Optional.of(store.stat());
    }
  }
}
