package dev.jbuild.build;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.TreeUnpacker;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarForge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A root for the next step, made before the layer below it is written. Nothing is mounted here.
class OverlayRootTest {

  @TempDir Path temp;
  private Store store;
  private LayerReader layers;
  private OverlayRoots roots;
  private Digest base;

  @BeforeEach
  void open() throws IOException {
    store = Store.open(temp.resolve("store"));
    layers = new LayerReader(store);
    roots = new OverlayRoots(store, layers, new TreeUnpacker(store, layers));
    base = store.blobs().put(new TarForge().file("etc/passwd", "root:x:0:0::/:/bin/sh\n").tar());
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  /// The directory of all that is not whole yet.
  private Path area() throws IOException {
    try (var areas = Files.list(store.root().resolve("tmp"))) {
      return areas.findFirst().orElseThrow();
    }
  }

  /// Files of drafts and directories to mount at; what is free is among them.
  private List<Path> drafts() throws IOException {
    try (var all = Files.list(area())) {
      return all.filter(each -> Files.exists(each.resolve("fs"))).toList();
    }
  }

  /// A root in which a step has made the file `made`.
  private OverlayRoot stepped() throws IOException {
    var root = roots.prepare(List.of(base));
    Files.writeString(drafts().getFirst().resolve("fs/made"), "made");
    return root;
  }

  private static OverlayChange change(OverlayRoot root) throws IOException {
    return (OverlayChange) root.change(OptionalLong.empty());
  }

  /// What stands for a layer that is not written yet is known no longer.
  private void assertForgotten() {
    var standIn = Digest.of("outline 1".getBytes(US_ASCII));
    assertThrows(BuildFailure.class, () -> layers.index(standIn));
  }

  private static boolean has(OverlayRoot root, String path) {
    return root.view().find(ArchivePath.of(path)).isPresent();
  }

  @Test
  void aRootStandsOnALayerThatIsWrittenLater() throws Exception {
    try (var below = stepped();
        var change = change(below)) {
      WrittenLayer written;
      try (var above = below.above(change).orElseThrow()) {
        assertTrue(has(above, "made") && has(above, "etc/passwd"));
        written = change.write(base);
        above.settle(written);
        assertForgotten();
        var file = above.view().find(ArchivePath.of("made")).orElseThrow();
        assertEquals("made", new String(above.content(file).readAllBytes(), US_ASCII));
      }
      assertEquals(
          List.of("made"),
          written.index().entries().stream()
              .map(OverlayRootTest::name)
              .filter(n -> !n.isEmpty())
              .toList());
    }
    assertEquals(List.of(), drafts());
  }

  private static String name(dev.jbuild.layer.IndexEntry entry) {
    return entry.entry().path().toString();
  }

  @Test
  void oneThatIsNeverSettledLeavesNothing() throws Exception {
    try (var below = stepped();
        var change = change(below)) {
      below.above(change).orElseThrow().close();
      assertForgotten();
    }
    assertEquals(List.of(), drafts());
  }

  /// The layer below is written all the same.
  @Test
  void oneThatCannotBeMadeLeavesNothing() throws Exception {
    try (var below = stepped();
        var change = change(below)) {
      var area = area();
      var away = Files.move(area, area.resolveSibling("away"));
      assertThrows(IOException.class, () -> below.above(change));
      Files.move(away, area);
      assertForgotten();
      assertEquals(1, drafts().size(), "that of the step");
      assertEquals("made", name(change.write(base).index().entries().getLast()));
    }
    assertEquals(List.of(), drafts());
  }
}
