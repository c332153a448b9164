package dev.jbuild.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Digest;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A layer that is made again takes what is unchanged from the one before.
final class EarlierLayerTest {

  @TempDir Path temp;

  /// The names of the files that were read where they are.
  private final Set<String> read = new TreeSet<>();

  private record Text(byte[] bytes, Runnable opened) implements Content {

    @Override
    public Digest digest() {
      return Digest.of(bytes);
    }

    @Override
    public InputStream open() {
      opened.run();
      return new ByteArrayInputStream(bytes);
    }
  }

  private LayerDraft draft(NavigableMap<String, byte[]> files) {
    var draft = new LayerDraft(OptionalLong.empty());
    files.forEach(
        (name, bytes) ->
            draft.add(
                TarEntry.file(ArchivePath.of(name), 0644, 0, 0, bytes.length, 0),
                new Text(bytes, () -> read.add(name)),
                null));
    return draft;
  }

  private static NavigableMap<String, byte[]> files() {
    var files = new TreeMap<String, byte[]>();
    for (int i = 0; i < 40; i++) {
      files.put("d" + i % 3 + "/f" + i, ("file " + i + "\n").repeat(i * i).getBytes(UTF_8));
    }
    var large = new byte[100_000];
    new Random(1).nextBytes(large);
    files.put("d1/large", large);
    files.put("d2/huge", new byte[1 << 20]);
    files.put("etc/passwd", "root:x:0:0::/:/bin/sh\n".getBytes(UTF_8));
    return files;
  }

  private Digest again(Store store, Digest earlier, NavigableMap<String, byte[]> files)
      throws IOException {
    read.clear();
    try (var layer = EarlierLayer.open(new LayerReader(store), earlier).orElseThrow()) {
      return draft(files).write(store, layer).diffId();
    }
  }

  @Test
  void onlyWhatChangedIsRead() throws IOException {
    try (var store = Store.open(temp.resolve("store"))) {
      var first = draft(files()).write(store).diffId();
      var changed = files();
      changed.put("d1/f4", "another\n".getBytes(UTF_8));
      changed.put("d1/new", "new\n".getBytes(UTF_8));
      changed.put("a", "first of all\n".getBytes(UTF_8));
      changed.put("z", "last of all\n".getBytes(UTF_8));
      changed.remove("d0/f9");
      // As long as it was, and another content; and one that is too large to be taken.
      var turned = changed.getOrDefault("d1/large", new byte[0]).clone();
      turned[90_000]++;
      changed.put("d1/large", turned);
      var second = again(store, first, changed);
      assertEquals(Set.of("a", "d1/f4", "d1/large", "d1/new", "d2/huge", "z"), read);
      try (var other = Store.open(temp.resolve("other"))) {
        assertEquals(draft(changed).write(other).diffId(), second);
      }
      var reader = new LayerReader(store);
      var view = reader.view(List.of(second));
      for (var file : changed.entrySet()) {
        var entry = view.find(ArchivePath.of(file.getKey())).orElseThrow();
        try (var content = reader.content(entry)) {
          assertArrayEquals(file.getValue(), content.readAllBytes(), file.getKey());
        }
      }
    }
  }

  @Test
  void nothingIsTakenFromALayerWithoutDigestsOrInAnotherOrder() throws IOException {
    try (var store = Store.open(temp.resolve("store"))) {
      Digest backwards;
      try (var writer = new LayerWriter(store)) {
        for (var file : files().descendingMap().entrySet()) {
          var entry =
              TarEntry.file(ArchivePath.of(file.getKey()), 0644, 0, 0, file.getValue().length, 0);
          writer.add(entry, new Text(file.getValue(), () -> {}), Digest.of(file.getValue()));
        }
        backwards = writer.finish().diffId();
      }
      var wanted = draft(files()).write(store).diffId();
      assertEquals(wanted, again(store, backwards, files()));
      Digest unknown;
      try (var writer = new LayerWriter(store)) {
        for (var file : files().entrySet()) {
          var entry =
              TarEntry.file(ArchivePath.of(file.getKey()), 0644, 0, 0, file.getValue().length, 7);
          writer.add(entry, new Text(file.getValue(), () -> {}), null);
        }
        unknown = writer.finish().diffId();
      }
      assertEquals(wanted, again(store, unknown, files()));
      assertTrue(read.containsAll(List.of("d0/f39", "d1/large")), read.toString());
    }
  }

  /// By its CRC-32, or by its digest if the index has none.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDamagedFileIsReadWhereItIs(boolean hasSums) throws IOException {
    try (var store = Store.open(temp.resolve("store"))) {
      var first = draft(files()).write(store).diffId();
      var blob = temp.resolve("store/blobs/sha256/" + first.hex());
      var index = new LayerReader(store).index(first);
      long offset = entry(index, "d1/f4").offset();
      if (!hasSums) {
        store.layers().putIndex(first, with(index, _ -> IndexEntry.NO_SUM).bytes());
      }
      assertEquals(first, again(store, first, files()));
      assertEquals(Set.of("d2/huge"), read);
      try (var bytes = FileChannel.open(blob, StandardOpenOption.WRITE)) {
        bytes.write(ByteBuffer.wrap(new byte[] {'X'}), offset);
      }
      assertEquals(first, again(store, first, files()));
      assertEquals(Set.of("d1/f4", "d2/huge"), read);
    }
  }

  @Test
  void theSumOfWhatIsWrittenIsNoted() throws IOException {
    try (var store = Store.open(temp.resolve("store"))) {
      var first = draft(files()).write(store).diffId();
      var index = LayerIndex.parse(new LayerReader(store).index(first).toBytes());
      for (var file : files().entrySet()) {
        var sum = new CRC32();
        sum.update(file.getValue());
        assertEquals(
            file.getValue().length == 0 ? IndexEntry.NO_SUM : sum.getValue(),
            entry(index, file.getKey()).sum(),
            file.getKey());
      }
      // It is what is looked at: of a file whose sum is said to be another nothing is taken.
      var wrong = with(index, each -> each.sum() ^ (entryIs(each, "d1/f4") ? 1 : 0));
      store.layers().putIndex(first, wrong.bytes());
      assertEquals(first, again(store, first, files()));
      assertEquals(Set.of("d1/f4", "d2/huge"), read);
    }
  }

  private static boolean entryIs(IndexEntry each, String name) {
    return each.entry().path().equals(ArchivePath.of(name));
  }

  private static IndexEntry entry(LayerIndex index, String name) {
    return index.entries().stream().filter(each -> entryIs(each, name)).findFirst().orElseThrow();
  }

  /// The same with other sums.
  private static LayerIndex with(LayerIndex index, ToLongFunction<IndexEntry> sums)
      throws IOException {
    var draft = new IndexDraft();
    for (var each : index.entries()) {
      draft.add(each.entry(), each.offset(), each.digest(), sums.applyAsLong(each));
    }
    return draft.finish();
  }

  @Test
  void aLayerThatIsNotThereIsNone() throws IOException {
    try (var store = Store.open(temp.resolve("store"))) {
      assertTrue(EarlierLayer.open(new LayerReader(store), Digest.of(new byte[] {1})).isEmpty());
    }
  }
}
