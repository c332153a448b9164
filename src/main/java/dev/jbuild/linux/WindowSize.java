package dev.jbuild.linux;

/// How large a terminal is, in characters; 0 stands for unknown. Each up to 65535.
public record WindowSize(int rows, int columns) {

  private static final int LARGEST = 0xFFFF;

  public WindowSize {
    if (rows < 0 || rows > LARGEST || columns < 0 || columns > LARGEST) {
      throw new IllegalArgumentException("a terminal of " + rows + " rows, " + columns);
    }
  }
}
