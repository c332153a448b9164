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
    var syntax =
        new Syntax(
                "rm",
                "[OPTIONS] CONTAINER…",
                "Remove containers and failed steps that are kept, by name or ID.",
                "  jbuild rm web")
            .flag("Do not mind those that are missing.", "-f", "--force", "-i", "--ignore")
            .flag("Remove all.", "-a", "--all")
            .values("NAME=VALUE", "Remove those: see jbuild ps --filter.", "--filter")
            .flag("Accepted: VOLUMEs go with their container.", "-v", "--volumes")
            .flag("Accepted: no container depends on another.", "--depend")
            .value("SECONDS", "Accepted: what is kept does not run.", "-t", "--time");
    Refused.addTo(syntax, ContainerRefused.RM);
    return syntax.arguments("CONTAINER", "0..*");
  }

  /// Goes on after one that cannot be removed, as people expect of it.
  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    Refused.check(options, ContainerRefused.RM);
    options.number("--time", -1, Integer.MAX_VALUE);
    boolean isChosen = options.has("--all") || !options.values("--filter").isEmpty();
    if (options.arguments().isEmpty() != isChosen) {
      throw Options.usage(
          isChosen ? "--all and --filter take no names" : "rm needs a container, or --all");
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
    var filters = options.values("--filter");
    if (!filters.isEmpty()) {
      return ContainerFilter.apply(filters, new KeptStates(store).list()).stream()
          .map(state -> state.entry().id())
          .toList();
    }
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
