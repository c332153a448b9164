package dev.jbuild.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Terminals and pipes with a name.
class PseudoTerminalTest {

  private static final Path MACHINE = Path.of("/dev");

  @TempDir Path temp;

  private static String read(InputStream from, int length) throws IOException {
    return new String(from.readNBytes(length), UTF_8);
  }

  private static String on(PseudoTerminal terminal, String... command) throws IOException {
    var slave = new File("/dev/pts/" + terminal.number());
    var process = new ProcessBuilder(command).redirectInput(slave).start();
    return new String(process.getInputStream().readAllBytes(), UTF_8);
  }

  @Test
  void whatIsTypedArrivesAndIsEchoedAndTheSizeIsTold() throws Exception {
    assumeTrue(Files.isReadable(MACHINE.resolve("ptmx")), "there are no terminals here");
    try (var terminal = PseudoTerminal.open(MACHINE)) {
      terminal.resize(new WindowSize(12, 345));
      assertEquals("12 345\n", on(terminal, "stty", "size"));
      assertTrue(on(terminal, "stty", "-a").contains(" iutf8"));

      terminal.keyboard().write("ab\r".getBytes(UTF_8)); // the Enter key
      assertEquals("ab\r\n", read(terminal.output(), 4));
      assertEquals("ab\n", on(terminal, "head", "-n", "1"));
    }
  }

  /// A signal that lets jbuild go on may be handled when the process in front is gone.
  @Test
  void aTerminalThatWasGivenBackStaysAsItWas() throws Exception {
    assumeTrue(Files.isReadable(MACHINE.resolve("ptmx")), "there are no terminals here");
    try (var terminal = PseudoTerminal.open(MACHINE)) {
      var before = on(terminal, "stty", "-g");
      var mode = terminal.mode();
      mode.makeRaw();
      assertNotEquals(before, on(terminal, "stty", "-g"));
      mode.close();
      mode.makeRaw();
      assertEquals(before, on(terminal, "stty", "-g"));
    }
  }

  /// What was written before the last process closed it is read; then comes the end.
  @Test
  void theEndComesAfterAllThatWasWritten() throws Exception {
    assumeTrue(Files.isReadable(MACHINE.resolve("ptmx")), "there are no terminals here");
    try (var terminal = PseudoTerminal.open(MACHINE)) {
      var slave = new File("/dev/pts/" + terminal.number());
      new ProcessBuilder("printf", "x\\ny").redirectOutput(slave).start().waitFor();
      terminal.releaseSlave();
      assertEquals("x\r\ny", new String(terminal.output().readAllBytes(), UTF_8));
    }
  }

  @Test
  void aNamedPipeEndsWithItsLastWriter() throws Exception {
    try (var pipe = NamedPipe.make(temp, "pipe")) {
      var file = temp.resolve("pipe").toFile();
      new ProcessBuilder("printf", "one").redirectOutput(file).start().waitFor();
      assertEquals("one", read(pipe.output(), 3));
      new ProcessBuilder("printf", "two").redirectOutput(file).start().waitFor();
      pipe.releaseWriter();
      assertEquals("two", new String(pipe.output().readAllBytes(), UTF_8));
    }
  }

  @Test
  void aFileHasNoTerminalMode() throws Exception {
    try (var file = OpenFile.open(Files.createFile(temp.resolve("f")))) {
      assertTrue(TerminalMode.of(file.number()).isEmpty());
    }
  }
}
