package dev.jbuild.linux;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Case 112: kernel locks that exclude threads too and are not lost by accident.
class FileLockTest {

  @TempDir Path temp;
  private Path path;

  @BeforeEach
  void name() {
    path = temp.resolve("lock");
  }

  @Test
  void anExclusiveLockKeepsEveryoneElseOutUntilItIsClosed() throws IOException {
    try (var _ = FileLock.exclusive(path)) {
      assertTrue(FileLock.tryExclusive(path).isEmpty());
      assertTrue(FileLock.tryShared(path).isEmpty());
    }
    try (var again = FileLock.tryExclusive(path).orElseThrow()) {
      assertNotNull(again);
    }
  }

  @Test
  void sharedLocksGoTogetherAndTheLastOneKeepsAnExclusiveOneOut() throws IOException {
    try (var _ = FileLock.shared(path)) {
      try (var _ = FileLock.shared(path)) {
        assertTrue(FileLock.tryExclusive(path).isEmpty());
      }
      assertTrue(FileLock.tryExclusive(path).isEmpty());
    }
    FileLock.tryExclusive(path).orElseThrow().close();
  }

  @Test
  void survivesTheClosingOfAnotherChannelOnTheFile() throws IOException {
    try (var _ = FileLock.exclusive(path)) {
      FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE).close();

      assertTrue(FileLock.tryExclusive(path).isEmpty());
    }
  }

  @Test
  void waitsUntilTheHolderIsDone() throws Exception {
    var waiter = new CompletableFuture<Boolean>();
    try (var _ = FileLock.exclusive(path)) {
      Thread.ofPlatform()
          .start(
              () -> {
                try (var _ = FileLock.exclusive(path)) {
                  waiter.complete(FileLock.tryShared(path).isEmpty());
                } catch (IOException e) {
                  waiter.completeExceptionally(e);
                }
              });
      assertThrows(TimeoutException.class, () -> waiter.get(50, MILLISECONDS));
    }

    assertTrue(waiter.get(2, MINUTES));
  }

  @Test
  void theFileIsMadeForItsOwnerOnlyAndStays() throws IOException {
    FileLock.exclusive(path).close();

    assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(path));
  }
}
