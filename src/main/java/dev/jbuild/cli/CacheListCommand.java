package dev.jbuild.cli;

import dev.jbuild.console.Console;
import dev.jbuild.failure.Printable;
import dev.jbuild.store.CacheMounts;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// `jbuild cache ls`.
final class CacheListCommand implements Command {

  @Override
  public Syntax syntax() {
    return new Syntax(
            "cache ls",
            "[--format json]",
            "List the caches that RUN --mount=type=cache keeps from build to build. jbuild"
                + " prune --filter type=exec.cachemount removes them.",
            "  jbuild cache ls")
        .value("FORMAT", "json: one object a line, with exact sizes and times.", "--format")
        .flag("The same as --format json.", "--json");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var format = options.value("--format").orElse(options.has("--json") ? "json" : "table");
    if (!List.of("json", "table").contains(format)) {
      throw Options.usage("--format takes json or table");
    }
    return StoreWork.run(session, store -> list(store, format, session.console()));
  }

  private static int list(Store store, String format, Console console) throws IOException {
    var caches = store.cacheMounts().list();
    if (format.equals("json")) {
      caches.forEach(cache -> console.result(JsonText.compact(json(cache))));
      return 0;
    }
    var age = new Age(Clock.systemUTC());
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("ID", "SIZE", "LAST USED"));
    for (var cache : caches) {
      rows.add(
          List.of(
              Printable.of(cache.id()),
              Console.size(cache.bytes()),
              age.since(Optional.of(cache.used()))));
    }
    Table.lines(rows).forEach(console::result);
    return 0;
  }

  private static Fields json(CacheMounts.Listed cache) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("Type", "exec.cachemount");
    fields.put("ID", Printable.of(cache.id()));
    fields.put("Size", cache.bytes());
    fields.put("LastUsed", Age.rfc3339(Optional.of(cache.used())));
    return new Fields(fields);
  }
}
