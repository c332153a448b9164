package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import java.io.IOException;

/// One command of jbuild.
interface Command {

  /// What it takes.
  Syntax syntax();

  /// Does it.
  ///
  /// @return the exit code
  int run(Options options, Session session) throws IOException, InterruptedException;

  /// How jbuild exits after `failure` of this command, wrong options included.
  default int exitCode(BuildFailure failure) {
    return failure.kind().exitCode();
  }
}
