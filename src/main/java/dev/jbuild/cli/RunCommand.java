package dev.jbuild.cli;

import dev.jbuild.build.Container;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.store.KeptEntry;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `jbuild run`.
final class RunCommand implements Command {

  @Override
  public Syntax syntax() {
    var syntax =
        new Syntax(
                "run",
                "[OPTIONS] IMAGE [COMMAND [ARGUMENT…]]",
                "Start a container from an image: its ENTRYPOINT and CMD, or COMMAND instead of the"
                    + " CMD. What it changes is gone when it ends, unless --keep or --name says"
                    + " otherwise.",
                "  jbuild run --rm hello:1 ls -l /",
                "  jbuild run -it -v .:/src -w /src debian:bookworm bash",
                "  jbuild run --name tools debian:bookworm apt-get update")
            .flag("Keep what it changed: see jbuild ps, commit, start, diff and rm.", "--keep")
            .value("NAME", "Keep it under this name, unless --rm is given.", "--name")
            .flag("Remove it when it ends, as is done without --keep and --name.", "--rm");
    syntax.value("OS/ARCH", "Which image of several in one.", "--platform");
    return RunRefused.addTo(RunImage.addTo(RunOptions.addTo(RunProcess.addTo(syntax))))
        .optionsEndAtArgument()
        .arguments("IMAGE", "1..*");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    RunRefused.check(options);
    if (options.has("--rm") && options.has("--keep")) {
      throw Options.usage("--rm and --keep exclude each other");
    }
    var image = options.argument("an image");
    return StoreWork.run(
        session.naming(List.of(image)), store -> start(options, session, store, image));
  }

  @Override
  public int exitCode(BuildFailure failure) {
    return RunProcess.OWN_FAILURE;
  }

  private static int start(Options options, Session session, Store store, String name)
      throws IOException, InterruptedException {
    var words = options.arguments();
    var request = RunOptions.read(options, words.subList(1, words.size()), session, store);
    SandboxOption.warn(request.sandbox(), session);
    var image = new RunImage(options, session, store).config(name);
    var keeping = keeping(options, name, session);
    return new RunProcess(options, session, image)
        .run(connections -> new Container(store).run(image, request, keeping, connections));
  }

  private static Optional<Container.Keeping> keeping(
      Options options, String image, Session session) {
    var name = options.value("--name").map(ContainerName::check);
    boolean isKept = options.has("--keep") || (name.isPresent() && !options.has("--rm"));
    return isKept
        ? Optional.of(new Container.Keeping(name, image, entry -> tell(entry, options, session)))
        : Optional.empty();
  }

  private static void tell(KeptEntry entry, Options options, Session session) {
    if (options.value("--name").isEmpty()) {
      session.console().message("kept as " + entry.id());
    }
  }
}
