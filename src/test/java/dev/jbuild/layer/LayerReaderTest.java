package dev.jbuild.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.MediaType;
import dev.jbuild.store.BlobOrigin;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is in the layers of a store, plain and compressed.
class LayerReaderTest {

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

  private String content(Digest diffId, String path) throws IOException {
    var layers = new LayerReader(store);
    var file = layers.view(List.of(diffId)).find(ArchivePath.of(path)).orElseThrow();
    try (var in = layers.content(file)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  /// Puts the compressed tar into the store as a form of the layer `diffId`.
  private void putCompressed(byte[] tar, Digest diffId) throws IOException {
    var gzip = new ByteArrayOutputStream();
    try (var out = Compression.GZIP.compress(gzip, 1)) {
      out.write(tar);
    }
    var digest = store.blobs().put(gzip.toByteArray());
    var type = new MediaType("application/vnd.oci.image.layer.v1.tar+gzip");
    store.layers().remember(diffId, new Descriptor(type, digest, gzip.size()), "pulled");
  }

  @Test
  void aCompressedLayerIsInflatedWhenItIsAskedFor() throws IOException {
    var tar = new Tars().file("a", "x".repeat(1_000)).file("b", "content").bytes();
    var diffId = Digest.of(tar);
    putCompressed(tar, diffId);
    assertFalse(store.blobs().contains(diffId));

    assertEquals("content", content(diffId, "b"));

    assertTrue(store.blobs().contains(diffId));
    assertTrue(store.layers().index(diffId).isPresent());
  }

  @Test
  void aLayerThatIsNotWhatTheImageSaysIsRefused() throws IOException { // 43
    var tar = new Tars().file("a", "real").bytes();
    var said = Digest.of("something else".getBytes(UTF_8));
    putCompressed(tar, said);

    var failure = assertThrows(BuildFailure.class, () -> new LayerReader(store).index(said));

    assertTrue(String.valueOf(failure.getMessage()).contains(said.toString()), failure.toString());
    assertTrue(
        String.valueOf(failure.getMessage()).contains(Digest.of(tar).toString()),
        failure.toString());
    assertTrue(store.layers().index(said).isEmpty());
    assertFalse(store.blobs().contains(said));
  }

  @Test
  void aLayerThatIsNowhereIsToldByName() {
    var missing = Digest.of(new byte[0]);

    var failure = assertThrows(BuildFailure.class, () -> new LayerReader(store).index(missing));

    assertTrue(
        String.valueOf(failure.getMessage()).contains(missing.toString()), failure.toString());
  }

  @Test
  void eachFileIsReadFromItsOwnPlace() throws IOException {
    var tar =
        new Tars()
            .file("a", "first")
            .file("empty", "")
            .file("b", "y".repeat(512))
            .file("c", "last");
    var diffId = store.blobs().put(tar.bytes());

    assertEquals("first", content(diffId, "a"));
    assertEquals("", content(diffId, "empty"));
    assertEquals("y".repeat(512), content(diffId, "b"));
    assertEquals("last", content(diffId, "c"));
  }

  @Test
  void whoReadsManyFilesOpensALayerOnce() throws IOException {
    var diffId = store.blobs().put(new Tars().file("a", "first").file("b", "last").bytes());
    var layers = new LayerReader(store);
    var view = layers.view(List.of(diffId));
    try (var open = new OpenLayers(layers)) {
      assertEquals("first", content(open, view, "a"));
      Files.delete(store.blobs().path(diffId));
      assertEquals("last", content(open, view, "b"));
    }
    assertThrows(BuildFailure.class, () -> content(diffId, "b"));
  }

  private static String content(OpenLayers layers, MergedView view, String path)
      throws IOException {
    try (var in = layers.content(view.find(ArchivePath.of(path)).orElseThrow())) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @Test
  void whatCameToAnAccountFilesPathIsNotTakenForIt() throws IOException {
    var tar = new Tars().file("x", "AAAA").file("etc/passwd", "root").hardlink("etc/passwd", "x");
    var diffId = store.blobs().put(tar.bytes());

    assertEquals("AAAA", content(diffId, "etc/passwd"));
  }

  @Test
  void anIndexIsMadeOnceAndThenEnough() throws IOException {
    var tar = new Tars().file("etc/passwd", "root:x:0:0::/root:/bin/sh\n").bytes();
    var diffId = Digest.of(tar);
    var index = PlainTar.index(new ByteArrayInputStream(tar), false);
    store.layers().putIndex(diffId, index.toBytes());

    assertEquals("root:x:0:0::/root:/bin/sh\n", content(diffId, "etc/passwd"));
    assertFalse(store.blobs().contains(diffId));
  }

  @Test
  void aLayerThatAnImageNamesFalselyIsNotTakenForAnothers() throws IOException { // case 43, 62
    var tar = new Tars().file("a", "good").bytes();
    var diffId = Digest.of(tar);
    putCompressed(new Tars().file("a", "evil").bytes(), diffId);
    var evil = store.layers().compressedForms(diffId).getFirst();
    assertEquals(List.of(), store.layers().stored(diffId).stream().toList());
    assertThrows(BuildFailure.class, () -> content(diffId, "a"));
    store.layers().remember(diffId, evil.descriptor(), "pulled");
    putCompressed(tar, diffId);

    assertEquals("good", content(diffId, "a"));

    var forms = store.layers().compressedForms(diffId);
    assertEquals(1, forms.size());
    assertTrue(forms.getFirst().isVerified());
    assertFalse(forms.getFirst().descriptor().equals(evil.descriptor()));
  }

  /// Leaves a layer in a layout, whose index `claim` is claimed to be.
  private LayerReader remote(byte[] tar, byte[] claim) throws IOException {
    var diffId = Digest.of(tar);
    var layout = temp.resolve("layout");
    var file = layout.resolve("blobs/sha256").resolve(diffId.hex());
    Files.createDirectories(file.getParent());
    Files.write(file, tar);
    var blob = new Descriptor(MediaType.OCI_LAYER, diffId, tar.length);
    store.layers().rememberRemote(diffId, new BlobOrigin.OciLayout(blob, layout), "pulled");
    return new LayerReader(
        store,
        wanted ->
            wanted.contains(diffId)
                ? Map.of(diffId, new ForeignIndexes.Claim("registry/base", claim))
                : Map.of());
  }

  private static byte[] index(byte[] tar, boolean digests) throws IOException {
    return PlainTar.index(new ByteArrayInputStream(tar), digests).toBytes();
  }

  @Test
  void indexOfALayerThatIsElsewhereIsAClaimUntilTheLayerIsRead() throws IOException {
    var tar = new Tars().file("a", "content").file("etc/passwd", "").bytes();
    var diffId = Digest.of(tar);
    for (boolean digests : new boolean[] {true, false}) {
      var layers = remote(tar, index(tar, digests));
      assertTrue(layers.view(List.of(diffId)).find(ArchivePath.of("a")).isPresent());
    }
    assertFalse(store.blobs().contains(diffId));
    var layers = remote(tar, index(tar, true));
    assertEquals(1, layers.claims(List.of(diffId)).size());
    layers.verify(List.of(diffId));
    assertTrue(store.blobs().contains(diffId));
    assertEquals(1, layers.claims(List.of(diffId)).size(), "something was made with it here");
    assertEquals(0, new LayerReader(store).claims(List.of(diffId)).size());
    assertEquals("content", content(diffId, "a"));
  }

  /// Each question whether a source is believed lets another process replace what is known.
  @Test
  void claimThatOthersReplaceMeanwhileIsNotUsedUnnoticed() throws IOException {
    for (var first : List.of("bad", "good")) {
      var tar = new Tars().file("a", "content after " + first).bytes();
      var diffId = Digest.of(tar);
      remote(tar, new byte[0]);
      var lie = index(new Tars().file("b", "").bytes(), false);
      store.layers().putClaimedIndex(diffId, lie, first, _ -> false);
      var others =
          new ForeignIndexes() {
            @Override
            public Map<Digest, Claim> find(Set<Digest> diffIds) {
              return Map.of();
            }

            @Override
            public boolean believes(Digest layer, String source) {
              try {
                if (source.equals("bad")) {
                  store.layers().putClaimedIndex(layer, lie, "good", "good"::equals);
                } else {
                  store.layers().putIndex(layer, index(tar, false));
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              return source.equals("good");
            }
          };
      var layers = new LayerReader(store, others);
      var a = ArchivePath.of("a");
      boolean lied =
          layers.index(diffId).entries().stream().noneMatch(e -> e.entry().path().equals(a));
      assertEquals(lied, !layers.claims(List.of(diffId)).isEmpty());
    }
  }

  /// What builds nothing (diff, commit, debug) believes nobody, and tells of a false index.
  @Test
  void readerThatAsksNobodyReadsTheLayerItself() throws IOException {
    for (var claimed : List.of("a", "b")) {
      var tar = new Tars().file("a", "content of " + claimed).bytes();
      var diffId = Digest.of(tar);
      var claim = new Tars().file(claimed, "content of " + claimed).bytes();
      var believer = remote(tar, index(claim, true));
      assertTrue(believer.view(List.of(diffId)).find(ArchivePath.of(claimed)).isPresent());
      assertEquals(Map.of(), new LayerReader(store).claims(List.of(diffId)));
      if (claimed.equals("b")) {
        assertThrows(BuildFailure.class, () -> content(diffId, "a"));
      }
      assertEquals("content of " + claimed, content(diffId, "a"));
      assertTrue(store.layers().index(diffId).isPresent());
    }
  }

  @Test
  void falseIndexIsFoundOutWhenTheLayerIsReadAndNeverUsedAgain() throws IOException {
    var tar = new Tars().file("a", "content").bytes();
    var diffId = Digest.of(tar);
    var layers = remote(tar, index(new Tars().file("b", "content").bytes(), true));
    var file = layers.view(List.of(diffId)).find(ArchivePath.of("b")).orElseThrow();

    var failure = assertThrows(BuildFailure.class, () -> layers.content(file));

    assertTrue(failure.message().contains(diffId.toString()), failure::message);
    assertEquals("content", content(diffId, "a"));
    assertEquals(0, new LayerReader(store).claims(List.of(diffId)).size());
  }

  /// A chroot runs on a tree that was written so: there may be no file whose content is read.
  @Test
  void treeIsNotAdvancedByAFalseIndex() throws IOException {
    var tar = new Tars().directory("d", 0755).bytes();
    var diffId = Digest.of(tar);
    var layers = remote(tar, index(new Tars().directory("d", 0777).bytes(), true));
    layers.view(List.of(diffId));
    var tree = Files.createDirectory(temp.resolve("tree"));
    var advance = new TreeAdvance(layers);
    assertThrows(BuildFailure.class, () -> advance.advance(tree, List.of(), List.of(diffId)));
    try (var made = Files.list(tree)) {
      assertEquals(0, made.count());
    }
  }

  @Test
  void falseIndexIsFoundOutAlsoIfSomebodyElseBroughtTheLayer() throws IOException {
    var tar = new Tars().file("a", "content").bytes();
    var diffId = Digest.of(tar);
    var layers = remote(tar, index(new Tars().file("a", "something else").bytes(), true));
    var file = layers.view(List.of(diffId)).find(ArchivePath.of("a")).orElseThrow();
    store.remote().bring(List.of(diffId));
    assertThrows(BuildFailure.class, () -> new LayerReader(store).verify(List.of(diffId)));
    new LayerReader(store).verify(List.of(diffId));
    assertThrows(BuildFailure.class, () -> layers.content(file));
  }

  @Test
  void malformedIndexIsPassedOver() throws IOException {
    var tar = new Tars().file("a", "content").bytes();
    var diffId = Digest.of(tar);
    for (var claim : List.of(new byte[0], new byte[] {1, 2}, tar)) {
      var layers = remote(tar, claim);
      assertTrue(layers.view(List.of(diffId)).find(ArchivePath.of("a")).isPresent());
      assertTrue(layers.claims(List.of(diffId)).isEmpty());
    }
  }

  @Test
  void whatAWriterNotesOfItsLayerIsWhatAReaderFinds() throws IOException {
    var draft = new LayerDraft(OptionalLong.empty());
    draft.add(
        TarEntry.file(ArchivePath.of("etc/passwd"), 0644, 0, 0, 2, 7),
        () -> new ByteArrayInputStream(new byte[] {'x', 10}),
        Digest.of(new byte[] {'x', 10}));
    draft.add(TarEntry.file(ArchivePath.of("etc/group"), 0644, 0, 0, 0, 7), Content.none(), null);
    draft.add(TarEntry.directory(ArchivePath.of("d"), 0755, 1, 2, 7), Content.none(), null);
    draft.hide(ArchivePath.of("gone"));
    var written = draft.write(store);
    try (var plain = store.blobs().open(written.diffId())) {
      assertTrue(written.index().isTrue(PlainTar.index(plain, true)));
    }
  }
}
