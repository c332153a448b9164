package dev.jbuild.cli;

import dev.jbuild.build.Container;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.sandbox.ExitStatus;
import dev.jbuild.store.Store;
import java.io.IOException;

/// `jbuild run`.
final class RunCommand implements Command {

  /// As docker run: jbuild itself failed.
  private static final int OWN_FAILURE = 125;

  @Override
  public Syntax syntax() {
    var syntax =
        new Syntax(
                "run",
                "[OPTIONS] IMAGE [COMMAND [ARGUMENT…]]",
                "Start a container from an image: its ENTRYPOINT and CMD, or COMMAND instead of the"
                    + " CMD. What it changes is gone when it ends.",
                "  jbuild run --rm hello:1 ls -l /",
                "  jbuild run -it -v .:/src -w /src debian:bookworm bash")
            .flag("Remove it when it ends, as is done anyway.", "--rm")
            .flag("Pass standard input on.", "-i", "--interactive")
            .flag("Give it a terminal of its own; with -i the keyboard too.", "-t", "--tty")
            .value("SIGNAL", "What it gets when jbuild gets SIGTERM.", "--stop-signal");
    return RunRefused.addTo(RunOptions.addTo(syntax))
        .optionsEndAtArgument()
        .arguments("IMAGE", "1..*");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    return StoreWork.run(session, store -> start(options, session, store));
  }

  @Override
  public int exitCode(BuildFailure failure) {
    return OWN_FAILURE;
  }

  private static int start(Options options, Session session, Store store)
      throws IOException, InterruptedException {
    RunRefused.check(options);
    var words = options.arguments();
    var request = RunOptions.read(options, words.subList(1, words.size()), session);
    var images = new StoredImages(store);
    var image =
        images.resolve(images.named(options.argument("an image")), Platforms.one(options)).config();
    for (var notice : RunOptions.ports(options, image.config().exposedPorts())) {
      if (notice.warns()) {
        session.console().warning(notice.text());
      } else {
        session.console().message(notice.text());
      }
    }
    var status =
        new Foreground(
                options.has("--interactive"),
                options.has("--tty"),
                RunOptions.stopSignal(options, image.config().stopSignal()),
                session.console())
            .run(
                (input, streams, control) ->
                    new Container(store).run(image, request, input, streams, control));
    return tell(status, session);
  }

  private static int tell(ExitStatus status, Session session) {
    status
        .reason()
        .ifPresent(reason -> session.console().failure(failure(reason, status.foreign())));
    return status.code();
  }

  private static BuildFailure failure(String reason, boolean foreign) {
    var failure = BuildFailure.of(BuildFailure.Kind.STEP, "cannot run it: " + reason);
    return foreign ? failure.hint(Container.EMULATORS) : failure;
  }
}
