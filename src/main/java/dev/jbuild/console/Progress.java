package dev.jbuild.console;

/// Shows a build while it runs. Safe for use by many threads.
public interface Progress extends AutoCloseable {

  void on(BuildEvent event);

  /// Takes what is drawn in place off the terminal and draws nothing until [#release]: somebody
  /// else uses it. There must be no news meanwhile.
  default void hold() {}

  /// Draws again.
  default void release() {}

  /// Ends the view; what it drew in place is left as plain lines.
  @Override
  void close();

  /// Shows nothing but warnings, and the last lines of a step that fails.
  static Progress quiet(Console console) {
    return new QuietProgress(console);
  }
}
