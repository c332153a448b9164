package dev.jbuild.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A copy that shares its blocks with the original, where the file system of the tests can do that
/// (`-Djava.io.tmpdir` on xfs or btrfs); elsewhere it is refused.
class TreeCopyTest {

  @TempDir Path temp;

  @Test
  void aCopyIsTheSameAndStaysSoWhenTheOriginalChanges() throws IOException {
    var original = Files.createDirectory(temp.resolve("original"));
    var copy = Files.createDirectory(temp.resolve("copy"));
    List<Digest> layers;
    try (var store = Store.open(temp.resolve("store"))) {
      layers = List.of(store.blobs().put(RandomChanges.base().bytes()));
      new TreeAdvance(new LayerReader(store)).advance(original, List.of(), layers);
    }
    var changes = new RandomChanges(original);
    for (int i = 0; i < 60; i++) {
      changes.make(new Random(i));
    }
    var before = Snapshot.ofDisk(original, true);

    try (var files = new TreeCopy(Directory.open(original), Directory.open(copy))) {
      if (!files.share()) {
        assertFalse(isSharing(), "xfs and btrfs share blocks");
        return;
      }
    }
    assertEquals(before, Snapshot.ofDisk(copy, true));
    Files.writeString(original.resolve("a/new"), "x");
    Files.writeString(original.resolve("e-f"), "changed");
    assertEquals(before, Snapshot.ofDisk(copy, true));
  }

  private boolean isSharing() throws IOException {
    return List.of("xfs", "btrfs").contains(Files.getFileStore(temp).type());
  }
}
