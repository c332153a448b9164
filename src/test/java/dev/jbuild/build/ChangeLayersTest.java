package dev.jbuild.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is kept where nothing can be mounted, visit by visit.
class ChangeLayersTest {

  /// A file of this name and text; what `hidden` names is gone.
  private static Digest layer(Store store, String name, String text, String... hidden)
      throws IOException {
    var draft = new LayerDraft(OptionalLong.empty());
    var bytes = text.getBytes(UTF_8);
    var entry = TarEntry.file(ArchivePath.of(name), 0644, 0, 0, bytes.length, 1);
    draft.add(entry, () -> new ByteArrayInputStream(bytes), null);
    for (var each : hidden) {
      draft.hide(ArchivePath.of(each));
    }
    return draft.write(store).diffId();
  }

  /// What is written down in the end.
  private static List<Digest> after(
      List<Digest> image, List<Digest> changes, List<Digest> more, Store store) throws IOException {
    var written = new ArrayList<List<Digest>>();
    ChangeLayers.keep(image, changes, more, store, written::add);
    return written.getLast();
  }

  @Test
  void anyNumberOfVisitsHasFewLayersAndTheSameFiles(@TempDir Path temp) throws Exception {
    try (var store = Store.open(temp)) {
      var image = List.of(layer(store, "base", "of the image"));
      var changes = List.<Digest>of();
      for (int visit = 1; visit <= 40; visit++) {
        var more = List.of(layer(store, "visit-" + visit, "v" + visit, "visit-" + (visit - 1)));
        changes = after(image, changes, more, store);
        assertTrue(changes.size() <= ChangeLayers.MOST, changes::toString);
      }
      assertEquals(changes, after(image, changes, List.of(), store));
      var all = new ArrayList<>(image);
      all.addAll(changes);
      var layers = new LayerReader(store);
      var view = layers.view(all);
      assertEquals(
          List.of("base", "visit-40"),
          view.list(ArchivePath.ROOT).stream()
              .map(each -> each.entry().path().toString())
              .toList());
      try (var text = layers.content(view.find(ArchivePath.of("visit-40")).orElseThrow())) {
        assertEquals("v40", new String(text.readAllBytes(), UTF_8));
      }
    }
  }

  @Test
  void changesThatUndoEachOtherLeaveNoLayer(@TempDir Path temp) throws Exception {
    try (var store = Store.open(temp)) {
      var image = List.of(layer(store, "file", "same"));
      var changes = new ArrayList<Digest>();
      for (int i = 0; i < ChangeLayers.MOST; i++) {
        changes.add(layer(store, "file", "other " + i));
      }
      var undone = List.of(layer(store, "file", "same"));
      assertEquals(List.of(), after(image, changes, undone, store));
    }
  }

  /// An image that has nearly all the layers that can be put upon each other.
  @Test
  void changesOfAHighImageAreOneLayerAtOnce(@TempDir Path temp) throws Exception {
    try (var store = Store.open(temp)) {
      var image = new ArrayList<Digest>();
      for (int i = 0; i < LayerCount.MOST - 2; i++) {
        image.add(layer(store, "file", "same"));
      }
      var one = after(image, List.of(), List.of(layer(store, "a", "1")), store);
      var two = after(image, one, List.of(layer(store, "b", "2")), store);
      assertEquals(1, two.size());
      LayerCount.check(image.size() + two.size());
    }
  }

  @Test
  void whatCannotBeMadeOneIsKeptAsItIs(@TempDir Path temp) throws Exception {
    try (var store = Store.open(temp)) {
      var changes = new ArrayList<Digest>();
      for (int i = 0; i < ChangeLayers.MOST; i++) {
        changes.add(layer(store, "file-" + i, "text"));
      }
      var more = List.of(layer(store, "mine", "work of an hour"));
      changes.set(3, Digest.of(new byte[] {3})); // as unreadable as a disk is full
      var written = new ArrayList<List<Digest>>();
      assertThrows(
          BuildFailure.class,
          () -> ChangeLayers.keep(List.of(), changes, more, store, written::add));
      changes.addAll(more);
      assertEquals(List.of(changes), written);
    }
  }
}
