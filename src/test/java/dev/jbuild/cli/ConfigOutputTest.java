package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jbuild.build.Images;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Reference;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The config document of a built image, byte by byte where it counts. Rows begin with the section
/// of the reference; what BuildKit (Docker 20.10) writes differently for these Dockerfiles is told
/// beside the row.
class ConfigOutputTest {

  private static final String BASE =
      """
      {"created":"2020-01-02T03:04:05.678Z","author":"base","architecture":"amd64","os":"linux",\
      "os.version":"7","docker_version":"1","config":{"User":"app","Env":["A=1"],\
      "Cmd":["c"],"Entrypoint":["e"],"WorkingDir":"/w","Labels":{"l":"base"},"Volumes":{"/v":{}},\
      "ExposedPorts":{"1/tcp":{}},"StopSignal":"INT","Shell":["/bin/ash","-c"],\
      "Healthcheck":{"Test":["NONE"]},"Zeta":[1]},"rootfs":{"type":"layers","diff_ids":[]},\
      "history":[{"created":"2020-01-02T03:04:05.678Z","created_by":"x","author":"base",\
      "empty_layer":true,"extra":1}]}\
      """;

  @TempDir static Path directory;

  private static final Map<List<String>, JsonNode> BUILT = new HashMap<>();

  @BeforeAll
  static void makeABase() throws IOException {
    Files.createDirectories(directory.resolve("context/dir"));
    Files.writeString(directory.resolve("context/f"), "content");
    try (var store = Store.open(directory.resolve("store"))) {
      var images = new Images(store);
      var base = ImageConfig.parse(BASE.getBytes(StandardCharsets.UTF_8));
      images.name(images.assemble(base), List.of(Reference.parse("base")));
    }
  }

  private static JsonNode build(String dockerfile, String... options) throws IOException {
    var key = new ArrayList<>(List.of(dockerfile));
    key.addAll(Arrays.asList(options));
    var known = BUILT.get(key);
    if (known != null) {
      return known;
    }
    var config = make(dockerfile, options);
    BUILT.put(key, config);
    return config;
  }

  private static JsonNode make(String dockerfile, String... options) throws IOException {
    Files.writeString(directory.resolve("context/Dockerfile"), dockerfile.replace("; ", "\n"));
    var words = new ArrayList<>(List.of("build", "-q"));
    words.addAll(Arrays.asList(options));
    words.add(directory.resolve("context").toString());
    var run = new Jbuild(directory.resolve("store")).run(words.toArray(String[]::new));
    assertEquals(0, run.code(), run.err());
    var hex = run.out().strip().substring("sha256:".length());
    var file = directory.resolve("store/blobs/sha256/" + hex);
    return new ObjectMapper().readTree(Files.readString(file));
  }

  @ParameterizedTest(name = "{0}: {1} {2}", quoteTextArguments = false)
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "3 | FROM scratch | /config |"
            + " {\"Env\":[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr"
            + "/bin:/sbin:/bin\"],\"WorkingDir\":\"/\"}",
        "3 | FROM base | /config/Env |"
            + " [\"A=1\",\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"]",
        "3 | FROM base; ENV PATH=/p | /config/Env | [\"A=1\",\"PATH=/p\"]",
        "7 | FROM base; ENV B=\"x y\" A=2 C= | /config/Env/0 | \"A=2\"",
        "7 | FROM base; ENV B=\"x y\" A=2 C= | /config/Env/2 | \"B=x y\"",
        "7 | FROM base; ENV B=\"x y\" A=2 C= | /config/Env/3 | \"C=\"",
        "7 | FROM base; LABEL z=1 \"a b\"=$A l= | /config/Labels | {\"a"
            + " b\":\"1\",\"l\":\"\",\"z\":\"1\"}",
        "7 | FROM base; EXPOSE 81 80/udp | /config/ExposedPorts |"
            + " {\"1/tcp\":{},\"80/udp\":{},\"81/tcp\":{}}",
        "7 | FROM base; VOLUME /z /a | /config/Volumes | {\"/a\":{},\"/v\":{},\"/z\":{}}",
        "7 | FROM base; USER $A:g | /config/User | \"1:g\"",
        "7 | FROM base; WORKDIR x/../y/ | /config/WorkingDir | \"/w/y\"",
        "8 | FROM base; CMD [\"d\"] | /config/Cmd | [\"d\"]",
        "8 | FROM base; CMD d $A | /config/Cmd | [\"/bin/ash\",\"-c\",\"d $A\"]",
        "8 | FROM base; CMD [] | /config/Cmd | -",
        "8 | FROM base; ENTRYPOINT [\"n\"] | /config/Cmd | -",
        "8 | FROM base; CMD [\"d\"]; ENTRYPOINT [] | /config/Entrypoint | -",
        // BuildKit writes true wherever a CMD was set; it means something on Windows only
        "8 | FROM base; CMD [\"d\"] | /config/ArgsEscaped | -",
        "8 | FROM base; SHELL [\"/bin/bash\",\"-c\"] | /config/Shell | [\"/bin/bash\",\"-c\"]",
        "8 | FROM base; STOPSIGNAL sigterm | /config/StopSignal | \"sigterm\"",
        "8 | FROM base; HEALTHCHECK --interval=90s --retries=2 --start-interval=5ms CMD x y |"
            + " /config/Healthcheck | {\"Test\":[\"CMD-SHELL\",\"x y\"],\"Interval\":90000000000,"
            + "\"StartInterval\":5000000,\"Retries\":2}",
        "8 | FROM base; HEALTHCHECK CMD [\"x\"] | /config/Healthcheck | {\"Test\":[\"CMD\",\"x\"]}",
        "8 | FROM base; ONBUILD RUN  a  b; ONBUILD ENV A=$B | /config/OnBuild | [\"RUN  a "
            + " b\",\"ENV A=$B\"]",
        "8 | FROM base; MAINTAINER two  words | /author | \"two  words\"",
        "9 | FROM base; USER x | /author | \"base\"",
        "9 | FROM base; USER x | /docker_version | \"1\"",
        "9 | FROM base; USER x | /config/Zeta | [1]",
        "9 | FROM base; USER x | /os.version | \"7\"",
        "9 | FROM base; USER x | /history/0 |"
            + " {\"created\":\"2020-01-02T03:04:05.678Z\",\"created_by\":"
            + "\"x\",\"author\":\"base\",\"empty_layer\":true,\"extra\":1}",
        "9 | FROM base; USER x | /history/1/created_by | \"USER x\"",
        "9 | FROM base; USER x | /history/1/comment | \"buildkit.dockerfile.v0\"",
        "9 | FROM base; USER x | /history/1/author | -",
        "9 | FROM base; ONBUILD USER x | /history/1 | -",
        "9 | FROM base; USER x | /history/1/empty_layer | true",
        "9 | FROM base; COPY f / | /history/1/empty_layer | -",
        "9 | FROM base; ADD f / | /history/1/empty_layer | -",
        "9 | FROM base; WORKDIR /new | /history/1/empty_layer | -",
        // BuildKit: a layer without entries, and no empty_layer; ours says what is there
        "9 | FROM base; WORKDIR /new; WORKDIR /new | /history/2/empty_layer | true",
        "9 | FROM base; WORKDIR / | /history/1/empty_layer | true",
        "9 | FROM base; ENTRYPOINT [\"é\",\"\\\"\"] | /history/1/created_by | \"ENTRYPOINT"
            + " [\\\"é\\\" \\\"\\\\\\\"\\\"]\"",
      })
  void isWhatTheReferenceSays(String section, String dockerfile, String pointer, String expected)
      throws IOException {
    var found = build(dockerfile).at(pointer);
    assertEquals(expected, found.isMissingNode() ? "-" : found.toString());
  }

  @Test
  void everyLayerHasItsEntryAndIsDatedAsItsStep() throws IOException { // section 9
    var config = build("FROM base\nCOPY f /a\nUSER x\nCOPY f /b\nCOPY dir /\n");
    var history = config.get("history");
    assertEquals(2, config.at("/rootfs/diff_ids").size());
    int layers = 0;
    for (var entry : history) {
      layers += entry.path("empty_layer").asBoolean() ? 0 : 1;
    }
    assertEquals(2, layers);
    assertEquals(history.at("/1/created"), history.at("/2/created"), "borrowed from the layer");
    assertEquals(history.at("/3/created"), config.get("created"));
  }

  @Test
  void aNewConfigIsAsOldAsItsBaseAndNoNewLayer() throws IOException {
    assertEquals("2020-01-02T03:04:05Z", build("FROM base\nUSER x\n").get("created").asText());
  }

  @Test
  void sourceDateEpochDatesTheImageAndItsNewEntries() throws IOException { // section 10
    var config = build("FROM base\nCOPY f /a\nUSER x\n", "--build-arg", "SOURCE_DATE_EPOCH=86400");
    assertEquals("1970-01-02T00:00:00Z", config.get("created").asText());
    assertEquals("1970-01-02T00:00:00Z", config.at("/history/1/created").asText());
    assertEquals("1970-01-02T00:00:00Z", config.at("/history/2/created").asText());
    assertEquals("2020-01-02T03:04:05.678Z", config.at("/history/0/created").asText());
  }

  @Test
  void labelsOfTheCommandLineWinAndLeaveNoHistory() throws IOException { // section 7
    var config = build("FROM base\nLABEL l=1 m=1\n", "--label", "l=2", "--label", "new");
    assertEquals("{\"l\":\"2\",\"m\":\"1\",\"new\":\"\"}", config.at("/config/Labels").toString());
    assertEquals(2, config.get("history").size());
  }
}
