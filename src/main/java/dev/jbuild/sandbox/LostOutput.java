package dev.jbuild.sandbox;

import java.io.IOException;

/// What a process wrote could not be passed on, so that it was killed: for a [StepOutput] to throw.
public final class LostOutput extends IOException {
  private static final long serialVersionUID = 1;

  private static final int PIPE = 13;
  private static final int KILL = 9;

  public LostOutput(IOException cause) {
    super(String.valueOf(cause.getMessage()), cause);
  }

  /// Whether nobody reads any more, and not, say, that a disk is full.
  public boolean isClosedPipe() {
    return "Broken pipe".equals(getMessage());
  }

  /// How the process ended: if nobody reads any more, as one that the kernel ends for it.
  public ExitStatus status() {
    return ExitStatus.killed(isClosedPipe() ? PIPE : KILL);
  }
}
