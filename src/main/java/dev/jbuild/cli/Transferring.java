package dev.jbuild.cli;

import dev.jbuild.console.PlainProgress;
import dev.jbuild.console.Progress;
import dev.jbuild.console.TerminalProgress;

/// How transfers of images are shown.
final class Transferring {

  private Transferring() {}

  /// As `--quiet` and `--progress` say, where a command has these, else the configuration file.
  static Progress progress(Options options, Session session) {
    var console = session.console();
    return switch (mode(options, session)) {
      case "auto" ->
          console.isTerminal() ? new TerminalProgress(console) : new PlainProgress(console);
      case "tty" -> new TerminalProgress(console);
      case "plain" -> new PlainProgress(console);
      case "quiet" -> Progress.quiet(console);
      default -> throw Options.usage("--progress takes auto, tty, plain or quiet");
    };
  }

  /// Whether only results are told.
  static boolean isQuiet(Options options, Session session) {
    return mode(options, session).equals("quiet");
  }

  private static String mode(Options options, Session session) {
    return options.has("--quiet")
        ? "quiet"
        : options.value("--progress").or(() -> session.settings().progress()).orElse("auto");
  }
}
