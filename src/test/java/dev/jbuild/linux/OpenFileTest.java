package dev.jbuild.linux;

import static dev.jbuild.linux.DirectoryTest.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is opened, and what is read and written then.
class OpenFileTest {

  @TempDir Path temp;
  private Directory directory;

  @BeforeEach
  void open() throws IOException {
    directory = Directory.open(temp);
  }

  @AfterEach
  void close() {
    directory.close();
  }

  /// Case 16.
  @Test
  void aFifoIsRefusedWithoutWaitingForItsOtherEnd() throws IOException {
    directory.makeNode(bytes("fifo"), FileType.FIFO, 0600, 0, 0);

    for (var path : new String[] {"fifo", "./fifo", "/fifo"}) {
      var failure =
          assertTimeoutPreemptively(
              Duration.ofSeconds(5),
              () ->
                  assertThrows(
                      LinuxException.class, () -> directory.resolveFile(bytes(path)).close()));
      assertTrue(
          String.valueOf(failure.getMessage()).contains("not a regular file but a FIFO"),
          failure::toString);
    }
    assertThrows(LinuxException.class, () -> directory.openFile(bytes("fifo")));
    assertThrows(LinuxException.class, () -> directory.openForWriting(bytes("fifo")));
    assertThrows(LinuxException.class, () -> OpenFile.open(temp.resolve("fifo")));
  }

  /// A device's own open method has effects, so the refusal must come before it.
  @ParameterizedTest
  @ValueSource(strings = {"null", "zero", "full", "random"})
  void aDeviceIsRefused(String name) throws IOException {
    try (var devices = Directory.open(Path.of("/dev"))) {
      assumeTrue(devices.stat(bytes(name)).isPresent(), "no such device here");

      var failure = assertThrows(LinuxException.class, () -> devices.openFile(bytes(name)));

      assertEquals(Errno.ENXIO, failure.errno());
      assertEquals(
          "/dev/" + name + ": not a regular file but a character device (open)",
          failure.getMessage());
      assertThrows(LinuxException.class, () -> devices.openForWriting(bytes(name)));
      assertThrows(LinuxException.class, () -> OpenFile.open(Path.of("/dev", name)));
    }
  }

  @Test
  void aDirectoryIsNoFile() throws IOException {
    directory.makeDirectory(bytes("d"), 0755);

    var failure = assertThrows(LinuxException.class, () -> directory.openFile(bytes("d")));

    assertEquals(Errno.EISDIR, failure.errno());
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    var content = random(1_000_003);
    try (var file = directory.createFile(bytes("f"), 0600)) {
      file.write(content, 3, content.length - 3);
      file.beginSync(0, content.length); // a hint
      file.sync();
    }

    try (var file = directory.openFile(bytes("f"))) {
      assertEquals(content.length - 3, file.stat().size());
      assertArrayEquals(
          Arrays.copyOfRange(content, 3, content.length), file.inputStream().readAllBytes());
      assertEquals(-1, file.read(new byte[1], 0, 1));
      assertEquals(0, file.read(new byte[1], 0, 0));
      var part = new byte[20];
      assertEquals(10, file.readAt(500, part, 5, 10));
      assertArrayEquals(Arrays.copyOfRange(content, 503, 513), Arrays.copyOfRange(part, 5, 15));
      assertEquals(-1, file.readAt(content.length, part, 0, 10));
    }
  }

  @Test
  void aFileForReadingCannotBeWritten() throws IOException {
    directory.createFile(bytes("f"), 0600).close();

    try (var file = directory.openFile(bytes("f"))) {
      var failure = assertThrows(LinuxException.class, () -> file.write(new byte[1], 0, 1));
      assertEquals(Errno.EBADF, failure.errno());
    }
  }

  @Test
  void openForWritingKeepsWhatIsThere() throws IOException {
    Files.writeString(temp.resolve("f"), "hello world");

    try (var file = directory.openForWriting(bytes("f"));
        var out = file.outputStream()) {
      out.write(bytes("HELLO"));
      out.write('!');
      file.truncate(8);
    }

    assertEquals("HELLO!wo", Files.readString(temp.resolve("f")));
  }

  @Test
  void createFileFailsIfTheNameIsTaken() throws IOException {
    directory.makeSymlink(bytes("f"), bytes("target"));

    var failure = assertThrows(LinuxException.class, () -> directory.createFile(bytes("f"), 0600));

    assertEquals(Errno.EEXIST, failure.errno());
    assertTrue(directory.stat(bytes("target")).isEmpty());
  }

  @Test
  void copiesRangesInsideTheKernel() throws IOException {
    var content = random(700_000);
    Files.write(temp.resolve("from"), content);
    try (var from = directory.openFile(bytes("from"));
        var to = directory.createFile(bytes("to"), 0600)) {
      long done = 0;
      while (done < 600_000) {
        done += from.copyTo(50_000 + done, to, 7 + done, 600_000 - done);
      }
      assertEquals(0, from.copyTo(700_000, to, 0, 10));
    }

    var copy = Files.readAllBytes(temp.resolve("to"));
    assertEquals(600_007, copy.length);
    assertArrayEquals(
        Arrays.copyOfRange(content, 50_000, 650_000), Arrays.copyOfRange(copy, 7, copy.length));
  }

  /// From /proc the kernel copies nothing, though there is something.
  @Test
  void copiesByHandWhereTheKernelCannot() throws IOException {
    var expected = Files.readAllBytes(Path.of("/proc/version"));
    try (var from = OpenFile.open(Path.of("/proc/version"));
        var to = directory.createFile(bytes("to"), 0600)) {
      assertEquals(expected.length, from.copyTo(0, to, 0, 1 << 20));
      assertEquals(0, from.copyTo(expected.length, to, expected.length, 1 << 20));
    }

    assertArrayEquals(expected, Files.readAllBytes(temp.resolve("to")));
  }

  @Test
  void attributesOfAnOpenFile() throws IOException {
    try (var file = directory.createFile(bytes("f"), 0)) {
      file.setMode(06711);
      file.setTime(1_234_567_890, 5);
      file.setOwner(Machine.uid(), Machine.gid());
      file.setXattr("user.a", new byte[] {0, -1});

      assertArrayEquals(new byte[] {0, -1}, file.xattrs().get("user.a"));
    }
    var stat = directory.stat(bytes("f")).orElseThrow();
    assertEquals(1_234_567_890, stat.mtime());
    assertEquals(5, stat.mtimeNanos());
  }

  @Test
  void aClosedFileIsNotUsed() throws IOException {
    var file = directory.createFile(bytes("f"), 0600);
    file.close();
    file.close();

    assertThrows(IllegalStateException.class, file::stat);
  }

  @Test
  void descriptorsAreCloseOnExec() throws IOException {
    try (var file = directory.createFile(bytes("f"), 0600)) {
      var info = Files.readString(Path.of("/proc/self/fdinfo/" + file.number()));
      var own = Files.readString(Path.of("/proc/self/fdinfo/" + directory.number()));

      assertEquals(02000000, flags(info) & 02000000);
      assertEquals(02000000, flags(own) & 02000000);
    }
  }

  private static int flags(String fdinfo) {
    var line = fdinfo.lines().filter(l -> l.startsWith("flags:")).findFirst().orElseThrow();
    return Integer.parseInt(line.substring(6).strip(), 8);
  }

  private static byte[] random(int length) {
    var bytes = new byte[length];
    new Random(7).nextBytes(bytes);
    return bytes;
  }
}
