package dev.jbuild.cli;

import dev.jbuild.build.KeptStates;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `jbuild rm`.
final class RmCommand implements Command {

  @Override
  public Syntax syntax() {
    return new Syntax(
            "rm",
            "[OPTIONS] CONTAINER…",
            "Remove containers and failed steps that are kept, by name or ID.",
            "  jbuild rm web")
        .flag("Do not mind those that are missing.", "-f", "--force")
        .flag("Remove all.", "-a", "--all")
        .flag("Accepted: VOLUMEs go with their container.", "-v", "--volumes")
        .arguments("CONTAINER", "0..*");
  }

  /// Goes on after one that cannot be removed, as people expect of it.
  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    if (options.arguments().isEmpty() != options.has("--all")) {
      throw Options.usage(
          options.has("--all") ? "--all takes no names" : "rm needs a container, or --all");
    }
    return StoreWork.run(
        session,
        store -> {
          int code = 0;
          for (var text : names(options, store)) {
            try {
              remove(store, text, options.has("--force"), session);
            } catch (BuildFailure e) {
              session.console().failure(e);
              code = e.kind().exitCode();
            }
          }
          return code;
        });
  }

  private static List<String> names(Options options, Store store) throws IOException {
    if (!options.has("--all")) {
      return options.arguments();
    }
    var all = new ArrayList<String>();
    store.kept().list().forEach(entry -> all.add(entry.id()));
    return all;
  }

  private static void remove(Store store, String text, boolean force, Session session)
      throws IOException {
    var states = new KeptStates(store);
    var found = states.find(text);
    if (found.isEmpty()) {
      if (force) {
        return;
      }
      throw BuildFailure.of(
              BuildFailure.Kind.STORE,
              "there is no kept container or step \"" + Printable.of(text) + "\"")
          .hint("jbuild ps lists what there is");
    }
    if (!store.kept().remove(found.get())) {
      throw KeptStates.inUse(found.get());
    }
    session.console().result(text);
  }
}
