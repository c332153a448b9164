package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.sandbox.ExitStatus;
import dev.jbuild.sandbox.StepStreams;
import java.io.IOException;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;

/// A process in the foreground whose output goes nowhere.
class ForegroundTest {

  private static ExitStatus run(String reason) throws Exception {
    var lost =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(reason);
          }
        };
    var console = new Console(lost, OutputStream.nullOutputStream(), false, false, () -> 0);
    var foreground = new Foreground(false, false, SignalNumbers.TERMINATE, console);
    try {
      return foreground.run(
          (_, streams, _) -> {
            assertInstanceOf(StepStreams.Apart.class, streams).output().write(new byte[1], 1);
            return ExitStatus.killed(1);
          });
    } finally {
      foreground.letGo();
    }
  }

  @Test
  void itEndsOfAClosedPipeAsOthersDo() throws Exception {
    assertEquals(128 + 13, run("Broken pipe").code());
  }

  @Test
  void anyOtherFailureIsTold() {
    assertEquals(
        "cannot pass on its output: No space left on device",
        assertThrows(BuildFailure.class, () -> run("No space left on device")).getMessage());
  }
}
