package dev.jbuild.cli;

import dev.jbuild.console.Console;
import dev.jbuild.console.PlainProgress;
import dev.jbuild.console.Progress;
import dev.jbuild.console.TerminalProgress;

/// How transfers of images are shown.
final class Transferring {

  private Transferring() {}

  static Progress progress(Options options, Console console) {
    if (options.has("--quiet")) {
      return Progress.quiet(console);
    }
    return console.isTerminal() ? new TerminalProgress(console) : new PlainProgress(console);
  }
}
