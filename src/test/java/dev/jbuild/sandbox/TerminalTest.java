package dev.jbuild.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.linux.WindowSize;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a step is connected to: a terminal, or two pipes; and signals to it.
class TerminalTest extends StepBench {

  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
  private final StepControl control = new StepControl();

  private StepSpec script(StepUser user, @Nullable InputStream input, String text) {
    return new StepSpec(
        root,
        List.of("/bin/sh", "-c", text),
        List.of(),
        "/",
        user,
        Network.HOST,
        "builder",
        List.of(),
        input);
  }

  private ExitStatus onTerminal(StepSpec step) throws IOException, InterruptedException {
    var streams =
        new StepStreams.Terminal(
            (bytes, length) -> output.write(bytes, 0, length), new WindowSize(33, 111));
    return namespaces.run(step, streams, control);
  }

  @Test
  void theTerminalIsTheStepsOwn() throws Exception {
    var user = new StepUser(1000, 1000, List.of());
    var typed = new ByteArrayInputStream("hello\n".getBytes(UTF_8));

    var status =
        onTerminal(
            script(
                user,
                typed,
                """
                for fd in 0 1 2; do [ -t $fd ] || echo no terminal at $fd; done
                read line; echo "<$line>"; : </dev/tty; : </dev/stdin; : </dev/console
                stat -c %u:%t /dev/console /dev/pts/0; ls /dev/pts; exit 5\
                """));

    assertEquals(5, status.code(), output::toString);
    var lines = output.toString(UTF_8);
    assertTrue(lines.contains("<hello>\r\n1000:88\r\n1000:88\r\n0"), lines);
    assertTrue(!lines.contains("no terminal") && !lines.contains("denied"), lines);
  }

  /// What is still in the terminal when its last process ends is not lost.
  @Test
  void theLastOutputIsNotLostAndADaemonKeepsNobodyWaiting() throws Exception {
    onTerminal(
        script(
            StepUser.ROOT,
            null,
            "setsid sleep "
                + sleep()
                + " & i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo $i; done"));

    assertTrue(output.toString(UTF_8).endsWith("\r\n4999\r\n5000\r\n"), output::toString);
  }

  @Test
  void standardErrorIsApart() throws Exception {
    var streams =
        new StepStreams.Apart(
            (bytes, length) -> output.write(bytes, 0, length),
            (bytes, length) -> errors.write(bytes, 0, length));

    var user = new StepUser(1000, 1000, List.of());
    var status =
        namespaces.run(script(user, null, "echo out; echo err >&2; exit 3"), streams, control);

    assertEquals(3, status.code());
    assertEquals("out\n", output.toString(UTF_8));
    assertEquals("err\n", errors.toString(UTF_8));
  }

  @Test
  void aSignalThatNobodyHandlesEndsTheStep() throws Exception {
    var word = sleep();
    assertEquals(ExitStatus.killed(15), signalled(15, "echo ready; sleep " + word));
    assertTrue(isGoneSoon(word));
  }

  @Test
  void aSignalThatIsHandledReachesTheProcess() throws Exception {
    var caught = "trap 'exit 9' USR1; echo ready; while :; do sleep 0.05; done";
    assertEquals(9, signalled(10, caught).code());
  }

  private ExitStatus signalled(int number, String text) throws Exception {
    var ready = new CountDownLatch(1);
    var sender =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    ready.await();
                    control.signal(number);
                  } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                });
    var streams = new StepStreams.Merged((_, _) -> ready.countDown());
    var status = namespaces.run(script(StepUser.ROOT, null, text), streams, control);
    sender.join();
    return status;
  }

  @Test
  void withoutAStepThereIsNobodyToSignal() throws Exception {
    assertEquals(false, control.signal(15));
    onTerminal(script(StepUser.ROOT, null, ":"));
    assertEquals(false, control.signal(15));
  }
}
