package dev.jbuild.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.BuildFailure.Kind;
import dev.jbuild.image.Digest;
import dev.jbuild.store.Store;
import dev.jbuild.tar.TarFormatException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of a build that counted on a layer of a cache.
class SharedCachesTest {

  @TempDir Path temp;

  private Optional<String> blame(Exception failure, boolean counts) throws Exception {
    try (var store = Store.open(temp.resolve("store"))) {
      var caches = SharedCaches.none(store);
      if (counts) {
        caches.isUsableAsTold(Digest.of(new byte[] {1}));
      }
      return caches.blame(failure);
    }
  }

  @Test
  void failureOfContentIsTheCachesIfOneOfItsLayersCannotBeHad() throws Exception {
    for (var failure :
        List.of(
            BuildFailure.of(Kind.REGISTRY, "gone"),
            BuildFailure.of(Kind.STORE, "the layer is not in the store"),
            BuildFailure.of(Kind.STORE, "damaged", new TarFormatException("x")),
            new TarFormatException("x"))) {
      assertTrue(blame(failure, true).orElseThrow().startsWith("a layer of the cache cannot be"));
      assertEquals(Optional.empty(), blame(failure, false), failure::toString);
    }
  }

  /// It would end the second attempt like the first, after all layers of the cache had come.
  @Test
  void failureOfTheMachineIsNot() throws Exception {
    var full = new FileSystemException("blobs", null, "No space left on device");
    for (var failure :
        List.of(
            full,
            BuildFailure.of(Kind.STORE, "no space left on device", full),
            BuildFailure.of(Kind.STEP, "exit code 1"),
            BuildFailure.of(Kind.CONTEXT, "changed while it was read"))) {
      assertEquals(Optional.empty(), blame(failure, true), failure::toString);
    }
  }
}
