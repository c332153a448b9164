package dev.jbuild.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The smallest programs, each tried with the emulator of its processor.
class ExitProgramTest {

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "amd64, x86_64",
    "386, i386",
    "arm64, aarch64",
    "arm, arm",
    "riscv64, riscv64",
    "ppc64le, ppc64le",
    "s390x, s390x",
    "loong64, loongarch64",
    "mips64le, mips64el",
  })
  void endsWithZero(String architecture, String emulator) throws Exception {
    var file = directory.resolve("exit");
    Files.write(file, ExitProgram.of(architecture).orElseThrow().bytes());
    assertTrue(file.toFile().setExecutable(true));
    assertEquals(0, emulate(emulator, file));
  }

  private static int emulate(String emulator, Path file) throws IOException, InterruptedException {
    var qemu = Path.of("/usr/bin/qemu-" + emulator + "-static");
    assumeTrue(
        Files.isExecutable(qemu) || System.getenv("JBUILD_REQUIRE_TOOLS") != null,
        qemu + " is not installed");
    return new ProcessBuilder(qemu.toString(), file.toString()).start().waitFor();
  }

  @Test
  void otherProcessorsHaveNone() {
    assertTrue(ExitProgram.of("vax").isEmpty());
    assertTrue(ExitProgram.of("").isEmpty());
  }
}
