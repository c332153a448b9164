package dev.jbuild.cli;

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

  static String line() {
    var version = VersionCommand.class.getPackage().getImplementationVersion();
    return "jbuild "
        + (version == null ? "(not packaged)" : version)
        + ", Java "
        + System.getProperty("java.vm.version")
        + ", "
        + System.getProperty("os.arch");
  }
}
