package dev.jbuild.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.image.Digest;
import dev.jbuild.store.Store;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How file systems differ, told from their indexes.
class FileChangesTest {

  private static MergedView view(Tars... layers) throws IOException {
    var view = new MergedView();
    for (var layer : layers) {
      var bytes = layer.bytes();
      view.apply(Digest.of(bytes), PlainTar.index(new ByteArrayInputStream(bytes), true));
    }
    return view;
  }

  @TempDir private Path temp;

  private List<String> changes(MergedView before, MergedView after) throws IOException {
    try (var store = Store.open(temp.resolve("store"))) {
      return changes(before, after, new LayerReader(store));
    }
  }

  private static List<String> changes(MergedView before, MergedView after, LayerReader layers)
      throws IOException {
    return FileChanges.between(before, after, layers).stream()
        .map(
            each ->
                "%s %s %d %d %s"
                    .formatted(
                        each.kind().name().charAt(0),
                        each.path(),
                        each.before(),
                        each.after(),
                        String.join(", ", each.what()))
                    .strip())
        .toList();
  }

  @Test
  void whatCameWentAndChangedIsToldWithSizes() throws IOException {
    var base =
        new Tars()
            .directory("d")
            .file("d/a", "12345")
            .file("d/b", "67")
            .file("same", "x")
            .file("content", "abc")
            .file("mode", "m", 0644)
            .file("owner", "o")
            .file("kind", "k")
            .symlink("link", "one");
    var next =
        new Tars()
            .mtime(2_000)
            .file(".wh.d", "")
            .file("same", "x")
            .file("content", "abd")
            .file("mode", "m", 0600)
            .symlink("link", "two")
            .directory("kind")
            .directory("new")
            .file("new/f", "123")
            .owner(1, 2)
            .file("owner", "o");

    assertEquals(
        List.of(
            "C content 3 3 content",
            "D d 7 0",
            "C kind 1 0 type file -> directory, mode 0644 -> 0755",
            "C link 0 0 link target",
            "C mode 1 1 mode 0644 -> 0600",
            "A new 0 0",
            "A new/f 0 3",
            "C owner 1 1 owner 0:0 -> 1:2"),
        changes(view(base), view(base, next)));
    assertEquals(List.of(), changes(view(base), view(base)));
    assertEquals(List.of("A new 0 0", "A new/f 0 3"), only(view(next), "new"));
  }

  private List<String> only(MergedView after, String prefix) throws IOException {
    return changes(new MergedView(), after).stream()
        .filter(line -> line.startsWith("A " + prefix))
        .toList();
  }

  @Test
  void aFileThatBecameADirectoryTellsWhatIsInIt() throws IOException {
    var base = new Tars().file("x", "1");
    var next = new Tars().directory("x").file("x/y", "22");
    assertEquals(
        List.of("C x 1 0 type file -> directory, mode 0644 -> 0755", "A x/y 0 2"),
        changes(view(base), view(base, next)));
    assertEquals(
        List.of("C x 2 1 type directory -> file, mode 0755 -> 0644"),
        changes(view(next), view(base)));
  }

  /// Layers of RUN steps have indexes without digests of files.
  @Test
  void filesWithoutDigestsAreRead() throws IOException {
    var one = new Tars().file("differs", "abc").file("same", "x").file("longer", "1");
    var other = new Tars().file("longer", "12").file("same", "x").file("differs", "abd");
    try (var store = Store.open(temp.resolve("store"))) {
      var layers = new LayerReader(store);
      var before = layers.view(List.of(store.blobs().put(one.bytes())));
      var after = layers.view(List.of(store.blobs().put(other.bytes())));
      var expected = List.of("C differs 3 3 content", "C longer 1 2 content");
      assertEquals(expected, changes(before, after, layers));
      assertEquals(expected, changes(view(one), after, layers));
      assertEquals(expected, changes(before, view(other), layers));
    }
  }
}
