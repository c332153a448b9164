package dev.jbuild.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.MountedFileSystem;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A tree that steps change and that layers are made from by comparing.
class TreeDiffTest {

  private static final int ROUNDS = 3;
  private static final int CHANGES = 40;

  @TempDir Path temp;
  private Store store;
  private LayerReader layers;
  private Path tree = Path.of("");
  private final List<Digest> diffIds = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    assumeTrue(Machine.uid() == 0 && !Machine.inUserNamespace(), "such a tree is root's to make");
    store = Store.open(temp.resolve("store"));
    layers = new LayerReader(store);
    tree = Files.createDirectory(temp.resolve("tree"));
  }

  @AfterEach
  void close() throws IOException {
    if (store != null) {
      store.close();
    }
  }

  private TreeStamps begin(Tars base) throws IOException {
    diffIds.add(store.blobs().put(base.bytes()));
    new TreeAdvance(layers).advance(tree, List.of(), diffIds);
    return stamps();
  }

  private TreeStamps stamps() throws IOException {
    try (var beside = Directory.open(temp)) {
      return TreeStamps.take(Directory.open(tree), beside);
    }
  }

  /// The names of the layer that the tree's changes make, and the stamps for the next.
  private record Step(String names, TreeStamps after) {}

  private Step diff(TreeStamps before) throws IOException {
    return diff(before, OptionalLong.empty());
  }

  private Step diff(TreeStamps before, OptionalLong clamp) throws IOException {
    var view = layers.view(diffIds);
    try (var diff = new TreeDiff(Directory.open(tree), before, Set.of(), view, layers, clamp);
        var beside = Directory.open(temp)) {
      var changes = diff.changes();
      var names = new ArrayList<String>();
      if (!changes.isEmpty()) {
        var written = changes.write(store);
        diffIds.add(written.diffId());
        var index = layers.index(written.diffId());
        index.hidden().forEach(path -> names.add("-" + path.printable()));
        index.entries().forEach(each -> names.add(each.entry().path().printable()));
      }
      return new Step(String.join(" ", names), diff.stamps(beside));
    }
  }

  private static Tars base() {
    return new Tars()
        .mtime(1_000_000_000)
        .directory(".", 0755)
        .directory("a", 0755)
        .file("a/f", "one\n")
        .file("a/g", "two\n")
        .file("one", "linked\n")
        .hardlink("two", "one")
        .directory("d", 0755)
        .file("d/x", "x\n");
  }

  private void shell(String script) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder("sh", "-ec", script)
            .directory(tree.toFile())
            .redirectErrorStream(true)
            .start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
  }

  /// Each right after the tree was made, so that change times may well be equal; afterwards the
  /// times of all directories are as they were, but where names came and went.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "true | ''",
        "cat a/f d/x | ''",
        // Same size, same time: rewritten, replaced, made anew.
        "printf 'ONE\\n' > a/f; touch -d @1000000000 a/f | a a/f",
        "printf 'ONE\\n' > t; touch -d @1000000000 t; mv t a/f; touch -d @1000000000 a . | a a/f",
        "rm a/f; printf 'ONE\\n' > a/f; touch -d @1000000000 a/f a | a a/f",
        // The same content again is no change, however it came there.
        "printf 'one\\n' > a/f; touch -d @1000000000 a/f | ''",
        "cp -p a/f t; mv t a/f; touch -d @1000000000 a . | ''",
        "chmod 600 a/f; chmod 644 a/f | ''",
        // Nothing but metadata.
        "chmod 600 a/f | a a/f",
        "chown 7:8 a/f | a a/f",
        "touch -d @999999999 a/f | a a/f",
        "chmod 700 d | d",
        // A file with two names, changed through one of them.
        "printf 'LINKED\\n' > two; touch -d @1000000000 two | one two",
        "chmod 600 one | one two",
        "ln one three; touch -d @1000000000 . | one three two",
        "rm two; touch -d @1000000000 . | -two",
        // Names exchanged: the same inodes in other places.
        "mv a/f t; mv a/g a/f; mv t a/g; touch -d @1000000000 a . | a a/f a/g",
        "mv a t; mv d a; mv t d; touch -d @1000000000 . | -a/f -a/g -d/x a a/x d d/f d/g",
        // Another kind of thing.
        "rm -r d; ln -s a d; touch -d @1000000000 . | d",
        "rm a/f; mkdir a/f; touch -d @1000000000 a/f a | a a/f",
        "rm -r a; touch -d @1000000000 . | -a",
      })
  void aChangeIsFoundHoweverItIsHidden(String script, String names) throws Exception {
    var before = begin(base());
    shell(script);
    assertEquals(names.replace("''", ""), diff(before).names());
    assertEquals(Snapshot.ofDisk(tree, true), Snapshot.ofView(layers.view(diffIds), layers));
  }

  @Test
  void anAttributeAloneIsAChange() throws Exception {
    var before = begin(base());
    try (var a = Directory.open(tree.resolve("a"))) {
      a.setXattr(new byte[] {'f'}, "user.n", new byte[] {1});
    }
    assertEquals("a a/f", diff(before).names());
  }

  /// On tmpfs such a write sets no time at all.
  @Test
  void aWriteThroughAMappingInMemoryIsFound() throws Exception {
    var memory = Path.of("/dev/shm");
    assumeTrue(Files.isWritable(memory) && MountedFileSystem.of(memory).isInMemory(), "no tmpfs");
    var place = Files.createTempDirectory(memory, "jbuild-test");
    try (var above = Directory.open(memory)) {
      temp = place;
      tree = Files.createDirectory(place.resolve("tree"));
      begin(base());
      try (var file =
          FileChannel.open(
              tree.resolve("a/f"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        var mapping = file.map(FileChannel.MapMode.READ_WRITE, 0, 4);
        assertEquals('o', mapping.get(0));
        shell("true"); // the clock goes on
        var before = stamps();
        mapping.put(0, (byte) 'O');
        assertEquals("a a/f", diff(before).names());
      } finally {
        above.removeTree(place.getFileName().toString().getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  @Test
  void whatOneStepMadeIsUntouchedForTheNext() throws Exception {
    var before = begin(base());
    shell("echo new > a/new; rm a/g");
    var first = diff(before);
    assertEquals("-a/g a a/new", first.names());
    var second = diff(first.after());
    assertEquals("", second.names());
    shell("printf 'NEW\\n' > a/new; touch -d @0 a/new");
    assertEquals("a a/new", diff(second.after()).names());
  }

  /// What is older than the clamp on disk must be so in the tree, too, or the next step would see
  /// and write something else than after a warm build.
  @Test
  void parentsOfWhatIsWrittenHaveTheClampedTime() throws Exception {
    var before = begin(base());
    shell("chmod 600 a/f");
    var first = diff(before, OptionalLong.of(900_000_000));
    assertEquals("a a/f", first.names());
    assertEquals(900_000_000_000L, Files.getLastModifiedTime(tree.resolve("a")).toMillis());
    assertEquals("", diff(first.after(), OptionalLong.of(900_000_000)).names());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aTreeIsWhatItsLayersSay(long seed) throws Exception {
    var random = new Random(seed);
    var clamp = seed % 4 == 0 ? OptionalLong.of(1_200_000_000) : OptionalLong.empty();
    var changes = new RandomChanges(tree);
    var before = begin(RandomChanges.base());
    var other = Files.createDirectory(temp.resolve("other"));
    var known = List.<Digest>of();
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < CHANGES; i++) {
        changes.make(random);
      }
      before = diff(before, clamp).after();
      var view = Snapshot.ofView(layers.view(diffIds), layers);
      assertEquals(view, Snapshot.ofDisk(tree, true), "seed " + seed + ", round " + round);

      var more = diffIds.subList(known.size(), diffIds.size());
      new TreeAdvance(layers).advance(other, known, more);
      known = List.copyOf(diffIds);
      assertEquals(view, Snapshot.ofDisk(other, true), "seed " + seed + ", round " + round);
    }
  }
}
