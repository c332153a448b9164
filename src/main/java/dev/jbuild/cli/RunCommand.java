package dev.jbuild.cli;

import dev.jbuild.build.Container;
import dev.jbuild.build.RunRequest;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.sandbox.ExitStatus;
import dev.jbuild.sandbox.Network;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// `jbuild run`.
final class RunCommand implements Command {

  /// As docker run: jbuild itself failed.
  private static final int OWN_FAILURE = 125;

  @Override
  public Syntax syntax() {
    return SandboxOption.addTo(
        new Syntax(
                "run",
                "[OPTIONS] IMAGE [COMMAND [ARGUMENT…]]",
                "Start a throw-away container from an image: its ENTRYPOINT and CMD, or COMMAND"
                    + " instead of the CMD. What it changes is gone when it ends.",
                "  jbuild run --rm hello:1 ls -l /")
            .flag("Accepted: a container is always removed.", "--rm")
            .flag("Pass standard input on.", "-i", "--interactive")
            .flag("Give it a terminal of its own; with -i the keyboard too.", "-t", "--tty")
            .values(
                "NAME[=VALUE]", "Set a variable; from the environment without =.", "-e", "--env")
            .value("DIR", "Working directory.", "-w", "--workdir")
            .value("USER[:GROUP]", "Run as this user.", "-u", "--user")
            .value("PROGRAM", "Instead of the image's ENTRYPOINT; drops its CMD.", "--entrypoint")
            .value("MODE", "host or none.", "--network")
            .value("OS/ARCH", "Which image of several in one.", "--platform")
            .optionsEndAtArgument()
            .arguments("IMAGE", "1..*"));
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
    var name = options.argument("an image");
    var words = options.arguments();
    var images = new StoredImages(store);
    var image = images.resolve(images.named(name), Platforms.one(options));
    var status =
        new Foreground(options.has("--interactive"), options.has("--tty"), 15, session.console())
            .run(
                (input, streams, control) ->
                    new Container(store)
                        .run(
                            image.config(),
                            new RunRequest(
                                words.subList(1, words.size()),
                                options.value("--entrypoint"),
                                variables(options.values("--env"), session.environment()),
                                options.value("--user"),
                                options.value("--workdir"),
                                network(options),
                                SandboxOption.read(options, session.environment()),
                                input),
                            streams,
                            control));
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

  private static Network network(Options options) {
    return switch (options.value("--network").orElse("host")) {
      case "host", "default" -> Network.HOST;
      case "none" -> Network.NONE;
      default -> throw Options.usage("--network takes host or none");
    };
  }

  private static SortedMap<String, String> variables(
      List<String> given, Map<String, String> environment) {
    var values = new TreeMap<String, String>();
    for (var each : given) {
      int equals = each.indexOf('=');
      if (equals > 0) {
        values.put(each.substring(0, equals), each.substring(equals + 1));
      } else if (equals < 0 && environment.containsKey(each)) {
        values.put(each, environment.getOrDefault(each, ""));
      }
    }
    return values;
  }
}
