package dev.jbuild.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Index;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.tar.Compression;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Images that are read from archives and directories, and what is taken of them.
class ImageReaderTest extends ReaderBench {

  @ParameterizedTest
  @EnumSource(
      value = Compression.class,
      names = {"NONE", "GZIP", "ZSTD"})
  void readsWhatOciArchiveWrites(Compression compression) throws Exception {
    var source = open("source");
    var image = Samples.built(source, "amd64", Samples.ONE, Samples.TWO);
    var out = new ByteArrayOutputStream();
    var left =
        new OciArchive(source, new Packing(Optional.of(compression), 2, 0))
            .write(List.of(new NamedImage(image, List.of(Samples.APP, Samples.WEB))), out);

    var loaded = load(out.toByteArray());

    assertEquals(
        List.of(new NamedImage(left.getFirst(), List.of(Samples.APP, Samples.WEB))), loaded);
    assertEquals(left.getFirst(), store.references().find(Samples.APP.full()).orElseThrow().bare());
    assertEquals(left.getFirst(), store.references().find(Samples.WEB.full()).orElseThrow().bare());
    for (var layer : manifest(loaded.getFirst()).layers()) {
      assertTrue(store.blobs().contains(layer.digest()));
    }
  }

  /// The bytes say how they are compressed, not a media type.
  @Test
  void readsGzipThatIsCalledZstd() throws Exception {
    var source = open("source");
    var image = Samples.gzipped(source, "amd64", MediaType.OCI_LAYER_ZSTD, Samples.ONE);
    var out = new ByteArrayOutputStream();
    new OciArchive(source, new Packing(Optional.empty(), 2, 0))
        .write(List.of(new NamedImage(image, List.of(Samples.APP))), out);

    var loaded = load(out.toByteArray());

    assertEquals(image, loaded.getFirst().descriptor());
  }

  @Test
  void readsWhatDockerArchiveWrites() throws Exception {
    var source = open("source");
    var image = Samples.built(source, "amd64", Samples.ONE, Samples.TWO);
    var file = directory.resolve("app.tar");
    new DockerArchive(source, new Packing(Optional.empty(), 2, 0), Platform.parse("linux/amd64"))
        .write(List.of(new NamedImage(image, List.of(Samples.APP))), file);

    assertEquals(List.of(new NamedImage(image, List.of(Samples.APP))), reader.load(file));
  }

  @Test
  void readsADirectoryAndTakesOnlyWhatItNeeds() throws Exception {
    var source = open("source");
    var image = Samples.built(source, "amd64", Samples.ONE);
    var layout = directory.resolve("layout");
    new OciArchive(source, new Packing(Optional.empty(), 2, 0))
        .writeDirectory(List.of(new NamedImage(image, List.of(Samples.APP))), layout);
    var stray = "stray".getBytes(UTF_8);
    Files.write(layout.resolve("blobs/sha256").resolve(hex(stray)), stray);

    var loaded = reader.load(layout);

    assertEquals(List.of(Samples.APP), loaded.getFirst().names());
    assertTrue(store.blobs().contains(manifest(loaded.getFirst()).layers().getFirst().digest()));
    assertFalse(store.blobs().contains(Digest.of(stray)));
  }

  @Test
  void inflatesCompressedArchives() throws Exception {
    var manifest = plain(Samples.config("amd64", Samples.ONE), Samples.ONE);
    var tar =
        app(manifest, manifest.bytes(), Samples.config("amd64", Samples.ONE).bytes(), Samples.ONE);

    assertEquals(1, load(Samples.gzip(tar)).size());
    assertEquals(1, load(Zstd.compress(tar)).size());
  }

  @Test
  void readsOldDockerArchivesWithLinksForLayersThatComeTwice() throws Exception {
    var config = Samples.config("amd64", Samples.ONE, Samples.TWO, Samples.ONE, Samples.TWO);
    var archive =
        new TarForge()
            .directory("aaa")
            .file("aaa/VERSION", "1.0")
            .file("aaa/json", "{}")
            .file("aaa/layer.tar", Samples.ONE)
            .file("bbb/layer.tar", Samples.TWO)
            .symlink("ccc/layer.tar", "../aaa/layer.tar")
            .hardlink("ddd/layer.tar", "bbb/layer.tar")
            .file(hex(config.bytes()) + ".json", config.bytes())
            .file(
                "manifest.json",
                dockerManifest(
                    hex(config.bytes()) + ".json",
                    "[\"app:1\"]",
                    "aaa/layer.tar",
                    "bbb/layer.tar",
                    "ccc/layer.tar",
                    "ddd/layer.tar"))
            .file("repositories", "{\"app\":{\"1\":\"ddd\"}}")
            .bytes();

    var loaded = load(archive);

    assertEquals(List.of(Samples.APP), loaded.getFirst().names());
    var manifest = manifest(loaded.getFirst());
    assertEquals(MediaType.OCI_MANIFEST, manifest.mediaType());
    assertEquals(config.digest(), manifest.config().digest());
    assertEquals(config.diffIds(), manifest.layers().stream().map(Descriptor::digest).toList());
    assertArrayEquals(Samples.ONE, store.blobs().read(config.diffIds().getFirst(), 1 << 20));
  }

  @Test
  void readsDockerArchivesOfCompressedLayers() throws Exception {
    var config = Samples.config("amd64", Samples.ONE);
    var packed = Samples.gzip(Samples.ONE);
    var archive =
        new TarForge()
            .file("sha256:" + hex(config.bytes()), config.bytes())
            .file(hex(packed) + ".tar.gz", packed)
            .file(
                "manifest.json",
                dockerManifest("sha256:" + hex(config.bytes()), "null", hex(packed) + ".tar.gz"))
            .bytes();

    var loaded = load(archive);

    assertEquals(List.of(), loaded.getFirst().names());
    assertEquals(
        List.of(Samples.blob(MediaType.OCI_LAYER_GZIP, packed)),
        manifest(loaded.getFirst()).layers());
  }

  @Test
  void takesTheNamesOfManifestJsonWhereTheLayoutHasNone() throws Exception {
    var config = Samples.config("amd64", Samples.ONE);
    var manifest = plain(config, Samples.ONE);
    var archive =
        layout(List.of(manifest.descriptor()), manifest.bytes(), config.bytes(), Samples.ONE)
            .file(
                "manifest.json",
                dockerManifest(
                    "blobs/sha256/" + hex(config.bytes()),
                    "[\"app:1\"]",
                    "blobs/sha256/" + hex(Samples.ONE)))
            .bytes();

    assertEquals(
        List.of(new NamedImage(manifest.descriptor(), List.of(Samples.APP))), load(archive));
  }

  @Test
  void doesNotTakeATagAloneForAName() throws Exception {
    var config = Samples.config("amd64", Samples.ONE);
    var manifest = plain(config, Samples.ONE);
    var tagged = manifest.descriptor().withAnnotations(Map.of(Descriptor.REF_NAME, "latest"));
    var whole = manifest.descriptor().withAnnotations(Map.of(Descriptor.REF_NAME, "x.io/a:1"));

    assertEquals(
        List.of(Reference.parse("x.io/a:1")),
        load(layout(List.of(tagged, whole), manifest.bytes(), config.bytes(), Samples.ONE).bytes())
            .getFirst()
            .names());
  }

  @Test
  void keepsOfAnIndexWhatIsThere() throws Exception {
    var config = Samples.config("amd64", Samples.ONE);
    var manifest = plain(config, Samples.ONE);
    var here = manifest.descriptor().withPlatform(Platform.parse("linux/amd64"));
    var absent =
        new Descriptor(MediaType.OCI_MANIFEST, new Digest("0".repeat(64)), 5)
            .withPlatform(Platform.parse("linux/arm64"));
    var index = Index.of(List.of(absent, here), Map.of());

    var loaded =
        load(
            layout(
                    List.of(named(index.descriptor())),
                    index.bytes(),
                    manifest.bytes(),
                    config.bytes(),
                    Samples.ONE)
                .bytes());

    var kept =
        Index.parse(
            store.blobs().read(loaded.getFirst().descriptor().digest(), 1 << 20),
            MediaType.OCI_INDEX);
    assertEquals(List.of(here), kept.manifests());
  }

  @Test
  void loadsAnImageWithoutLayersAndLayersOfUnknownTypes() throws Exception { // cases 42, 43
    var config = Samples.config("amd64");
    var empty = plain(config);
    var odd = "odd".getBytes(UTF_8);
    var artifact =
        Manifest.of(
            Samples.blob(new MediaType("application/x-config"), odd),
            List.of(Samples.blob(new MediaType("application/x-layer"), odd)),
            new TreeMap<>());

    var loaded =
        load(
            layout(
                    List.of(empty.descriptor(), artifact.descriptor()),
                    empty.bytes(),
                    config.bytes(),
                    artifact.bytes(),
                    odd)
                .bytes());

    assertEquals(
        List.of(empty.descriptor(), artifact.descriptor()),
        loaded.stream().map(NamedImage::descriptor).toList());
  }

  @Test
  void looksAtManifestsThatComeAThousandTimesOnce() throws Exception { // case 46
    var config = Samples.config("amd64", Samples.ONE);
    var manifest = plain(config, Samples.ONE);
    var wide = Index.of(Collections.nCopies(1000, manifest.descriptor()), Map.of());
    var wider = Index.of(Collections.nCopies(1000, wide.descriptor()), Map.of());
    var widest = Index.of(Collections.nCopies(1000, wider.descriptor()), Map.of());

    assertEquals(
        widest.digest(),
        load(layout(
                    List.of(widest.descriptor()),
                    widest.bytes(),
                    wider.bytes(),
                    wide.bytes(),
                    manifest.bytes(),
                    config.bytes(),
                    Samples.ONE)
                .bytes())
            .getFirst()
            .descriptor()
            .digest());
  }
}
