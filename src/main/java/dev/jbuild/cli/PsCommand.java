package dev.jbuild.cli;

import dev.jbuild.build.KeptState;
import dev.jbuild.build.KeptStates;
import dev.jbuild.console.Console;
import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `jbuild ps`.
final class PsCommand implements Command {

  private static final String USUAL =
      "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.Status}}\t{{.Size}}\t{{.Names}}";

  /// In characters, as docker ps cuts it.
  private static final int LONGEST_COMMAND = 30;

  @Override
  public Syntax syntax() {
    var syntax =
        new Syntax(
                "ps",
                "[OPTIONS]",
                "List the containers and the failed steps that are kept, the newest first.",
                "  jbuild ps",
                "  jbuild ps -q --filter kind=step")
            .flag("Accepted: what is kept has ended, and is always shown.", "-a", "--all")
            .flag("Print IDs only.", "-q", "--quiet")
            .flag("Do not cut commands.", "--no-trunc")
            .flag("Accepted: sizes are always shown.", "-s", "--size")
            .flag("The newest only.", "-l", "--latest")
            .value("N", "The N newest only.", "-n", "--last")
            .value("FORM", "table, json or a template.", "--format")
            .flag("The same as --format json.", "--json")
            .flag("Print a table without its headings.", "--noheading");
    Refused.addTo(syntax, ContainerRefused.PS);
    return ContainerFilter.addTo(syntax).arguments("NOTHING", "0");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    Refused.check(options, ContainerRefused.PS);
    var listing = Listing.of(options, USUAL, headers());
    if (session.openExistingStore().isEmpty()) {
      return show(options, session, listing, List.of());
    }
    return StoreWork.run(
        session,
        store -> {
          var rows = new ArrayList<Map<String, String>>();
          int most = options.has("--latest") ? 1 : options.number("--last", 0, Integer.MAX_VALUE);
          var all = new KeptStates(store).list();
          var left = ContainerFilter.apply(options.values("--filter"), all);
          for (var state : left.stream().limit(most).toList()) {
            rows.add(row(state, options.has("--no-trunc")));
          }
          return show(options, session, listing, rows);
        });
  }

  private static int show(
      Options options, Session session, Listing listing, List<Map<String, String>> rows) {
    boolean isTable = listing.isTable() && !options.has("--quiet");
    listing.lines(options, rows).stream()
        .skip(isTable && options.has("--noheading") ? 1 : 0)
        .forEach(session.console()::result);
    return 0;
  }

  private static Map<String, String> headers() {
    var headers = new LinkedHashMap<String, String>();
    headers.put("ID", "CONTAINER ID");
    headers.put("Image", "IMAGE");
    headers.put("Command", "COMMAND");
    headers.put("Status", "STATUS");
    headers.put("Size", "SIZE");
    headers.put("Names", "NAMES");
    headers.put("Kind", "KIND");
    headers.put("ExitCode", "EXIT CODE");
    headers.put("CreatedAt", "CREATED AT");
    return headers;
  }

  private static Map<String, String> row(KeptState state, boolean whole) throws IOException {
    var used = Optional.of(state.entry().used());
    var command = String.join(" ", state.command());
    var row = new LinkedHashMap<String, String>();
    row.put("ID", state.entry().id());
    row.put("Image", Printable.of(state.from()));
    row.put("Command", Printable.of(whole ? command : Listing.cut(command, LONGEST_COMMAND)));
    row.put(
        "Status",
        (state.kind() == KeptState.Kind.STEP ? "Failed (" : "Exited (")
            + state.exitCode()
            + ") "
            + new Age(Clock.systemUTC()).since(used));
    row.put("Size", Console.size(state.entry().size()));
    row.put("Names", state.name().orElse(""));
    row.put("Kind", state.kind() == KeptState.Kind.STEP ? "step" : "container");
    row.put("ExitCode", Integer.toString(state.exitCode()));
    row.put("CreatedAt", Age.rfc3339(used));
    return row;
  }
}
