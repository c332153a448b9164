package dev.jbuild.dockerfile;

import java.util.List;

/// What RUN, CMD, ENTRYPOINT and HEALTHCHECK execute. Never expanded by the builder.
public sealed interface Command {

  /// Text for the shell: the rest of the line verbatim after continuations were joined.
  record Shell(String script) implements Command {}

  /// A JSON array of arguments.
  record Exec(List<String> argv) implements Command {
    public Exec {
      argv = List.copyOf(argv);
    }
  }
}
