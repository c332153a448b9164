package dev.jbuild.console;

import java.util.function.IntSupplier;

/// What standard error is, asked when somebody needs to know.
public interface Screen {

  /// Whether it is a terminal that can redraw lines.
  boolean isTerminal();

  /// Whether colours are wanted on it.
  boolean hasColours();

  /// Columns of the terminal now; 0 if nobody knows.
  int columns();

  /// One of which all is known.
  static Screen of(boolean terminal, boolean colours, IntSupplier columns) {
    return new Screen() {
      @Override
      public boolean isTerminal() {
        return terminal;
      }

      @Override
      public boolean hasColours() {
        return colours;
      }

      @Override
      public int columns() {
        return columns.getAsInt();
      }
    };
  }
}
