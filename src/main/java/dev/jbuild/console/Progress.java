package dev.jbuild.console;

/// Shows a build while it runs. Safe for use by many threads.
public interface Progress extends AutoCloseable {

  void on(BuildEvent event);

  /// Ends the view; what it drew in place is left as plain lines.
  @Override
  void close();

  /// Shows nothing but warnings, and the last lines of a step that fails.
  static Progress quiet(Console console) {
    return new QuietProgress(console);
  }
}
