package dev.jbuild.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import dev.jbuild.tar.Compression;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class OciArchiveTest extends StoreBench {

  private static final Packing USUAL = new Packing(Optional.empty(), 2, 0);

  private static Packing packed(Compression compression) {
    return new Packing(Optional.of(compression), 2, 0);
  }

  private static NamedImage app(Descriptor image) {
    return new NamedImage(image, List.of(Samples.APP));
  }

  private byte[] written(Packing packing, NamedImage... images) throws IOException {
    var out = new ByteArrayOutputStream();
    new OciArchive(store, packing).write(List.of(images), out);
    return out.toByteArray();
  }

  private static Index index(Map<String, byte[]> files) throws IOException {
    return Index.parse(file(files, "index.json"), MediaType.OCI_INDEX);
  }

  private static Manifest manifest(Map<String, byte[]> files) throws IOException {
    return Manifest.parse(blob(files, index(files).manifests().getFirst()), MediaType.OCI_MANIFEST);
  }

  private static byte[] blob(Map<String, byte[]> files, Descriptor descriptor) {
    var bytes = file(files, "blobs/sha256/" + descriptor.digest().hex());
    assertEquals(descriptor.digest(), Digest.of(bytes));
    assertEquals(descriptor.size(), bytes.length);
    return bytes;
  }

  private static byte[] file(Map<String, byte[]> files, String name) {
    var bytes = files.get(name);
    assertTrue(bytes != null, name);
    return bytes == null ? new byte[0] : bytes;
  }

  @Test
  void saysFirstWhatIsInItThenHoldsDocumentsThenLayers() throws Exception {
    var image = Samples.built(store, "amd64", Samples.ONE, Samples.TWO);

    var names = List.copyOf(TarForge.entries(written(USUAL, app(image))).keySet());

    assertEquals(
        List.of("oci-layout", "index.json", "blobs/", "blobs/sha256/"), names.subList(0, 4));
    assertEquals(8, names.size());
    assertEquals(names.subList(4, 6).stream().sorted().toList(), names.subList(4, 6));
    assertEquals(names.subList(6, 8).stream().sorted().toList(), names.subList(6, 8));
  }

  @Test
  void namesTheImageForContainerdAndForOthers() throws Exception {
    var image = Samples.built(store, "amd64", Samples.ONE);

    var files =
        TarForge.entries(written(USUAL, new NamedImage(image, List.of(Samples.APP, Samples.WEB))));

    assertEquals(
        "{\"imageLayoutVersion\":\"1.0.0\"}", new String(file(files, "oci-layout"), UTF_8));
    assertEquals(
        List.of(
            Map.of(
                "io.containerd.image.name", "docker.io/library/app:1",
                "org.opencontainers.image.ref.name", "1"),
            Map.of(
                "io.containerd.image.name", "ghcr.io/me/web:2",
                "org.opencontainers.image.ref.name", "2")),
        index(files).manifests().stream().map(Descriptor::annotations).toList());
  }

  @Test
  void compressesPlainLayersWithGzip() throws Exception {
    var image = Samples.built(store, "amd64", Samples.ONE, Samples.TWO);

    var files = TarForge.entries(written(USUAL, app(image)));
    var manifest = manifest(files);

    assertEquals(
        Samples.config("amd64", Samples.ONE, Samples.TWO).digest(), manifest.config().digest());
    blob(files, manifest.config());
    assertEquals(MediaType.OCI_LAYER_GZIP, manifest.layers().get(0).mediaType());
    var packed = new ByteArrayInputStream(blob(files, manifest.layers().get(0)));
    assertArrayEquals(Samples.ONE, new GZIPInputStream(packed).readAllBytes());
  }

  @Test
  void writesALayerThatComesTwiceOnce() throws Exception {
    var image = Samples.built(store, "amd64", Samples.ONE, Samples.ONE);

    var files = TarForge.entries(written(USUAL, app(image)));

    assertEquals(2, manifest(files).layers().size());
    assertEquals(7, files.size());
  }

  @Test
  void isTheSameOnAnyNumberOfThreadsAndTheSecondTime() throws Exception { // case 120
    var image = Samples.built(store, "amd64", Samples.ONE, Samples.TWO);
    var other = open("other");
    Samples.built(other, "amd64", Samples.ONE, Samples.TWO);
    var single = new ByteArrayOutputStream();

    var first = written(USUAL, app(image));
    var second = written(USUAL, app(image)); // compresses straight into the archive
    new OciArchive(other, new Packing(Optional.empty(), 1, 0)).write(List.of(app(image)), single);

    assertArrayEquals(first, second);
    assertArrayEquals(first, single.toByteArray());
  }

  @Test
  void leavesAPulledImageAsItCame() throws Exception {
    var image = Samples.pulled(store, "amd64", Samples.ONE);

    var out = new ByteArrayOutputStream();
    var left = new OciArchive(store, USUAL).write(List.of(app(image)), out);

    assertEquals(List.of(image), left);
    assertEquals(
        image.digest(), index(TarForge.entries(out.toByteArray())).manifests().getFirst().digest());
  }

  @Test
  void changesTheCompressionThatIsAskedFor() throws Exception {
    var image = Samples.pulled(store, "amd64", Samples.ONE);

    var none = TarForge.entries(written(packed(Compression.NONE), app(image)));
    var zstd = TarForge.entries(written(packed(Compression.ZSTD), app(image)));
    var gzip = TarForge.entries(written(packed(Compression.GZIP), app(image)));

    assertEquals(Digest.of(Samples.ONE), manifest(none).layers().getFirst().digest());
    assertArrayEquals(Samples.ONE, blob(none, manifest(none).layers().getFirst()));
    var layer = manifest(zstd).layers().getFirst();
    assertEquals(MediaType.OCI_LAYER_ZSTD, layer.mediaType());
    assertEquals(Compression.ZSTD, Compression.detect(blob(zstd, layer)));
    assertEquals(image.digest(), manifest(gzip).digest());
  }

  @Test
  void leavesCompressedLayersAloneUnlessAllAreMeant() throws Exception {
    var image = Samples.pulled(store, "amd64", Samples.ONE);
    var some = new Packing(Optional.of(Compression.ZSTD), false, OptionalInt.empty(), 2, 0);

    assertArrayEquals(written(USUAL, app(image)), written(some, app(image)));
    assertFalse(
        Arrays.equals(written(USUAL, app(image)), written(packed(Compression.ZSTD), app(image))));
  }

  @Test
  void compressesAtTheLevelThatIsAskedFor() throws Exception {
    var image = Samples.built(store, "amd64", Samples.ONE);
    var fast = new Packing(Optional.of(Compression.GZIP), true, OptionalInt.of(0), 2, 0);

    var usual = written(USUAL, app(image));
    var stored = written(fast, app(image));

    assertTrue(stored.length > usual.length + 4000, usual.length + " " + stored.length);
    assertArrayEquals(stored, written(fast, app(image)), "the second time from what is known");
    assertArrayEquals(usual, written(USUAL, app(image)), "each level is known by itself");
  }

  @Test
  void refusesALayerThatIsNotWhatTheConfigSays() throws Exception { // case 43
    var lie = Samples.gzip(Samples.TWO);
    var config = Samples.config("amd64", Samples.ONE);
    var manifest = Samples.manifest(config, List.of(Samples.blob(MediaType.OCI_LAYER_GZIP, lie)));
    store.blobs().put(lie);
    store.blobs().put(config.bytes());
    store.blobs().put(manifest.bytes());

    assertThrows(
        ImageFormatException.class,
        () -> written(packed(Compression.NONE), app(manifest.descriptor())));
  }

  @Test
  void seesWhenALayerIsCompressedToOtherBytesThanBefore() throws Exception {
    var image = Samples.built(store, "amd64", Samples.ONE);
    var plain = Digest.of(Samples.ONE);
    var layer = manifest(TarForge.entries(written(USUAL, app(image)))).layers().getFirst();
    var lie = layer.withBlob(layer.mediaType(), new Digest("0".repeat(64)), layer.size());
    var other = open("other");
    Samples.built(other, "amd64", Samples.ONE);
    other.layers().remember(plain, lie, Compression.GZIP.how(OptionalInt.empty()));

    var failure =
        assertThrows(
            IOException.class,
            () ->
                new OciArchive(other, USUAL)
                    .write(List.of(app(image)), OutputStream.nullOutputStream()));

    assertTrue(String.valueOf(failure.getMessage()).contains("layer " + plain), failure.toString());
  }

  @Test
  void holdsOfAnIndexWhatTheStoreHolds() throws Exception {
    var amd = Samples.built(store, "amd64", Samples.ONE);
    var arm = Samples.pulled(store, "arm64", Samples.TWO);
    var absent = new Descriptor(MediaType.OCI_MANIFEST, new Digest("0".repeat(64)), 5);
    var index =
        Index.of(
            List.of(
                absent.withPlatform(Platform.parse("linux/386")),
                amd.withPlatform(Platform.parse("linux/amd64")),
                arm.withPlatform(Platform.parse("linux/arm64"))),
            Map.of("k", "v"));
    store.blobs().put(index.bytes());

    var files = TarForge.entries(written(USUAL, app(index.descriptor())));
    var inner = Index.parse(blob(files, index(files).manifests().getFirst()), MediaType.OCI_INDEX);

    assertEquals(
        List.of("linux/amd64", "linux/arm64"),
        inner.manifests().stream().map(child -> String.valueOf(child.platform())).toList());
    assertEquals(Map.of("k", "v"), inner.annotations());
    assertNotEquals(amd.digest(), inner.manifests().get(0).digest());
    assertEquals(arm.digest(), inner.manifests().get(1).digest());
  }

  /// A layer that changes its form changes the digest of its image.
  @Test
  void anAttestationInAnIndexStaysWithItsImage() throws Exception {
    var amd = Samples.built(store, "amd64", Samples.ONE);
    var statement = Samples.built(store, "unknown", Samples.TWO);
    var about = Map.of("vnd.docker.reference.digest", amd.digest().toString());
    var index =
        Index.of(
            List.of(
                amd.withPlatform(Platform.parse("linux/amd64")),
                statement.withPlatform(Platform.parse("unknown/unknown")).withAnnotations(about)),
            Map.of());
    store.blobs().put(index.bytes());

    var files = TarForge.entries(written(USUAL, app(index.descriptor())));
    var inner = Index.parse(blob(files, index(files).manifests().getFirst()), MediaType.OCI_INDEX);

    var left = inner.manifests().getFirst().digest();
    assertNotEquals(amd.digest(), left);
    assertEquals(
        Map.of("vnd.docker.reference.digest", left.toString()),
        inner.manifests().getLast().annotations());
  }

  @Test
  void leavesNoHalfFileAndKeepsTheOldOne() throws Exception {
    var file = directory.resolve("app.tar");
    Files.writeString(file, "old");
    var image = Samples.built(store, "amd64", Samples.ONE);
    Files.delete(store.blobs().path(Digest.of(Samples.ONE)));

    assertThrows(
        IOException.class, () -> new OciArchive(store, USUAL).write(List.of(app(image)), file));

    assertEquals("old", Files.readString(file));
    try (var left = Files.list(directory)) {
      assertEquals(2, left.count()); // the file and the store
    }
  }

  @Test
  void namesTheFileThatItCannotWrite() throws Exception {
    var file = directory.resolve("no/such/app.tar");
    var image = Samples.built(store, "amd64", Samples.ONE);

    var failure =
        assertThrows(
            BuildFailure.class,
            () -> new OciArchive(store, USUAL).write(List.of(app(image)), file));

    assertEquals("cannot write " + file + ": its directory does not exist", failure.getMessage());
  }

  @Test
  void removesItsTemporaryFiles() throws Exception {
    var image = Samples.built(store, "amd64", Samples.ONE);
    written(USUAL, app(image));

    assertThrows(
        IOException.class,
        () -> new OciArchive(store, packed(Compression.ZSTD)).write(List.of(app(image)), broken()));

    try (var left = Files.walk(store.root().resolve("tmp"))) {
      assertEquals(List.of(), left.filter(Files::isRegularFile).toList());
    }
  }

  private static OutputStream broken() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException("no space");
      }
    };
  }

  @Test
  void isWrittenToADirectoryThatKeepsItsOtherImages() throws Exception {
    var layout = directory.resolve("layout");
    var archive = new OciArchive(store, USUAL);
    var one = Samples.built(store, "amd64", Samples.ONE);
    var two = Samples.built(store, "amd64", Samples.TWO);

    archive.writeDirectory(List.of(app(one), new NamedImage(one, List.of(Samples.WEB))), layout);
    archive.writeDirectory(List.of(app(two)), layout);

    var index = Index.parse(Files.readAllBytes(layout.resolve("index.json")), MediaType.OCI_INDEX);
    assertEquals(
        List.of("ghcr.io/me/web:2", "docker.io/library/app:1"),
        index.manifests().stream()
            .map(entry -> entry.annotations().get("io.containerd.image.name"))
            .toList());
    assertNotEquals(index.manifests().get(0).digest(), index.manifests().get(1).digest());
    for (var entry : index.manifests()) {
      var file = layout.resolve("blobs/sha256").resolve(entry.digest().hex());
      var manifest = Manifest.parse(Files.readAllBytes(file), MediaType.OCI_MANIFEST);
      for (var layer : manifest.layers()) {
        assertEquals(
            layer.digest(),
            Digest.of(Files.readAllBytes(file.resolveSibling(layer.digest().hex()))));
      }
    }
  }

  @Test
  void mendsABlobOfADirectoryThatWasCutOff() throws Exception { // case 116
    var layout = directory.resolve("layout");
    var archive = new OciArchive(store, packed(Compression.NONE));
    var image = Samples.built(store, "amd64", Samples.ONE);
    archive.writeDirectory(List.of(app(image)), layout);
    var blob = layout.resolve("blobs/sha256").resolve(Digest.of(Samples.ONE).hex());
    Files.write(blob, new byte[Samples.ONE.length]);

    archive.writeDirectory(List.of(app(image)), layout);

    assertArrayEquals(Samples.ONE, Files.readAllBytes(blob));
  }

  @Test
  void refusesADirectoryThatIsSomethingElse() throws Exception {
    var home = Files.createDirectory(directory.resolve("home"));
    Files.writeString(home.resolve("letter"), "dear");
    var image = Samples.built(store, "amd64", Samples.ONE);

    var refusal =
        assertThrows(
            IOException.class,
            () -> new OciArchive(store, USUAL).writeDirectory(List.of(app(image)), home));

    assertTrue(String.valueOf(refusal.getMessage()).contains("neither an OCI layout nor empty"));
    assertFalse(Files.exists(home.resolve("index.json")));
  }
}
