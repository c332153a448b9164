package dev.jbuild.cli;

import dev.jbuild.build.Container;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.sandbox.ExitStatus;
import java.io.IOException;
import java.util.OptionalInt;

/// The process of a container in the foreground: what run and start have in common.
final class RunProcess {

  /// As docker run: jbuild itself failed.
  static final int OWN_FAILURE = 125;

  private final Options options;
  private final Session session;
  private final ImageConfig image;

  /// @param image whose container it is
  RunProcess(Options options, Session session, ImageConfig image) {
    this.options = options;
    this.session = session;
    this.image = image;
  }

  static Syntax addTo(Syntax syntax) {
    return syntax
        .flag("Pass standard input on.", "-i", "--interactive")
        .flag("Give it a terminal of its own; with -i the keyboard too.", "-t", "--tty")
        .value("SIGNAL", "What it gets when jbuild gets SIGTERM.", "--stop-signal")
        .value("SECONDS", "Kill it if it still runs so long after that.", "--stop-timeout");
  }

  /// What runs.
  interface Work {
    ExitStatus run(Container.Connections connections) throws IOException, InterruptedException;
  }

  /// Tells of ports, runs it, and says why if it could not be started.
  ///
  /// @return the exit code
  int run(Work work) throws IOException, InterruptedException {
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
                patience(),
                session.console())
            .run(
                (input, streams, control) ->
                    work.run(new Container.Connections(input, streams, control)));
    status
        .reason()
        .ifPresent(reason -> session.console().failure(failure(reason, status.foreign())));
    status.limit().ifPresent(limit -> session.console().message("jbuild: killed (" + limit + ")"));
    return status.code();
  }

  private OptionalInt patience() {
    int seconds = options.number("--stop-timeout", -1, -1);
    return seconds < 0 ? OptionalInt.empty() : OptionalInt.of(seconds);
  }

  private static BuildFailure failure(String reason, boolean foreign) {
    var failure = BuildFailure.of(BuildFailure.Kind.STEP, "cannot run it: " + reason);
    return foreign ? failure.hint(Container.EMULATORS) : failure;
  }
}
