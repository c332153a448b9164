package dev.jbuild.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.image.ChainId;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.MountedFileSystem;
import dev.jbuild.linux.Mounts;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever a step does to an overlay: the tree that it leaves, the tree that its layer is unpacked
/// to elsewhere, and the layers put together in memory are one and the same file system.
class OverlayRoundTripTest {

  private static final int ROUNDS = 3;
  private static final int CHANGES = 40;

  @TempDir Path temp;
  private Store store;
  private Path target = Path.of("");
  private RandomChanges changes = new RandomChanges(Path.of(""));

  @BeforeEach
  void open() throws IOException {
    assumeTrue(Machine.uid() == 0 && !Machine.inUserNamespace(), "mounting needs root");
    assumeFalse(MountedFileSystem.of(temp).isOverlay(), "an overlay cannot lie on an overlay");
    target = Files.createDirectory(temp.resolve("target"));
    changes = new RandomChanges(target);
    store = Store.open(temp.resolve("store"));
    var one = Files.createDirectory(temp.resolve("one"));
    var two = Files.createDirectory(temp.resolve("two"));
    try {
      Mounts.overlay(List.of(one, two), null, null, target, false, false);
      Mounts.unmount(target);
    } catch (LinuxException refused) {
      if (refused.is(Errno.EPERM)) {
        abort("mounting is not permitted here");
      }
      throw refused;
    }
  }

  @AfterEach
  void close() throws IOException {
    while (Files.readString(Path.of("/proc/self/mountinfo")).contains(" " + target + " ")) {
      Mounts.detach(target);
    }
    if (store != null) {
      store.close();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void aStepsTreeIsWhatItsLayerSays(long seed) throws IOException {
    var random = new Random(seed);
    var clamp = seed % 4 == 0 ? OptionalLong.of(1_200_000_000) : OptionalLong.empty();
    var diffIds = new ArrayList<Digest>();
    diffIds.add(store.blobs().put(RandomChanges.base().bytes()));
    for (int round = 0; round < ROUNDS; round++) {
      step(diffIds, random, clamp);
      var layers = new LayerReader(store);
      var trees = new TreeUnpacker(store, layers).trees(diffIds);

      var left = mounted(trees);
      var elsewhere = unpackedElsewhere(diffIds, seed + "-" + round);

      assertEquals(left, elsewhere, "seed " + seed + ", round " + round);
      assertEquals(left, Snapshot.ofView(layers.view(diffIds), layers));
    }
  }

  private void step(List<Digest> diffIds, Random random, OptionalLong clamp) throws IOException {
    var layers = new LayerReader(store);
    var lowers = new TreeUnpacker(store, layers).trees(diffIds).reversed();
    var view = layers.view(diffIds);
    try (var draft = store.trees().draft()) {
      copyRoot(view, draft.fs());
      Mounts.overlay(lowers, draft.fs(), draft.freshWork(), target, false, true);
      for (int i = 0; i < CHANGES; i++) {
        changes.make(random);
      }
      var seen = Snapshot.ofDisk(target, false);
      Mounts.unmount(target);
      try (var diff = new UpperDiff(Directory.open(draft.fs()), view, layers, clamp)) {
        var changes = diff.changes();
        assertFalse(changes.isEmpty());
        var written = changes.write(store);
        var chain = ChainId.next(ChainId.of(diffIds), written.diffId());
        diffIds.add(written.diffId());
        store.trees().commit(draft, chain);
      }
      assertEquals(seen, mountedWithoutTimes(new TreeUnpacker(store, layers).trees(diffIds)));
    }
  }

  private static void copyRoot(MergedView view, Path top) throws IOException {
    var entry = view.find(ArchivePath.ROOT).orElseThrow().entry();
    try (var root = Directory.open(top)) {
      root.setOwner(entry.uid(), entry.gid());
      root.setMode(entry.mode());
      root.setTime(entry.mtime(), 0);
    }
  }

  private String mounted(List<Path> trees) throws IOException {
    Mounts.overlay(trees.reversed(), null, null, target, false, false);
    try {
      return Snapshot.ofDisk(target, true);
    } finally {
      Mounts.unmount(target);
    }
  }

  private String mountedWithoutTimes(List<Path> trees) throws IOException {
    Mounts.overlay(trees.reversed(), null, null, target, false, false);
    try {
      return Snapshot.ofDisk(target, false);
    } finally {
      Mounts.unmount(target);
    }
  }

  private String unpackedElsewhere(List<Digest> diffIds, String name) throws IOException {
    try (var other = Store.open(temp.resolve("store-" + name))) {
      for (var diffId : diffIds) {
        other.blobs().put(store.blobs().read(diffId, 1 << 24));
      }
      return mounted(new TreeUnpacker(other, new LayerReader(other)).trees(diffIds));
    }
  }
}
