package dev.jbuild.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.MediaType;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Archives and directories that are broken, or made to do harm.
class ImageRefusalTest extends ReaderBench {

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
