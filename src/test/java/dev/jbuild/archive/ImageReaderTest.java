package dev.jbuild.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarLimits;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReaderTest {

  private static final String LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}";

  @TempDir Path directory;
  private Store store;
  private ImageReader reader;

  private final List<Store> opened = new ArrayList<>();

  private Store open(String name) throws IOException {
    var another = Store.open(directory.resolve(name));
    opened.add(another);
    return another;
  }

  @AfterEach
  void closeStores() throws IOException {
    for (var each : opened) {
      each.close();
    }
  }

  @BeforeEach
  void openStore() throws IOException {
    store = open("store");
    reader = new ImageReader(store, TarLimits.DEFAULT);
  }

  private List<NamedImage> load(byte[] archive) throws IOException {
    return reader.load(new ByteArrayInputStream(archive));
  }

  private String refused(byte[] archive) throws IOException {
    var message = String.valueOf(assertThrows(IOException.class, () -> load(archive)).getMessage());
    assertTrue(store.references().find(Samples.APP.full()).isEmpty(), "a name was set");
    return message;
  }

  private Manifest manifest(NamedImage image) throws IOException {
    var bytes = store.blobs().read(image.descriptor().digest(), Json.DOCUMENT_LIMIT);
    return Manifest.parse(bytes, image.descriptor().mediaType());
  }

  /// A layout with the entries in index.json and the blobs.
  private static TarForge layout(List<Descriptor> entries, byte[]... blobs) {
    var tar =
        new TarForge()
            .file("oci-layout", LAYOUT)
            .file("index.json", Index.of(entries, Map.of()).bytes());
    for (var blob : blobs) {
      tar.file("blobs/sha256/" + Digest.of(blob).hex(), blob);
    }
    return tar;
  }

  private static Descriptor named(Descriptor image) {
    return image.withAnnotations(Map.of("io.containerd.image.name", Samples.APP.full()));
  }

  /// A layout with one image, `app:1`, of one plain layer; `blobs` are what it really holds.
  private static byte[] app(Manifest manifest, byte[]... blobs) {
    return layout(List.of(named(manifest.descriptor())), blobs).bytes();
  }

  private static Manifest plain(ImageConfig config, byte[]... layers) {
    var descriptors = new ArrayList<Descriptor>();
    for (var layer : layers) {
      descriptors.add(Samples.blob(MediaType.OCI_LAYER, layer));
    }
    return Samples.manifest(config, descriptors);
  }

  private static String hex(byte[] bytes) {
    return Digest.of(bytes).hex();
  }

  private static String dockerManifest(String config, String tags, String... layers) {
    return "[{\"Config\":\""
        + config
        + "\",\"RepoTags\":"
        + tags
        + ",\"Layers\":[\""
        + String.join("\",\"", layers)
        + "\"]}]";
  }

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
  void followsNoLinkInADirectory() throws Exception {
    var layout = directory.resolve("layout");
    var blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
    var config = Samples.config("amd64", Samples.ONE);
    var manifest = plain(config, Samples.ONE);
    Files.writeString(layout.resolve("oci-layout"), LAYOUT);
    Files.write(
        layout.resolve("index.json"), Index.of(List.of(manifest.descriptor()), Map.of()).bytes());
    Files.write(blobs.resolve(manifest.digest().hex()), manifest.bytes());
    Files.write(blobs.resolve(config.digest().hex()), config.bytes());
    var outside = Files.write(directory.resolve("outside"), Samples.ONE);
    Files.createSymbolicLink(blobs.resolve(hex(Samples.ONE)), outside);

    var failure = assertThrows(IOException.class, () -> reader.load(layout));

    assertTrue(String.valueOf(failure.getMessage()).contains("is not there"));
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
  void refusesABlobWithAFlippedBit() throws Exception { // case 34
    var config = Samples.config("amd64", Samples.ONE);
    var manifest = plain(config, Samples.ONE);
    var flipped = Samples.ONE.clone();
    flipped[600] ^= 1;
    var archive =
        layout(List.of(named(manifest.descriptor())), manifest.bytes(), config.bytes())
            .file("blobs/sha256/" + hex(Samples.ONE), flipped)
            .bytes();

    var message = refused(archive);

    assertTrue(message.contains(hex(Samples.ONE)) && message.contains(hex(flipped)), message);
    assertFalse(store.blobs().contains(Digest.of(Samples.ONE)));
    assertFalse(store.blobs().contains(Digest.of(flipped)));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1})
  void refusesABlobOfAnotherSizeThanItsDescriptorSays(int more) throws Exception { // case 35
    var config = Samples.config("amd64", Samples.ONE);
    var lie =
        new Descriptor(MediaType.OCI_LAYER, Digest.of(Samples.ONE), Samples.ONE.length + more);
    var manifest = Samples.manifest(config, List.of(lie));

    var message = refused(app(manifest, manifest.bytes(), config.bytes(), Samples.ONE));

    assertTrue(message.contains("but its descriptor says " + lie.size()), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sha256:../../../../tmp/x",
        "sha256:",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      })
  void refusesHostileDigests(String digest) throws Exception { // case 36, CVE-2024-3727
    var index =
        "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":"
            + "\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\""
            + digest
            + "\",\"size\":2}]}";

    var message =
        refused(new TarForge().file("oci-layout", LAYOUT).file("index.json", index).bytes());

    assertTrue(message.startsWith("index.json: \"manifests\"[0]: \"digest\""), message);
  }

  @Test
  void refusesBlobsThatAreNotNamedByADigest() throws Exception { // case 36
    var message = refused(layout(List.of()).file("blobs/sha256/XYZ", "x").bytes());

    assertTrue(message.contains("blobs/sha256/XYZ is not named by a digest"), message);
  }

  @Test
  void refusesAmbiguousDocuments() throws Exception { // case 40, CVE-2021-41190
    var config = Samples.config("amd64", Samples.ONE);
    var text = new String(plain(config, Samples.ONE).bytes(), UTF_8);
    var both = (text.substring(0, text.length() - 1) + ",\"manifests\":[]}").getBytes(UTF_8);
    var manifest = Samples.blob(MediaType.OCI_MANIFEST, both);
    var index = Samples.blob(MediaType.OCI_INDEX, both);

    for (var entry : List.of(manifest, index)) {
      var message =
          refused(layout(List.of(named(entry)), both, config.bytes(), Samples.ONE).bytes());
      assertTrue(message.contains("ambiguous"), message);
    }
  }

  @Test
  void refusesAnIndexThatIsCalledAManifest() throws Exception { // case 40
    var index = Index.of(List.of(), Map.of());
    var lie = Samples.blob(MediaType.OCI_MANIFEST, index.bytes());

    refused(layout(List.of(named(lie)), index.bytes()).bytes());
  }

  @Test
  void refusesAnArchiveWithTwoIndexes() throws Exception { // case 40
    var message = refused(layout(List.of()).file("./index.json", "{}").bytes());

    assertTrue(message.contains("two index.json"), message);
  }

  @Test
  void refusesLayersThatAreNotThoseOfTheConfig() throws Exception { // case 43
    var config = Samples.config("amd64", Samples.ONE, Samples.ONE);
    var swapped = plain(config, Samples.ONE, Samples.TWO);
    var packed = Samples.gzip(Samples.TWO);
    var inside =
        Samples.manifest(
            config,
            List.of(
                Samples.blob(MediaType.OCI_LAYER, Samples.ONE),
                Samples.blob(MediaType.OCI_LAYER_GZIP, packed)));
    var fewer = plain(config, Samples.ONE);

    var plainMessage =
        refused(app(swapped, swapped.bytes(), config.bytes(), Samples.ONE, Samples.TWO));
    var packedMessage = refused(app(inside, inside.bytes(), config.bytes(), Samples.ONE, packed));
    var fewerMessage = refused(app(fewer, fewer.bytes(), config.bytes(), Samples.ONE));

    assertTrue(plainMessage.startsWith("layer 1 of manifest sha256:"), plainMessage);
    assertTrue(packedMessage.startsWith("layer 1 of manifest sha256:"), packedMessage);
    assertTrue(fewerMessage.contains("names 2 layers but its manifest has 1"), fewerMessage);
  }

  @Test
  void refusesDockerLayersThatAreNotThoseOfTheConfig() throws Exception { // case 43
    var config = Samples.config("amd64", Samples.ONE);
    var archive =
        new TarForge()
            .file("c.json", config.bytes())
            .file("a/layer.tar", Samples.TWO)
            .file("manifest.json", dockerManifest("c.json", "[\"app:1\"]", "a/layer.tar"))
            .bytes();

    assertTrue(refused(archive).startsWith("layer 0 of manifest"), refused(archive));
  }

  @Test
  void refusesADockerConfigThatIsNotWhatItIsCalled() throws Exception { // case 34
    var config = Samples.config("amd64");
    var name = "a".repeat(64) + ".json";

    var message =
        refused(
            new TarForge()
                .file(name, config.bytes())
                .file("manifest.json", "[{\"Config\":\"" + name + "\",\"Layers\":[]}]")
                .bytes());

    assertTrue(message.contains(config.digest().toString()), message);
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
  void refusesDocumentsThatAreTooLarge() throws Exception { // case 44
    var blanks = " ".repeat(Json.DOCUMENT_LIMIT + 1);
    var large = blanks.getBytes(UTF_8);

    assertTrue(refused(new TarForge().file("index.json", blanks).bytes()).contains("too large"));
    refused(layout(List.of(named(Samples.blob(MediaType.OCI_MANIFEST, large))), large).bytes());
  }

  @Test
  void refusesIndexesInIndexesInIndexes() throws Exception { // case 46
    var blobs = new ArrayList<byte[]>();
    var index = Index.of(List.of(), Map.of());
    for (int i = 0; i < 1000; i++) {
      if (i > 990) {
        blobs.add(index.bytes()); // those further in are never asked for
      }
      index = Index.of(List.of(index.descriptor()), Map.of());
    }
    blobs.add(index.bytes());

    var message =
        refused(layout(List.of(named(index.descriptor())), blobs.toArray(byte[][]::new)).bytes());

    assertTrue(message.contains("nested deeper"), message);
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

  @Test
  void setsNoNameWhenALaterImageIsBroken() throws Exception {
    var config = Samples.config("amd64", Samples.ONE);
    var good = plain(config, Samples.ONE);
    var absent = new Descriptor(MediaType.OCI_MANIFEST, new Digest("0".repeat(64)), 5);

    var message =
        refused(
            layout(
                    List.of(named(good.descriptor()), absent),
                    good.bytes(),
                    config.bytes(),
                    Samples.ONE)
                .bytes());

    assertTrue(message.contains("0000, which is not there"), message);
  }

  @Test
  void refusesOneNameForTwoImages() throws Exception { // case 114
    var one = plain(Samples.config("amd64"));
    var two = plain(Samples.config("arm64"));

    var message =
        refused(
            layout(
                    List.of(named(one.descriptor()), named(two.descriptor())),
                    one.bytes(),
                    two.bytes(),
                    Samples.config("amd64").bytes(),
                    Samples.config("arm64").bytes())
                .bytes());

    assertEquals("two images have the name app:1", message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"App:1", "a b", "x\u001b[2J:1"})
  void refusesNamesThatAreNone(String name) throws Exception {
    var config = Samples.config("amd64");
    var manifest = plain(config);
    var entry = manifest.descriptor().withAnnotations(Map.of("io.containerd.image.name", name));

    var message = refused(layout(List.of(entry), manifest.bytes(), config.bytes()).bytes());

    assertTrue(message.startsWith("index.json: "), message);
    assertTrue(message.chars().allMatch(c -> c >= 0x20), message);
  }

  @Test
  void saysWhatIsMissing() throws Exception { // case 114
    var config = Samples.config("amd64", Samples.ONE);
    var manifest = plain(config, Samples.ONE);

    assertTrue(refused(new byte[0]).contains("the archive is empty"));
    assertTrue(refused(Samples.ONE).contains("neither index.json nor manifest.json"));
    assertTrue(refused(new TarForge().file("index.json", "{}").bytes()).contains("no oci-layout"));
    assertTrue(
        refused(
                new TarForge()
                    .file("oci-layout", LAYOUT.replace("1.0.0", "2.0.0"))
                    .file("index.json", "{}")
                    .bytes())
            .contains("version \"2.0.0\""));
    assertTrue(
        refused(app(manifest, manifest.bytes(), config.bytes()))
            .contains(hex(Samples.ONE) + ", which is not there"));
    assertTrue(
        refused(new TarForge().file("manifest.json", dockerManifest("c.json", "[]", "l")).bytes())
            .contains("names c.json, which is not in the archive"));
    assertTrue(
        refused(new TarForge().file("manifest.json", "[]").bytes())
            .contains("there is no image in the archive"));
  }

  @Test
  void refusesLinksInCircles() throws Exception {
    var archive =
        new TarForge()
            .symlink("a.json", "b.json")
            .symlink("b.json", "../../a.json")
            .file("manifest.json", dockerManifest("a.json", "[]", "l"))
            .bytes();

    assertTrue(refused(archive).contains("names a.json, which is not in the archive"));
  }

  @Test
  void refusesAnArchiveThatIsCutOff() throws Exception {
    var config = Samples.config("amd64", Samples.ONE);
    var manifest = plain(config, Samples.ONE);
    var whole = app(manifest, manifest.bytes(), config.bytes(), Samples.ONE);

    refused(Arrays.copyOf(whole, whole.length - 3000));
  }
}
