package dev.jbuild.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexTest {

  /// The digest of the n-th manifest is n times the same digit.
  private static Index index(String... platforms) {
    var manifests = new ArrayList<Descriptor>();
    for (var platform : platforms) {
      var digest = new Digest(Integer.toHexString(manifests.size()).repeat(64));
      var manifest = new Descriptor(MediaType.OCI_MANIFEST, digest, 7);
      manifests.add(
          platform.isEmpty() ? manifest : manifest.withPlatform(Platform.parse(platform)));
    }
    return Index.of(manifests, Map.of());
  }

  @Test
  void isWrittenAsGoWouldWriteIt() {
    var manifest =
        new Descriptor(MediaType.OCI_MANIFEST, new Digest("a".repeat(64)), 7)
            .withAnnotations(Map.of("n", "v"))
            .withPlatform(new Platform("linux", "arm", "v6"));

    assertEquals(
        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
            + "\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
            + "\"digest\":\"sha256:"
            + "a".repeat(64)
            + "\",\"size\":7,"
            + "\"annotations\":{\"n\":\"v\"},"
            + "\"platform\":{\"architecture\":\"arm\",\"os\":\"linux\",\"variant\":\"v6\"}}],"
            + "\"annotations\":{\"b\":\"1\"}}",
        new String(Index.of(List.of(manifest), Map.of("b", "1")).bytes(), UTF_8));
  }

  @Test
  void isReadAsItWasWritten() throws Exception {
    var index = index("linux/amd64", "linux/arm/v6", "");

    var read = Index.parse(index.bytes(), MediaType.OCI_INDEX);

    assertEquals(index, read);
    assertEquals(index.manifests(), read.manifests());
    assertArrayEquals(index.bytes(), read.bytes());
  }

  @ParameterizedTest
  @CsvSource({
    "linux/amd64, 0",
    "linux/amd64/v3, 0",
    "linux/arm64/v8, 1",
    "linux/arm/v7, 3",
    "linux/arm/v8, 3",
    "linux/arm/v6, 2",
    "linux/386, 4",
  })
  void selectsTheBestMatch(String wanted, String digit) throws Exception {
    var index =
        index(
            "linux/amd64",
            "linux/arm64",
            "linux/arm/v6",
            "linux/arm/v7",
            "linux/386",
            "unknown/unknown",
            "linux/amd64");

    assertEquals(digit.repeat(64), index.select(Platform.parse(wanted)).digest().hex());
  }

  @Test
  void prefersTheHighestVariantThatTheMachineCanRun() throws Exception {
    var index = index("linux/amd64", "linux/amd64/v2", "linux/amd64/v4");

    assertEquals("1".repeat(64), index.select(Platform.parse("linux/amd64/v3")).digest().hex());
  }

  @Test
  void takesWhatTheProcessorRunsBesideItsOwn() throws Exception {
    var index = index("linux/arm/v6", "linux/arm/v7", "linux/386");

    assertEquals("1".repeat(64), index.select(Platform.parse("linux/arm64")).digest().hex());
    assertEquals("2".repeat(64), index.select(Platform.parse("linux/amd64")).digest().hex());
  }

  @Test
  void saysWhatThereIsWhenNothingFits() {
    var index = index("linux/amd64", "linux/arm/v7", "unknown/unknown");

    var message =
        assertThrows(ImageFormatException.class, () -> index.select(Platform.parse("linux/arm/v6")))
            .getMessage();

    assertEquals("there is no image for linux/arm/v6, only for linux/amd64, linux/arm/v7", message);
  }

  @Test
  void takesTheOnlyManifestWithoutAPlatformButNotOneOfTwo() {
    var wanted = Platform.parse("linux/amd64");

    assertEquals(
        "1".repeat(64), index("unknown/unknown", "").find(wanted).orElseThrow().digest().hex());
    assertTrue(index("", "").find(wanted).isEmpty());
  }

  /// A list of materials in an index, as some tools put it there, is no image for anybody.
  @Test
  void takesNoArtifactForAnImage() {
    var image = index("").manifests().getFirst();
    var artifact = new Descriptor(image.mediaType(), Digest.of(new byte[0]), 7);
    var typed =
        new Descriptor(
            artifact.mediaType(), artifact.digest(), 7, new TreeMap<>(), null, "text/spdx");
    var wanted = Platform.parse("linux/arm64");

    assertEquals(image, Index.of(List.of(typed, image), Map.of()).find(wanted).orElseThrow());
    var amd = image.withPlatform(Platform.parse("linux/amd64"));
    var index = Index.of(List.of(amd, typed), Map.of());
    assertTrue(index.find(wanted).isEmpty());
    assertEquals(List.of(amd), index.images());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"layers\":[]", "\"config\":{}", "\"Config\":{}", "\"MANIFESTS\":[]"})
  void refusesWhatCouldBeReadAsAManifest(String member) { // case 40, CVE-2021-41190
    var text = "{\"schemaVersion\":2,\"manifests\":[]," + member + "}";

    var message =
        assertThrows(
                ImageFormatException.class,
                () -> Index.parse(text.getBytes(UTF_8), MediaType.OCI_INDEX))
            .getMessage();

    assertTrue(String.valueOf(message).contains("is ambiguous"), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"schemaVersion\":2}",
        "{\"schemaVersion\":2,\"manifests\":{}}",
        "{\"schemaVersion\":2,\"manifests\":[[]]}",
        "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a\\u001bb\"}]}",
        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
            + "\"manifests\":[]}"
      })
  void refusesWhatIsNotAnIndex(String text) { // case 40
    assertThrows(
        ImageFormatException.class, () -> Index.parse(text.getBytes(UTF_8), MediaType.OCI_INDEX));
  }

  @Test
  void refusesAPlatformThatCouldHarmATerminal() {
    var text =
        "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a\",\"digest\":\"sha256:"
            + "a".repeat(64)
            + "\",\"size\":1,\"platform\":{\"os\":\"li\\u001b[2J\",\"architecture\":\"x\"}}]}";

    var message =
        assertThrows(
                ImageFormatException.class,
                () -> Index.parse(text.getBytes(UTF_8), MediaType.OCI_INDEX))
            .getMessage();

    assertTrue(String.valueOf(message).endsWith("\"li\\x1b[2J\""), message);
  }
}
