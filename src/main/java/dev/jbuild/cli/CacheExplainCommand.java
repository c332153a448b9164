package dev.jbuild.cli;

import dev.jbuild.build.BuildRecord;
import dev.jbuild.build.PastBuilds;
import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `jbuild cache explain`.
final class CacheExplainCommand implements Command {

  @Override
  public Syntax syntax() {
    return new Syntax(
            "cache explain",
            "[--json] [CONTEXT]",
            "Tell again what the last build took from the cache, and why it made the other steps"
                + " anew: the last build of CONTEXT, or the last of all.",
            "  jbuild cache explain",
            "  jbuild cache explain .")
        .flag("Print JSON, with all steps and notes.", "--json")
        .arguments("CONTEXT", "0..1");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var context = options.arguments().stream().findFirst();
    return StoreWork.run(
        session,
        store -> {
          var builds = PastBuilds.last(store, what -> isOf(what, context));
          if (builds.isEmpty()) {
            throw BuildFailure.of(
                    BuildFailure.Kind.STORE,
                    "no build"
                        + context.map(name -> " of " + Printable.of(name)).orElse("")
                        + " is remembered")
                .hint("the store remembers each build that it made: jbuild build CONTEXT");
          }
          if (options.has("--json")) {
            var list = builds.stream().map(CacheExplainCommand::json).toList();
            session.console().result(JsonText.pretty(list));
          } else {
            builds.forEach(build -> print(build, session.console()));
          }
          return 0;
        });
  }

  private static boolean isOf(BuildRecord.What what, Optional<String> context) {
    return context.isEmpty()
        || what.context().equals(context.get())
        || what.context().equals(Path.of(context.get()).toAbsolutePath().normalize().toString());
  }

  private static void print(PastBuilds.Past build, Console console) {
    var what = build.record().what();
    console.result(
        "%s of %s, target %s, %s, %s"
            .formatted(
                Printable.of(what.dockerfile()),
                Printable.of(what.context()),
                Printable.of(what.target()),
                Printable.of(what.platform()),
                new Age(Clock.systemUTC()).since(Optional.of(build.at()))));
    var rows = new ArrayList<List<String>>();
    for (var entry : build.record().steps()) {
      rows.add(
          List.of(
              Printable.of("  " + entry.step().stage() + " " + entry.step().number()),
              entry.outcome().text(),
              Printable.of(entry.step().text())));
      if (!entry.note().isEmpty()) {
        rows.add(List.of("", "", "  " + Printable.of(entry.note())));
      }
    }
    Table.lines(rows).forEach(line -> console.result(line.stripTrailing()));
  }

  private static Fields json(PastBuilds.Past build) {
    var what = build.record().what();
    var fields = new LinkedHashMap<String, Object>();
    fields.put("Dockerfile", what.dockerfile());
    fields.put("Context", what.context());
    fields.put("Target", what.target());
    fields.put("Platform", what.platform());
    fields.put("At", Age.rfc3339(Optional.of(build.at())));
    fields.put("Steps", build.record().steps().stream().map(CacheExplainCommand::json).toList());
    return new Fields(fields);
  }

  private static Map<String, Object> json(BuildRecord.Entry entry) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("Stage", entry.step().stage());
    fields.put("Number", (long) entry.step().number());
    fields.put("Instruction", entry.step().text());
    fields.put("Outcome", entry.outcome().text());
    fields.put("Note", entry.note());
    return fields;
  }
}
