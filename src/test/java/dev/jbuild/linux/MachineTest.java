package dev.jbuild.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {

  @TempDir Path temp;

  @Test
  void filesBelongToTheUserThatMadeThem() throws IOException {
    assertEquals(
        Machine.uid(), Files.getAttribute(Files.createFile(temp.resolve("f")), "unix:uid"));
    assertEquals(Machine.gid(), Files.getAttribute(temp.resolve("f"), "unix:gid"));
  }

  @Test
  void aFileIsNoTerminal() throws IOException {
    try (var file = OpenFile.open(Files.createFile(temp.resolve("f")))) {
      assertFalse(Machine.isTerminal(file.number()));
      assertEquals(0, Machine.terminalColumns(file.number()));
    }
  }

  @Test
  void theSpaceOfAFileSystem() throws IOException {
    var space = MountedFileSystem.of(temp);

    assertFalse(space.readOnly());
    assertTrue(space.freeBytes() > 0);
    assertTrue(space.freeBytes() <= temp.toFile().getTotalSpace());
    assertThrows(LinuxException.class, () -> MountedFileSystem.of(temp.resolve("missing")));
  }

  @Test
  void otherMachinesAreRefusedInOneLine() {
    assertEquals(Optional.empty(), Machine.refusal());
    assertEquals(Processor.AARCH64, Processor.of("Linux", "aarch64"));
    var failure =
        assertThrows(UnsupportedOperationException.class, () -> Processor.of("Linux", "riscv64"));
    assertEquals(
        "jbuild runs on Linux on x86-64 and aarch64, not on Linux riscv64", failure.getMessage());
    assertThrows(UnsupportedOperationException.class, () -> Processor.of("Mac OS X", "aarch64"));
  }
}
