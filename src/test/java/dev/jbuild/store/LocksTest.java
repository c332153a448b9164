package dev.jbuild.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Machine;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Locks and leases: case 112.
class LocksTest {

  @TempDir Path temp;
  private Path root;
  private final Digest step = Digest.of(new byte[] {1});

  @BeforeEach
  void name() {
    root = temp.resolve("store");
  }

  @Test
  void aStepIsOneAtATime() throws Exception {
    try (var one = Store.open(root);
        var two = Store.open(root)) {
      CompletableFuture<Boolean> waiting;
      try (var _ = one.lock(step)) {
        assertTrue(two.tryLock(step).isEmpty());
        assertTrue(one.tryLock(step).isEmpty(), "another thread of the same process");
        two.lock(Digest.of(new byte[] {2})).close();
        waiting = CompletableFuture.supplyAsync(() -> locks(two));
        Thread.sleep(60);
        assertFalse(waiting.isDone());
      }
      assertTrue(waiting.get());
    }
  }

  private boolean locks(Store store) {
    try (var _ = store.lock(step)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void anInterruptedThreadEndsNobodysClaims() throws Exception {
    var digests = new ArrayList<Digest>();
    try (var store = Store.open(root)) {
      digests.add(store.blobs().put(new byte[] {1}));
      digests.add(store.blobs().put(new byte[] {2}));
    }
    try (var store = Store.open(root)) {
      Thread.currentThread().interrupt();
      try {
        assertTrue(store.lease().keep(digests.getFirst()));
      } finally {
        assertTrue(Thread.interrupted());
      }
      assertTrue(store.lease().keep(digests.getLast()));
    }
  }

  @Test
  void waitingForAStepCanBeInterrupted() throws Exception {
    try (var store = Store.open(root);
        var _ = store.lock(step)) {
      var end = new CompletableFuture<Throwable>();
      var thread =
          Thread.ofPlatform()
              .start(() -> end.complete(assertThrows(IOException.class, () -> store.lock(step))));
      Thread.sleep(50);
      thread.interrupt();
      assertEquals(InterruptedIOException.class, end.get().getClass());
    }
  }

  @Test
  void aLockThatIsNotFreeNamesItsHolder() throws IOException {
    var file = temp.resolve("lock");
    try (var _ = Locks.exclusive(file)) {
      var failure =
          assertThrows(BuildFailure.class, () -> Locks.exclusive(file, Duration.ofMillis(60)));
      assertTrue(failure.message().contains("process " + Machine.pid()), failure.message());
      assertTrue(failure.message().contains(file.toString()), failure.message());
    }
    Locks.exclusive(file, Duration.ofMillis(60)).close();
  }

  @Test
  void aLeaseOfTheDeadIsRemovedWithItsFilesAndNothingElseIs() throws IOException {
    Store.open(root).close();
    var dead = "0123456789abcdef0123456789abcdef";
    var orphan = "ffffffffffffffffffffffffffffffff";
    Files.writeString(root.resolve("leases").resolve(dead), step.hex() + "\n");
    for (var name : List.of(dead, orphan, "other-thing")) {
      Files.createDirectories(root.resolve("tmp").resolve(name).resolve("sub"));
    }
    Files.writeString(root.resolve("leases/foreign"), "x");
    try (var living = Store.open(root)) {
      var temporary = living.makeTemporaryDirectory();
      try (var store = Store.open(root)) {
        store.prune(PruneOptions.DEFAULT);
      }
      assertFalse(Files.exists(root.resolve("leases").resolve(dead)));
      assertFalse(Files.exists(root.resolve("tmp").resolve(dead)));
      assertFalse(Files.exists(root.resolve("tmp").resolve(orphan)));
      assertTrue(Files.exists(temporary), "of one that lives");
    }
    assertTrue(Files.exists(root.resolve("tmp/other-thing/sub")));
    assertTrue(Files.exists(root.resolve("leases/foreign")));
  }

  @Test
  void theNextWriterReapsTheDead() throws Exception {
    Store.open(root).close();
    var dead = root.resolve("leases/0123456789abcdef0123456789abcdef");
    Files.writeString(dead, "");
    try (var store = Store.open(root)) {
      store.blobs().put(new byte[] {1});
      for (int i = 0; Files.exists(dead) && i < 6000; i++) {
        Thread.sleep(10);
      }
      assertFalse(Files.exists(dead));
    }
  }

  /// As on a full disk. A directory that takes no other stands for one.
  @Test
  void aLeaseThatCannotBeMadeLeavesNothing() throws IOException {
    Store.open(root).close();
    Files.delete(root.resolve("tmp"));
    Files.createSymbolicLink(root.resolve("tmp"), Path.of("/proc"));
    var leases = root.resolve("leases").toFile();
    try (var store = Store.open(root)) {
      assertThrows(IOException.class, () -> store.blobs().put(new byte[] {1})); // classes are there
      int before = descriptors();
      for (int i = 0; i < 200; i++) {
        assertThrows(IOException.class, () -> store.blobs().put(new byte[] {1}));
      }
      assertTrue(descriptors() < before + 100, () -> descriptors() + " after " + before);
      assertEquals(List.of(), List.of(Objects.requireNonNull(leases.list())));
      Files.delete(root.resolve("tmp"));
      store.blobs().put(new byte[] {1});
    }
  }

  private static int descriptors() {
    return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
  }

  @Test
  void anOpenStoreHoldsWhatItKeeps() throws IOException {
    try (var store = Store.open(root)) {
      var missing = Digest.of(new byte[] {7});
      assertFalse(store.lease().keep(missing));
      var digest = store.blobs().put(new byte[] {1});
      assertTrue(store.lease().keep(digest));
      assertEquals(1, Leases.claimed(new Layout(store.root())).size());
      Files.delete(store.blobs().path(digest));
      assertFalse(store.lease().keep(digest), "somebody removed it by hand");
    }
    assertEquals(0, Leases.claimed(new Layout(root.toRealPath())).size());
  }
}
