package dev.jbuild.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageConfigTest {

  private static final Digest A = new Digest("a".repeat(64));
  private static final Digest B = new Digest("b".repeat(64));
  private static final Instant NEW_YEAR = Instant.parse("2026-01-01T00:00:00Z");

  private static ImageConfig parse(String text) throws ImageFormatException {
    return ImageConfig.parse(text.getBytes(UTF_8));
  }

  private static String text(ImageConfig config) {
    return new String(config.bytes(), UTF_8);
  }

  private static String rootfs(Digest... diffIds) {
    var names = new ArrayList<String>();
    for (var diffId : diffIds) {
      names.add("\"" + diffId + "\"");
    }
    return "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + String.join(",", names) + "]}";
  }

  @Test
  void ofScratchSaysOnlyWhatItRunsOn() {
    assertEquals(
        "{\"architecture\":\"arm\",\"os\":\"linux\",\"variant\":\"v7\",\"config\":{},"
            + rootfs()
            + "}",
        text(ImageConfig.scratch(Platform.parse("linux/arm"))));
  }

  @Test
  void isWrittenAsGoWouldWriteIt() {
    var config =
        ContainerConfig.EMPTY
            .withUser("app")
            .withExposedPorts(new TreeSet<>(List.of("81/tcp", "80/tcp")))
            .withVariable("PATH", "/bin")
            .withEntrypoint(List.of("/app"))
            .withCmd(List.of("-v", "é"))
            .withVolumes(new TreeSet<>(List.of("/data")))
            .withWorkingDir("/srv")
            .withLabel("b", "<2>")
            .withLabel("a", "1")
            .withStopSignal("SIGINT")
            .withHealthcheck(
                new Healthcheck(
                    List.of("CMD-SHELL", "true"),
                    Duration.ofSeconds(30),
                    Duration.ofMillis(1500),
                    Duration.ZERO,
                    Duration.ZERO,
                    3))
            .withOnBuild(List.of("RUN x"))
            .withShell(List.of("/bin/bash", "-c"));
    var image =
        ImageConfig.scratch(Platform.parse("linux/amd64"))
            .withCreated(NEW_YEAR)
            .withAuthor("me")
            .withConfig(config)
            .withLayers(
                List.of(A),
                List.of(
                    new History(NEW_YEAR, "COPY a /", "", "buildkit.dockerfile.v0", false),
                    new History(NEW_YEAR.plusMillis(120), "CMD [\"x\"]", "", "", true)));

    assertEquals(
        """
        {"created":"2026-01-01T00:00:00Z","author":"me","architecture":"amd64","os":"linux",\
        "config":{"User":"app","ExposedPorts":{"80/tcp":{},"81/tcp":{}},"Env":["PATH=/bin"],\
        "Entrypoint":["/app"],"Cmd":["-v","é"],"Volumes":{"/data":{}},"WorkingDir":"/srv",\
        "Labels":{"a":"1","b":"<2>"},"StopSignal":"SIGINT",\
        "Healthcheck":{"Test":["CMD-SHELL","true"],"Interval":30000000000,"Timeout":1500000000,\
        "Retries":3},"OnBuild":["RUN x"],"Shell":["/bin/bash","-c"]},\
        """
            + rootfs(A)
            + """
            ,"history":[{"created":"2026-01-01T00:00:00Z","created_by":"COPY a /",\
            "comment":"buildkit.dockerfile.v0"},{"created":"2026-01-01T00:00:00.12Z",\
            "created_by":"CMD [\\"x\\"]","empty_layer":true}]}\
            """,
        text(image));
  }

  @Test
  void readsItsOwnDocumentBack() throws Exception {
    var image =
        ImageConfig.scratch(Platform.parse("linux/arm/v6"))
            .withCreated(NEW_YEAR.plusNanos(1))
            .withConfig(
                ContainerConfig.EMPTY
                    .withArgsEscaped(true)
                    .withHealthcheck(
                        new Healthcheck(
                            List.of("NONE"),
                            Duration.ofNanos(1),
                            Duration.ofNanos(2),
                            Duration.ofNanos(3),
                            Duration.ofNanos(4),
                            5)))
            .withLayers(List.of(A, B), List.of());

    var read = parse(text(image));

    assertEquals(image.config(), read.config());
    assertEquals(image.created(), read.created());
    assertEquals(image.platform(), read.platform());
    assertEquals(image.diffIds(), read.diffIds());
    assertArrayEquals(image.bytes(), read.toJson());
    assertEquals(image.digest(), read.digest());
  }

  @Test
  void keepsTheBytesOfABaseUntilSomethingChanges() throws Exception {
    var text =
        "{\n  \"os\": \"linux\", \"architecture\": \"arm64\", \"variant\": \"v8\", "
            + rootfs(A)
            + "}\n";
    var base = parse(text);

    assertEquals(text, text(base));
    assertEquals(Digest.of(text.getBytes(UTF_8)), base.digest());
    assertEquals(
        "{\"architecture\":\"arm64\",\"os\":\"linux\","
            + "\"config\":{\"User\":\"x\"},"
            + rootfs(A)
            + "}",
        text(base.withConfig(base.config().withUser("x"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "amd64 | v2 | linux/amd64   | linux/amd64/v2   | 10",
        "amd64 | v2 | linux/amd64/v3 | linux/amd64/v3  | 10",
        "arm64 | v8 | linux/arm64   | linux/arm64      | 10",
        "arm   | v7 | linux/arm64   | linux/arm64      | -",
        "amd64 | -  | windows/amd64 | windows/amd64    | -",
      })
  void isForThePlatformThatWasAskedFor( // dockerfile-rules.md 3
      String architecture,
      @Nullable String variant,
      String wanted,
      String platform,
      @Nullable String osVersion)
      throws Exception {
    var base =
        parse(
            "{\"os\":\"linux\",\"os.version\":\"10\",\"architecture\":\""
                + architecture
                + "\","
                + (variant == null ? "" : "\"variant\":\"" + variant + "\",")
                + rootfs()
                + "}");

    var config = base.withPlatform(Platform.parse(wanted));

    assertEquals(platform, config.platform().toString());
    assertEquals(osVersion, config.unknown().get("os.version"));
  }

  @Test
  void keepsWhatItDoesNotKnowOfABase() throws Exception { // case 42
    var base =
        parse(
            "{\"os.version\":\"10\",\"architecture\":\"amd64\",\"os\":\"linux\",\"docker_version\":"
                + "\"1\",\"config\":{\"Zeta\":1.50,\"Hostname\":\"h\",\"Image\":null,\"Env\":null},"
                + rootfs()
                + ",\"big\":123456789012345678901234567890}");

    assertEquals(
        "{\"architecture\":\"amd64\",\"os\":\"linux\","
            + "\"config\":{\"Hostname\":\"h\",\"Image\":null,\"Zeta\":1.50},"
            + rootfs()
            + ",\"big\":123456789012345678901234567890,\"docker_version\":\"1\","
            + "\"os.version\":\"10\"}",
        text(base.withCreated(null)));
  }

  @Test
  void writesTheHistoryOfABaseAsItWas() throws Exception {
    var entries =
        "{\"empty_layer\":false,\"created\":\"2020-02-02T02:02:02.100+02:00\",\"created_by\":\"x\","
            + "\"extra\":[1]},{\"created\":\"yesterday\",\"empty_layer\":true},{}";
    var base =
        parse(
            "{\"architecture\":\"a\",\"os\":\"b\","
                + rootfs(A)
                + ",\"history\":["
                + entries
                + "]}");
    var history = new ArrayList<>(base.history());
    history.add(new History(NEW_YEAR, "y", "", "", true));

    var image = base.withLayers(base.diffIds(), history);

    assertEquals(Instant.parse("2020-02-02T00:02:02.1Z"), base.history().get(0).created());
    assertNull(base.history().get(1).created());
    assertTrue(
        text(image)
            .contains(
                "\"history\":["
                    + entries
                    + ",{\"created\":\"2026-01-01T00:00:00Z\",\"created_by\""
                    + ":\"y\",\"empty_layer\":true}]"),
        text(image));
  }

  @ParameterizedTest
  @CsvSource({
    "2026-01-01T00:00:00Z, 2026-01-01T00:00:00Z",
    "2026-01-01T01:00:00.500000000+01:00, 2026-01-01T00:00:00.5Z",
    "2026-01-01T00:00:00.123456789Z, 2026-01-01T00:00:00.123456789Z",
    "0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z",
  })
  void writesTimesAsGoDoes(String read, String written) throws Exception {
    var base =
        parse(
            "{\"created\":\"" + read + "\",\"architecture\":\"a\",\"os\":\"b\"," + rootfs() + "}");

    assertTrue(text(base.withAuthor("")).startsWith("{\"created\":\"" + written + "\","));
  }

  @Test
  void readsAWordWhereDockerOnceWroteOne() throws Exception {
    var base = parse("{\"config\":{\"Entrypoint\":\"sh\",\"Cmd\":[]}," + rootfs() + "}");

    assertEquals(List.of("sh"), base.config().entrypoint());
    assertEquals(List.of(), base.config().cmd());
    assertNull(base.config().shell());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|\"rootfs\" is missing",
        "{\"rootfs\":{\"type\":\"magic\"}}|unknown type \"magic\"",
        "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:../x\"]}}|\"diff_ids\": not a",
        "{\"rootfs\":{},\"history\":{}}|\"history\" must be an array",
        "{\"rootfs\":{},\"config\":{\"Env\":[1]}}|\"config\": \"Env\" must be an array of strings",
        "{\"rootfs\":{},\"os\":\"a b\"}|\"os\" is not of a platform",
        "{\"rootfs\":{},\"config\":{\"Labels\":{\"a\":1}}}|\"Labels\" must be an object with str",
      })
  void namesTheMemberThatIsMissingOrWrong(String text, String complaint) { // cases 36, 42
    var message =
        String.valueOf(assertThrows(ImageFormatException.class, () -> parse(text)).getMessage());

    assertTrue(message.contains(complaint), message);
  }

  @Test
  void mustHaveAsManyDiffIdsAndHistoriesAsThereAreLayers() throws Exception { // case 43
    var history = ",\"history\":[{},{\"empty_layer\":true}]}";

    parse("{" + rootfs(A) + history).check(1);
    parse("{" + rootfs() + "}").check(0);
    parse("{" + rootfs(A, B) + "}").check(2);
    assertThrows(ImageFormatException.class, () -> parse("{" + rootfs(A) + "}").check(2));
    assertThrows(ImageFormatException.class, () -> parse("{" + rootfs(A, B) + history).check(2));
  }

  /// They share their strings, and must not see each other's.
  @Test
  void environmentsThatGrewOutOfOneAreIndependent() {
    var start = ContainerConfig.EMPTY.withVariable("A", "1");
    var first = start.withVariable("B", "2");
    var second = start.withVariable("C", "3").withVariable("B", "4");
    var third = first.withVariable("D", "5").withVariable("A", "6");
    assertEquals(List.of("A=1"), start.env());
    assertEquals(List.of("A=1", "B=2"), first.env());
    assertEquals(List.of("A=1", "C=3", "B=4"), second.env());
    assertEquals(List.of("A=6", "B=2", "D=5"), third.env());
    assertEquals(List.of("A=1", "B=2", "D=7"), first.withVariable("D", "7").env());
    var repeated = ContainerConfig.EMPTY.withEnv(List.of("A=1", "B", "A=2"));
    assertEquals(List.of("A=3", "B"), repeated.withVariable("A", "3").env());
    assertEquals(List.of("A=1", "B=", "A=2"), repeated.withVariable("B", "").env());
    assertEquals(List.of("A=1", "B", "A=2", "C=3"), repeated.withVariable("C", "3").env());
  }

  @Test
  void aVariableIsReplacedInItsPlace() {
    var config =
        ContainerConfig.EMPTY.withEnv(List.of("A=1", "AB=2", "C")).withVariable("A", "x=y");

    assertEquals(List.of("A=x=y", "AB=2", "C"), config.env());
    assertEquals("x=y", config.variable("A").orElseThrow());
    assertTrue(config.variable("B").isEmpty());
    assertEquals(
        List.of("A=x=y", "AB=2", "C=", "D=4"),
        config.withVariable("C", "").withVariable("D", "4").env());
  }

  @Test
  void theChainIdOfLayersIsThatOfTheSpecification() {
    // printf 'sha256:aaa… sha256:bbb…' | sha256sum
    var ab = Digest.of((A + " " + B).getBytes(UTF_8));

    assertEquals(A, ChainId.of(List.of(A)));
    assertEquals(ab, ChainId.of(List.of(A, B)));
    assertEquals(Digest.of((ab + " " + A).getBytes(UTF_8)), ChainId.of(List.of(A, B, A)));
    assertEquals(ab, ChainId.next(A, B));
    assertEquals(B, ChainId.next(null, B));
    assertThrows(IllegalArgumentException.class, () -> ChainId.of(List.of()));
  }
}
