package dev.jbuild.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarLimits;
import dev.jbuild.tar.TarReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is planned in any order is written in one order.
class LayerDraftTest {

  @TempDir Path temp;
  private Store store;

  @BeforeEach
  void open() throws IOException {
    store = Store.open(temp.resolve("store"));
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private static TarEntry file(String path, int size) {
    return TarEntry.file(ArchivePath.of(path), 0644, 0, 0, size, 100);
  }

  private static TarEntry directory(String path) {
    return TarEntry.directory(ArchivePath.of(path), 0755, 0, 0, 100);
  }

  private static Content content(String text) {
    return () -> new ByteArrayInputStream(text.getBytes(UTF_8));
  }

  private List<String> names(WrittenLayer layer) throws IOException {
    var names = new ArrayList<String>();
    try (var in = store.blobs().open(layer.diffId())) {
      var tar = new TarReader(in, TarLimits.DEFAULT);
      for (var entry = tar.next(); entry != null; entry = tar.next()) {
        names.add(entry.path().toString());
      }
    }
    return names;
  }

  @Test
  void parentsComeFirstThenWhiteoutsThenNamesByTheirBytes() throws IOException {
    var expected =
        List.of(
            "",
            ".wh.zz",
            "+",
            "a",
            "a/.wh.x",
            "a/.wh.y",
            "a/!",
            "a/b",
            "a/b/.wh.c",
            "a/b/c",
            "a-b",
            "a0",
            "b",
            "\u00E9");
    for (int seed = 0; seed < 20; seed++) {
      var shuffled = new ArrayList<>(expected);
      Collections.shuffle(shuffled, new Random(seed));
      var draft = new LayerDraft(OptionalLong.empty());
      for (var name : shuffled) {
        if (name.contains(".wh.")) {
          draft.hide(ArchivePath.of(name.replace(".wh.", "")));
        } else if (List.of("", "a", "a/b").contains(name)) {
          draft.add(directory(name), Content.none(), null);
        } else {
          draft.add(file(name, 0), Content.none(), null);
        }
      }

      assertEquals(4, draft.hiddenPaths().size());
      assertEquals(expected, names(draft.write(store)), "seed " + seed);
      assertTrue(draft.isEmpty(), "what is written is let go of");
    }
  }

  /// Many parts are read on a thread of their own: small, large, empty ones and whiteouts.
  @Test
  void manyFilesAreWrittenAsOneByOne() throws IOException {
    var random = new Random(3);
    var draft = new LayerDraft(OptionalLong.empty());
    try (var writer = new LayerWriter(store)) {
      for (int i = 1000; i < 1600; i++) {
        if (i % 11 == 0) {
          draft.hide(ArchivePath.of("gone" + i));
          continue;
        }
        var bytes = new byte[i % 7 == 0 ? 0 : random.nextInt(i % 50 == 1 ? 500_000 : 6_000)];
        random.nextBytes(bytes);
        var entry = file("kept" + i, bytes.length);
        draft.add(entry, () -> new ByteArrayInputStream(bytes), null);
      }
      for (int i = 1000; i < 1600; i++) { // whiteouts first
        if (i % 11 == 0) {
          writer.hide(ArchivePath.of("gone" + i));
        }
      }
      random.setSeed(3);
      for (int i = 1000; i < 1600; i++) {
        if (i % 11 != 0) {
          var bytes = new byte[i % 7 == 0 ? 0 : random.nextInt(i % 50 == 1 ? 500_000 : 6_000)];
          random.nextBytes(bytes);
          writer.add(file("kept" + i, bytes.length), () -> new ByteArrayInputStream(bytes), null);
        }
      }

      var expected = writer.finish();
      var written = draft.write(store);

      assertEquals(expected.diffId(), written.diffId());
      assertTrue(written.index().isTrue(expected.index()));
    }
  }

  /// A file that cannot be read, or is of another size, fails the layer wherever it stands, and
  /// what was opened ahead of it is closed.
  @Test
  void ofManyFilesOneThatFailsIsTold() throws IOException {
    for (var why : List.of("unreadable", "short", "long")) {
      for (int bad : List.of(3, 150, 299)) {
        var open = new AtomicInteger();
        var draft = new LayerDraft(OptionalLong.empty());
        for (int i = 0; i < 300; i++) {
          int size = i % 10 == 0 ? 200_000 : 1_000;
          int wrong = why.equals("short") ? -1 : 1;
          var bytes = new byte[i == bad ? size + wrong : size];
          boolean fails = i == bad && why.equals("unreadable");
          draft.add(
              file("f%03d".formatted(i), size),
              () -> {
                if (fails) {
                  throw new IOException("unreadable");
                }
                open.incrementAndGet();
                return new ByteArrayInputStream(bytes) {
                  private boolean isClosed;

                  @Override
                  public void close() {
                    if (!isClosed) {
                      isClosed = true;
                      open.decrementAndGet();
                    }
                  }
                };
              },
              null);
        }
        if (why.equals("unreadable")) {
          assertEquals(
              "unreadable", assertThrows(IOException.class, () -> draft.write(store)).getMessage());
        } else {
          var failure = assertThrows(BuildFailure.class, () -> draft.write(store));
          assertTrue(
              failure.message().startsWith("/f%03d changed".formatted(bad)), failure.message());
        }
        assertEquals(0, open.get());
      }
    }
  }

  @Test
  void aNameThatMeansAWhiteoutIsRefused() { // 14
    var draft = new LayerDraft(OptionalLong.empty());

    var failure =
        assertThrows(
            BuildFailure.class, () -> draft.add(file("d/.wh.passwd", 0), Content.none(), null));

    assertTrue(String.valueOf(failure.getMessage()).contains("/d/.wh.passwd"), failure.toString());
  }

  @Test
  void theLastOfAPathIsWrittenAndNothingTwice() throws IOException { // 27
    var draft = new LayerDraft(OptionalLong.of(50));
    draft.add(file("f", 1), content("a"), null);
    draft.add(file("f", 2), content("bc"), null);
    draft.add(file("old", 0).withMtime(7), Content.none(), null);

    var layer = draft.write(store);

    assertEquals(List.of("f", "old"), names(layer));
    assertEquals(2, layer.index().entries().getFirst().entry().size());
    assertEquals(50, layer.index().entries().getFirst().entry().mtime());
    assertEquals(7, layer.index().entries().get(1).entry().mtime());
  }

  @Test
  void contentOfAnotherLengthFailsAndLeavesNothing() throws IOException {
    for (var text : List.of("short", "much too long")) {
      var draft = new LayerDraft(OptionalLong.empty());
      draft.add(file("f", 8), content(text), null);

      assertThrows(BuildFailure.class, () -> draft.write(store), text);
    }
    try (var blobs = Files.walk(store.root().resolve("blobs"))) {
      assertEquals(0, blobs.filter(Files::isRegularFile).count());
    }
  }

  @Test
  void theDescriptionIsOfEverythingButTimes() throws IOException {
    var digest = Digest.of(new byte[] {1});
    var known = new LayerDraft(OptionalLong.empty());
    known.add(file("f", 1), content("a"), digest);
    known.hide(ArchivePath.of("g"));
    var later = new LayerDraft(OptionalLong.empty());
    later.hide(ArchivePath.of("g"));
    later.add(file("f", 1).withMtime(999), content("a"), digest);
    var other = new LayerDraft(OptionalLong.empty());
    other.hide(ArchivePath.of("g"));
    other.add(file("f", 1).withMode(0600), content("a"), digest);

    assertEquals(known.description(), later.description());
    assertNotEquals(known.description(), other.description());
  }
}
