package dev.jbuild.cli;

import dev.jbuild.console.PlainProgress;
import dev.jbuild.console.Progress;
import dev.jbuild.console.TerminalProgress;
import java.time.Clock;
import java.util.Set;

/// How transfers of images are shown.
final class Transferring {

  private static final Set<String> QUIET = Set.of("quiet", "none");

  private Transferring() {}

  /// As `--quiet` and `--progress` say, where a command has these, else the configuration file.
  static Progress progress(Options options, Session session) {
    tellProgram(options, session);
    var console = session.console();
    return switch (mode(options, session)) {
      case "auto" ->
          console.isTerminal() ? new TerminalProgress(console) : new PlainProgress(console);
      case "tty" -> new TerminalProgress(console);
      case "plain" -> new PlainProgress(console);
      case "json" -> new JsonProgress(console);
      case "rawjson" -> new StatusProgress(console, Clock.systemUTC());
      case "quiet", "none" -> Progress.quiet(console);
      default -> throw Options.usage("--progress takes auto, tty, plain, json, rawjson or quiet");
    };
  }

  /// Where a program reads the progress, all that is told beside it has the same form.
  static void tellProgram(Options options, Session session) {
    var console = session.console();
    switch (mode(options, session)) {
      case "json" -> console.tellProgram(new JsonMessages());
      case "rawjson" -> console.tellProgram(new StatusMessages(Clock.systemUTC()));
      default -> {}
    }
  }

  /// Whether a program reads events in jbuild's own form.
  static boolean isJson(Options options, Session session) {
    return mode(options, session).equals("json");
  }

  /// Whether only results are told.
  static boolean isQuiet(Options options, Session session) {
    return QUIET.contains(mode(options, session));
  }

  private static String mode(Options options, Session session) {
    return options.has("--quiet")
        ? "quiet"
        : options.value("--progress").or(() -> session.settings().progress()).orElse("auto");
  }
}
