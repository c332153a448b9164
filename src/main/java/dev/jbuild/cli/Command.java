package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import java.io.IOException;
import java.util.List;

/// One command of jbuild.
interface Command {

  /// What it takes.
  Syntax syntax();

  /// Does it.
  ///
  /// @return the exit code
  int run(Options options, Session session) throws IOException, InterruptedException;

  /// The command that `words` mean: itself, or one of its sub-commands, whose name is then taken
  /// from the front of `words`.
  default Command narrowed(List<String> words) {
    return this;
  }

  /// How jbuild exits after `failure` of this command, wrong options included.
  default int exitCode(BuildFailure failure) {
    return failure.kind().exitCode();
  }
}
