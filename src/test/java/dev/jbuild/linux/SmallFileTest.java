package dev.jbuild.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SmallFileTest {

  @TempDir Path directory;

  @Test
  void readsWhatJavaReads() throws IOException {
    var bytes = new byte[700_000];
    new Random(1).nextBytes(bytes);
    var file = Files.write(directory.resolve("fïle"), bytes);
    var link = Files.createSymbolicLink(directory.resolve("link"), file);
    assertArrayEquals(bytes, SmallFile.bytes(link));
    assertEquals(Files.readString(file, StandardCharsets.ISO_8859_1), SmallFile.text(file));
    assertArrayEquals(new byte[0], SmallFile.bytes(Files.createFile(directory.resolve("empty"))));
  }

  @Test
  void readsFilesWhoseSizeNobodyKnows() throws IOException {
    var boot = Path.of("/proc/sys/kernel/random/boot_id");
    assertEquals(Files.readString(boot), SmallFile.text(boot));
  }

  @Test
  void failsAsJavaDoes() {
    var missing = directory.resolve("missing");
    var failure = assertThrows(NoSuchFileException.class, () -> SmallFile.bytes(missing));
    assertEquals(missing.toString(), failure.getFile());
    var none = assertThrows(FileSystemException.class, () -> SmallFile.bytes(directory));
    assertEquals("is a directory", none.getReason());
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void doesNotWaitForAPipe() throws IOException, InterruptedException {
    var pipe = directory.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    assertArrayEquals(new byte[0], SmallFile.bytes(pipe));
  }
}
