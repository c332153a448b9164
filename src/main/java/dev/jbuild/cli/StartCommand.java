package dev.jbuild.cli;

import dev.jbuild.build.Container;
import dev.jbuild.build.KeptState;
import dev.jbuild.build.KeptStates;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.store.Store;
import java.io.IOException;

/// `jbuild start`.
final class StartCommand implements Command {

  @Override
  public Syntax syntax() {
    var syntax =
        new Syntax(
                "start",
                "[OPTIONS] CONTAINER [COMMAND [ARGUMENT…]]",
                "Run a process in a kept container: what ran there first, or COMMAND. User,"
                    + " directory, host name and mounts are as they were, unless options say"
                    + " otherwise; variables have to be given again. What it changes is kept.",
                "  jbuild start -it tools bash")
            .flag("Accepted: jbuild always stays with the container.", "-a", "--attach");
    Refused.addTo(syntax, ContainerRefused.START);
    return RegistryAccess.addWithoutLogin(RunOptions.addTo(RunProcess.addTo(syntax)))
        .optionsEndAtArgument()
        .arguments("CONTAINER", "1..*");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    Refused.check(options, ContainerRefused.START);
    RegistryAccess.refuseLogin(options);
    return StoreWork.run(session, store -> start(options, session, store));
  }

  @Override
  public int exitCode(BuildFailure failure) {
    return RunProcess.OWN_FAILURE;
  }

  private static int start(Options options, Session session, Store store)
      throws IOException, InterruptedException {
    var words = options.arguments();
    var states = new KeptStates(store);
    var state = states.named(options.argument("a container"));
    if (state.kind() != KeptState.Kind.CONTAINER) {
      throw Options.usage(Printable.of(state.shown()) + " is a failed step, and no container")
          .hint("jbuild debug goes into it");
    }
    var request = RunOptions.read(options, words.subList(1, words.size()), session, store);
    return new RunProcess(options, session, states.image(state))
        .run(connections -> new Container(store).start(state, request, connections));
  }
}
