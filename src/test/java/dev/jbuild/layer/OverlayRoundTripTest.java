package dev.jbuild.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.image.ChainId;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.FileType;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.MountedFileSystem;
import dev.jbuild.linux.Mounts;
import dev.jbuild.linux.OpenFile;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
  private static final List<String> NAMES = List.of("a", "b", "c", "d", "e-f", "\u00E4");

  @TempDir Path temp;
  private Store store;
  private Path target = Path.of("");
  private int counter;

  @BeforeEach
  void open() throws IOException {
    assumeTrue(Machine.uid() == 0 && !Machine.inUserNamespace(), "mounting needs root");
    assumeFalse(MountedFileSystem.of(temp).isOverlay(), "an overlay cannot lie on an overlay");
    target = Files.createDirectory(temp.resolve("target"));
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

  private static Tars base() {
    return new Tars()
        .mtime(1_000_000_000)
        .directory(".", 0755)
        .directory("a", 0755)
        .directory("a/b", 0700)
        .file("a/b/c", "one")
        .hardlink("a/b/d", "a/b/c")
        .owner(12, 34)
        .directory("b", 01777)
        .xattr("user.x", "1")
        .file("b/a", "two", 0600)
        .file("b/d", "three")
        .directory("b/c")
        .file("b/c/a", "four")
        .file("b/c/b", "five")
        .symlink("c", "a/b")
        .symlink("d", "/b")
        .file("e-f", "six", 04755);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void aStepsTreeIsWhatItsLayerSays(long seed) throws IOException {
    var random = new Random(seed);
    var clamp = seed % 4 == 0 ? OptionalLong.of(1_200_000_000) : OptionalLong.empty();
    var diffIds = new ArrayList<Digest>();
    diffIds.add(store.blobs().put(base().bytes()));
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
      Mounts.overlay(lowers, draft.fs(), draft.work(), target, false, true);
      for (int i = 0; i < CHANGES; i++) {
        change(random);
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

  /// Does something to something; what the system refuses is left.
  private void change(Random random) throws IOException {
    var directory = somewhere(random);
    var name = NAMES.get(random.nextInt(NAMES.size()));
    var bytes = name.getBytes(UTF_8);
    try (var here = Directory.open(directory);
        var there = Directory.open(somewhere(random))) {
      switch (random.nextInt(14)) {
        case 0, 1 -> {
          try (var file = here.createFile(bytes, 0644)) {
            write(file, "new " + counter++);
          }
        }
        case 2 -> {
          try (var file = here.openForWriting(bytes)) { // waits for no FIFO
            write(file, "other " + counter++);
          }
        }
        case 3 -> here.removeTree(bytes);
        case 4 -> here.makeDirectory(bytes, 0750);
        case 5 ->
            here.rename(bytes, there, NAMES.get(random.nextInt(NAMES.size())).getBytes(UTF_8));
        case 6 -> here.makeSymlink(bytes, "../b".getBytes(UTF_8));
        case 7 -> there.makeHardLink(("l" + counter++).getBytes(UTF_8), here, bytes);
        case 8 -> here.setMode(bytes, 0600 + (counter++ & 077));
        case 9 -> here.setOwner(bytes, 100 + counter++, 5);
        case 10 -> here.setXattr(bytes, "user.n", ("" + counter++).getBytes(UTF_8));
        case 11 -> here.setTime(bytes, 1_100_000_000 + counter++, 500_000_000);
        case 12 -> {
          here.removeTree(bytes);
          here.makeDirectory(bytes, 0711);
          try (var made = here.openDirectory(bytes);
              var file = made.createFile(new byte[] {'a'}, 0640)) {
            write(file, "inner " + counter++);
          }
        }
        case 13 -> {
          here.removeTree(bytes);
          here.makeNode(bytes, FileType.FIFO, 0600, 0, 0);
        }
        default -> throw new IllegalStateException();
      }
    } catch (LinuxException refused) {
      // so would a program be
    }
  }

  private static void write(OpenFile file, String text) throws IOException {
    var bytes = text.getBytes(UTF_8);
    file.outputStream().write(bytes);
  }

  private Path somewhere(Random random) throws IOException {
    try (var all = Files.walk(target, 4)) {
      var directories =
          all.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)).sorted().toList();
      return directories.get(random.nextInt(directories.size()));
    }
  }
}
