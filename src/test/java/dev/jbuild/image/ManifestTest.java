package dev.jbuild.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTest {

  private static final Digest A = new Digest("a".repeat(64));
  private static final Digest B = new Digest("b".repeat(64));
  private static final String CONFIG =
      "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\""
          + A
          + "\",\"size\":2}";
  private static final String LAYER =
      "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\""
          + B
          + "\",\"size\":10240}";

  private static String manifest(String members) {
    return "{\"schemaVersion\":2," + members + "}";
  }

  private static Manifest parse(String text) throws ImageFormatException {
    return Manifest.parse(text.getBytes(UTF_8), MediaType.OCI_MANIFEST);
  }

  private static String refused(String text) {
    return String.valueOf(assertThrows(ImageFormatException.class, () -> parse(text)).getMessage());
  }

  @Test
  void isWrittenAsGoWouldWriteIt() {
    var manifest =
        Manifest.of(
            new Descriptor(MediaType.OCI_CONFIG, A, 2),
            List.of(new Descriptor(MediaType.OCI_LAYER, B, 10240)),
            new TreeMap<>(Map.of("z", "<1>", "a", "2")));

    assertEquals(
        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
            + "\"config\":"
            + CONFIG
            + ",\"layers\":["
            + LAYER
            + "],"
            + "\"annotations\":{\"a\":\"2\",\"z\":\"<1>\"}}",
        new String(manifest.bytes(), UTF_8));
    assertEquals(Digest.of(manifest.bytes()), manifest.descriptor().digest());
  }

  @Test
  void keepsTheBytesItWasReadFrom() throws Exception { // case 42
    var text =
        "\n"
            + "{ \"annotations\" : {\"k\":\"v\"}, \"later\":{\"x\":[1.50]}, \"schemaVersion\":2,"
            + " \"layers\":["
            + LAYER
            + ", "
            + LAYER
            + "],\"config\":"
            + CONFIG
            + ",\"artifactType\":\"application/x\",\"subject\":"
            + LAYER
            + "}\n";

    var manifest = parse(text);

    assertArrayEquals(text.getBytes(UTF_8), manifest.bytes());
    assertEquals(A, manifest.config().digest());
    assertEquals(2, manifest.layers().size());
    assertEquals(Map.of("k", "v"), manifest.annotations());
    assertEquals("application/x", manifest.artifactType().orElseThrow());
    assertEquals(B, manifest.subject().orElseThrow().digest());
  }

  @Test
  void acceptsUnknownTypesOfConfigsAndLayersAndNoLayers() throws Exception { // cases 42, 43
    var odd = LAYER.replace("application/vnd.oci.image.layer.v1.tar", "text/x-odd");

    assertEquals(
        "text/x-odd",
        parse(manifest("\"config\":" + odd + ",\"layers\":[]")).config().mediaType().name());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"manifests\":[]",
        "\"Manifests\":[]",
        "\"Layers\":[]",
        "\"layer\u017f\":[]",
        "\"CONFIG\":{}",
        "\"fsLayers\":[]",
        "\"MediaType\":\"application/vnd.oci.image.index.v1+json\""
      })
  void refusesWhatCouldBeReadAsSomethingElse(String member) { // case 40, CVE-2021-41190
    var message = refused(manifest("\"config\":" + CONFIG + ",\"layers\":[]," + member));

    assertTrue(message.contains("is ambiguous"), message);
  }

  @Test
  void refusesAKeyThatComesTwice() { // case 40
    refused(manifest("\"config\":" + CONFIG + ",\"layers\":[],\"layers\":[" + LAYER + "]"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json"
      })
  void refusesAnotherMediaTypeThanExpected(String type) { // cases 40, 41
    var message =
        refused(manifest("\"mediaType\":\"" + type + "\",\"config\":" + CONFIG + ",\"layers\":[]"));

    assertTrue(message.endsWith("manifest.v1+json but says " + type), message);
  }

  @Test
  void refusesToReadAnIndexAsAManifest() {
    assertThrows(
        ImageFormatException.class,
        () -> Manifest.parse("{}".getBytes(UTF_8), MediaType.OCI_INDEX));
  }

  @Test
  void needsTheMediaTypeInADockerManifest() throws Exception {
    var rest = "\"config\":" + CONFIG + ",\"layers\":[" + LAYER + "]";
    var type = "\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",";

    Manifest.parse(manifest(type + rest).getBytes(UTF_8), MediaType.DOCKER_MANIFEST);
    assertThrows(
        ImageFormatException.class,
        () -> Manifest.parse(manifest(rest).getBytes(UTF_8), MediaType.DOCKER_MANIFEST));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|\"schemaVersion\" is missing",
        "{\"schemaVersion\":1}|\"schemaVersion\" must be 2",
        "{\"schemaVersion\":\"2\"}|\"schemaVersion\" must be an integer",
        "{\"schemaVersion\":2,\"layers\":[]}|\"config\" is missing",
        "{\"schemaVersion\":2,\"config\":null}|\"config\" is missing",
        "[]|is not a JSON object",
        "null|is not a JSON object",
      })
  void namesTheMemberThatIsMissingOrWrong(String text, String complaint) {
    assertTrue(refused(text).contains(complaint), refused(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sha256:../../../../etc/passwd",
        "sha256:",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        "sha256:٣bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
      })
  void refusesHostileDigests(String digest) { // case 36, CVE-2024-3727
    var message =
        refused(
            manifest(
                "\"config\":"
                    + CONFIG
                    + ",\"layers\":["
                    + LAYER.replace(B.toString(), digest)
                    + "]"));

    assertTrue(message.contains("\"layers\"[0]: \"digest\": "), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1.5", "99999999999999999999", "\"2\"", "null"})
  void refusesSizesThatAreNone(String size) { // case 37
    var message =
        refused(
            manifest("\"config\":" + CONFIG.replace(":2}", ":" + size + "}") + ",\"layers\":[]"));

    assertTrue(message.contains("\"config\": \"size\""), message);
  }
}
