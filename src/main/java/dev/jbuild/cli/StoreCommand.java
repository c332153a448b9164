package dev.jbuild.cli;

import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.store.DiskUse;
import dev.jbuild.store.Finding;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/// `jbuild store check` and `jbuild store du`.
final class StoreCommand implements Command {

  @Override
  public Syntax syntax() {
    return new Syntax(
            "store",
            "check [--repair] | du",
            "check: read everything in the store and say what is damaged or missing. With --repair"
                + " what is broken is dropped; it is built or loaded again. du: say what fills the"
                + " store.",
            "  jbuild store check --repair")
        .flag("Drop what is broken.", "--repair")
        .flag("Print JSON.", "--json")
        .arguments("check|du", "1");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var what = options.argument("check or du");
    boolean repair = options.has("--repair");
    if (repair && !what.equals("check")) {
      throw Options.usage("--repair belongs to jbuild store check");
    }
    return switch (what) {
      case "check" -> StoreWork.run(session, store -> check(store, repair, options, session));
      case "du" -> StoreWork.run(session, store -> use(store, options, session));
      default ->
          throw Options.usage("the store has no " + Printable.of(what))
              .hint("it is jbuild store check or jbuild store du");
    };
  }

  private static int check(Store store, boolean repair, Options options, Session session)
      throws IOException {
    var console = session.console();
    var findings = repair ? store.repair() : store.check();
    if (options.has("--json")) {
      console.result(JsonText.pretty(findings.stream().map(StoreCommand::json).toList()));
    } else {
      findings.forEach(finding -> console.result(line(finding)));
    }
    long left = findings.stream().filter(finding -> !finding.repaired()).count();
    if (findings.isEmpty()) {
      console.message("the store is in order");
    } else if (left > 0) {
      console.message(left + " found; jbuild store check --repair drops what is broken");
    }
    return left > 0 ? BuildFailure.Kind.STORE.exitCode() : 0;
  }

  private static String line(Finding finding) {
    return kind(finding.kind())
        + " "
        + finding.what()
        + ": "
        + finding.why()
        + (finding.repaired() ? " (repaired)" : "");
  }

  private static String kind(Enum<?> kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static Fields json(Finding finding) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("Kind", kind(finding.kind()));
    fields.put("What", finding.what());
    fields.put("Path", finding.path().toString());
    fields.put("Why", finding.why());
    fields.put("Repaired", finding.repaired());
    return new Fields(fields);
  }

  private static int use(Store store, Options options, Session session) throws IOException {
    var console = session.console();
    var use = store.diskUse();
    if (options.has("--json")) {
      console.result(JsonText.pretty(use.shares().stream().map(StoreCommand::json).toList()));
      return 0;
    }
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("TYPE", "COUNT", "SIZE"));
    for (var share : use.shares()) {
      rows.add(
          List.of(type(share.kind()), Long.toString(share.count()), Console.size(share.bytes())));
    }
    rows.add(List.of("total", "", Console.size(use.bytes())));
    Table.lines(rows).forEach(console::result);
    return 0;
  }

  private static Fields json(DiskUse.Share share) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("Type", kind(share.kind()));
    fields.put("Count", share.count());
    fields.put("Size", share.bytes());
    return new Fields(fields);
  }

  private static String type(DiskUse.Kind kind) {
    return switch (kind) {
      case IMAGES -> "images";
      case DANGLING -> "images without a name";
      case CACHE -> "step cache";
      case UNREFERENCED -> "needed by nothing";
      case TREES -> "unpacked layers";
      case BUILDS -> "build records";
      case KEPT -> "kept containers and steps";
      case MOUNTS -> "cache mounts";
      case TEMPORARY -> "temporary";
    };
  }
}
