package dev.jbuild.cli;

import java.util.Optional;

/// `jbuild version`.
final class VersionCommand implements Command {

  @Override
  public Syntax syntax() {
    return new Syntax("version", "", "Show the version of jbuild and of the Java that runs it.");
  }

  @Override
  public int run(Options options, Session session) {
    session.console().result(line());
    return 0;
  }

  /// Of jbuild; empty where it runs from loose classes.
  static Optional<String> version() {
    return Optional.ofNullable(VersionCommand.class.getPackage().getImplementationVersion());
  }

  static String line() {
    return "jbuild "
        + version().orElse("(not packaged)")
        + ", Java "
        + System.getProperty("java.vm.version")
        + ", "
        + System.getProperty("os.arch");
  }
}
