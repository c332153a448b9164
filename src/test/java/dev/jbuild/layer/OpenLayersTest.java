package dev.jbuild.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.image.Digest;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tars that stay open for who reads many files of them.
class OpenLayersTest {

  @TempDir Path temp;
  private Store store;
  private LayerReader layers;
  private Digest diffId = Digest.of(new byte[0]);

  @BeforeEach
  void open() throws IOException {
    store = Store.open(temp.resolve("store"));
    layers = new LayerReader(store);
    diffId = store.blobs().put(new Tars().file("a", "x").file("b", "y").bytes());
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private ViewEntry file(String path) throws IOException {
    return layers.view(List.of(diffId)).find(ArchivePath.of(path)).orElseThrow();
  }

  /// How often this process has the tar open.
  private long open(Digest tar) throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.filter(each -> target(each).endsWith(tar.hex())).count();
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }

  private static String text(OpenLayers open, ViewEntry file) throws IOException {
    try (var in = open.content(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aTarIsOpenedOnceAndClosedInTheEnd() throws IOException {
    try (var open = new OpenLayers(layers)) {
      assertEquals("x", text(open, file("a")));
      assertEquals("y", text(open, file("b")));
      assertEquals(1, open(diffId));
    }
    assertEquals(0, open(diffId));
  }

  @Test
  void nothingIsOpenedAfterTheEnd() throws IOException {
    var open = new OpenLayers(layers);
    open.close();
    var file = file("a");
    assertThrows(IOException.class, () -> open.content(file));
    assertEquals(0, open(diffId));
  }

  /// As when a build is given up while a layer is inflated.
  @Test
  void whatIsOpenedWhileItEndsIsClosed() throws IOException {
    var self = new OpenLayers[1];
    self[0] =
        new OpenLayers(
            layers,
            tar -> {
              self[0].close();
              return layers.plain(tar);
            });
    var file = file("a");
    assertThrows(IOException.class, () -> self[0].content(file));
    assertEquals(0, open(diffId));
  }
}
