package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jbuild.image.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Builds for several platforms and what becomes of their index; no step of them runs anything.
class MultiPlatformTest {

  private static final String DOCKERFILE =
      """
      FROM --platform=$BUILDPLATFORM scratch AS build
      COPY f /out/
      FROM scratch
      ARG TARGETARCH
      ARG TARGETVARIANT
      ENV FOR=$TARGETARCH$TARGETVARIANT
      COPY --from=build /out /
      """;

  @TempDir Path directory;

  @BeforeEach
  void writeContext() throws IOException {
    Files.createDirectory(directory.resolve("context"));
    Files.writeString(directory.resolve("context/f"), "content");
    dockerfile(DOCKERFILE);
  }

  private void dockerfile(String text) throws IOException {
    Files.writeString(directory.resolve("context/Dockerfile"), text);
  }

  private Jbuild jbuild(String... words) {
    return new Jbuild(directory.resolve("store")).run(words);
  }

  private Jbuild build(String... options) {
    var words = new ArrayList<>(List.of("build", "-t", "app:1"));
    words.addAll(Arrays.asList(options));
    words.add(directory.resolve("context").toString());
    return jbuild(words.toArray(String[]::new));
  }

  private Jbuild built(String... options) {
    var run = build(options);
    assertEquals(0, run.code(), run.err());
    return run;
  }

  private String out(String... words) {
    var run = jbuild(words);
    assertEquals(0, run.code(), run.err());
    return run.out();
  }

  private JsonNode blob(String digest) throws IOException {
    var name = digest.substring("sha256:".length()).strip();
    return json(Files.readString(directory.resolve("store/blobs/sha256/" + name)));
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }

  /// The entry of the image in the OCI layout that a build writes.
  private JsonNode exported(String fields, String... options) throws IOException {
    var layout = directory.resolve("layout");
    var all = new ArrayList<>(List.of("-o", "type=oci,dest=" + layout + "/" + fields));
    all.addAll(Arrays.asList(options));
    built(all.toArray(String[]::new));
    var entries = json(Files.readString(layout.resolve("index.json"))).at("/manifests");
    return entries.get(entries.size() - 1);
  }

  private JsonNode document(JsonNode descriptor) throws IOException {
    var digest = descriptor.get("digest").asText().substring("sha256:".length());
    return json(Files.readString(directory.resolve("layout/blobs/sha256/" + digest)));
  }

  @Test
  void anIndexNamesTheImagesInTheOrderOfThePlatforms() throws IOException {
    var id = build("-q", "--platform", "linux/arm64/v8,linux/amd64", "--platform", "linux/arm");
    assertEquals(0, id.code(), id.err());
    var index = blob(id.out());

    var platforms = new ArrayList<String>();
    for (var manifest : index.get("manifests")) {
      var platform = manifest.get("platform");
      platforms.add(
          platform.get("os").asText()
              + "/"
              + platform.get("architecture").asText()
              + "/"
              + platform.path("variant").asText());
      var config = blob(blob(manifest.get("digest").asText()).at("/config/digest").asText());
      assertEquals(platform.get("architecture"), config.get("architecture"));
      assertEquals(platform.path("variant"), config.path("variant"));
      var named = platform.get("architecture").asText() + platform.path("variant").asText();
      assertEquals("FOR=" + named, config.at("/config/Env/1").asText());
    }
    assertEquals(List.of("linux/arm64/", "linux/amd64/", "linux/arm/v7"), platforms);
    assertEquals(id.out(), build("-q", "--platform", "linux/arm64,linux/amd64,linux/arm").out());
  }

  @Test
  void aStageThatIsTheSameForAllPlatformsIsMadeOnce() throws IOException {
    dockerfile("FROM scratch\nLABEL base=1\n");
    built("-t", "base");
    dockerfile(DOCKERFILE.replace("$BUILDPLATFORM scratch", "$BUILDPLATFORM base"));
    var log = built("--no-cache", "--platform", "linux/s390x,linux/riscv64").err();
    var pinned = log.lines().filter(line -> line.contains("COPY f /out/")).toList();
    assertEquals(List.of(Platform.host() + "->s390x build 1  COPY f /out/"), pinned, log);
    assertEquals(2, log.lines().filter(line -> line.contains("COPY --from=build")).count(), log);
    assertTrue(log.contains("linux/riscv64 stage-1 1"), log);
    assertTrue(log.contains("app:1  sha256:"), log);
    assertTrue(log.contains("2 platforms, 1 layer"), log);
    assertTrue(log.contains("\n  linux/s390x  sha256:"), log);
    assertFalse(build("--platform", "linux/s390x").err().contains("linux/s390x stage"));
  }

  @Test
  void stepsThatPlatformsHaveInCommonAreMadeOnceAlsoWithoutTheCache() throws IOException {
    dockerfile("FROM scratch\nWORKDIR /w\nCOPY f .\nARG TARGETARCH\nCOPY f $TARGETARCH\n");
    var log = built("--no-cache", "--platform", "linux/s390x,linux/riscv64,linux/arm").err();
    assertEquals(4, log.lines().filter(line -> line.contains(" cached ")).count(), log);
    assertTrue(log.contains("4 of 9 steps cached"), log);
  }

  @Test
  void filesOfTheImageIdAndOfMetadataTellOfTheIndex() throws IOException {
    var id = directory.resolve("id");
    var metadata = directory.resolve("metadata");
    built("--platform=linux/amd64,linux/arm64", "--iidfile=" + id, "--metadata-file=" + metadata);
    var json = json(Files.readString(metadata));
    assertEquals(json.get("containerimage.digest").asText(), Files.readString(id));
    assertFalse(json.has("containerimage.config.digest"));
    var config = json.at("/dev.jbuild.images/linux~1arm64").asText();
    assertEquals("arm64", blob(config).get("architecture").asText());
  }

  @Test
  void everyCommandKnowsAnIndex() throws IOException {
    var id = built("-q", "--platform", "linux/s390x,linux/arm64").out().strip();
    assertEquals(id + "\n", out("images", "-q", "--no-trunc"));
    assertEquals(
        "arm64\n", out("inspect", "-f", "{{.Architecture}}", "--platform=linux/arm64", "app:1"));
    assertEquals("s390x\n", out("inspect", "-f", "{{.Architecture}}", "app:1"));
    assertEquals(7, jbuild("inspect", "--platform=linux/386", "app:1").code());
    assertTrue(out("history", "--platform", "linux/arm64", "app:1").contains("FOR=arm64"));
    var part = blob(id).at("/manifests/1/digest").asText();
    var config = blob(part).at("/config/digest").asText();
    assertEquals("arm64\n", out("inspect", "-f", "{{.Architecture}}", config));
    assertEquals("arm64\n", out("inspect", "-f", "{{.Architecture}}", "app@" + part));
    assertEquals(
        "linux/s390x,linux/arm64 2.05kB\n", out("images", "--format", "{{.Platform}} {{.Size}}"));
    var remove = jbuild("rmi", config);
    assertEquals(7, remove.code());
    assertTrue(remove.err().contains("is part of one for several platforms"), remove.err());
    out("tag", "app:1", "other:1");
    out("store", "check");
    out("rmi", "app:1");
    out("prune", "--all", "--force");
    assertEquals("arm64\n", out("inspect", "-f", "{{.Architecture}}", config));
    out("rmi", "other:1");
    out("prune", "--all", "--force");
    assertEquals(7, jbuild("inspect", config).code());
  }

  @ParameterizedTest
  @ValueSource(strings = {"oci", "docker"})
  void anIndexIsSavedAndLoadedWholeOrOneOfItsPlatforms(String format) {
    var id = built("-q", "--platform", "linux/s390x,linux/arm64").out();
    var whole = directory.resolve("app.tar").toString();
    var one = directory.resolve("arm64.tar").toString();
    out("save", "--format", format, "-o", whole, "app:1");
    out("save", "--format", format, "--platform", "linux/arm64", "-o", one, "app:1");
    assertEquals(7, jbuild("save", "--platform=linux/386", "-o", one + "x", "app:1").code());
    assertEquals("linux/s390x,linux/arm64\n", loaded(whole), id);
    assertEquals("linux/arm64\n", loaded(one));
  }

  private String loaded(String archive) {
    var load = new Jbuild(directory.resolve("other")).run("load", "-i", archive);
    assertEquals("Loaded image: app:1\n", load.out(), load.err());
    return new Jbuild(directory.resolve("other"))
        .run("images", "--format", "{{.Platform}}", "app:1")
        .out();
  }

  @Test
  void filesOfSeveralPlatformsHaveADirectoryEach() throws IOException {
    var local = directory.resolve("local");
    var tar = directory.resolve("root.tar");
    built(
        "--platform",
        "linux/arm,linux/amd64",
        "-o",
        local.toString(),
        "-o",
        "type=tar,dest=" + tar);
    assertEquals("content", Files.readString(local.resolve("linux_arm_v7/f")));
    assertEquals("content", Files.readString(local.resolve("linux_amd64/f")));
    assertTrue(
        new String(Files.readAllBytes(tar), StandardCharsets.ISO_8859_1)
            .contains("linux_arm_v7/f\0"));
    built("--platform", "linux/arm", "-o", directory.resolve("one").toString());
    assertEquals("content", Files.readString(directory.resolve("one/f")));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "k=1                             | {\"k\":\"1\"} | - | - | -",
        "manifest:k=1=2                  | {\"k\":\"1=2\"} | - | - | -",
        "manifest[linux/arm64]:k=        | - | - | - | -",
        "manifest[linux/s390x]:k=        | {\"k\":\"\"} | - | - | -",
        "index:k=1                       | - | - | {\"k\":\"1\"} | -",
        "manifest-descriptor:k=1         | - | {\"k\":\"1\"} | - | -",
        "index-descriptor:k=1            | - | - | - | {\"k\":\"1\"}",
        "index,manifest[linux/s390x]:k=1 | {\"k\":\"1\"} | - | {\"k\":\"1\"} | -",
      })
  void annotationsStandWhereTheirLevelSays(
      String typed,
      @Nullable String manifest,
      @Nullable String manifestDescriptor,
      @Nullable String index,
      @Nullable String indexDescriptor)
      throws IOException {
    var entry = exported("", "--platform", "linux/s390x,linux/arm64", "--annotation", typed);
    var document = document(entry);
    var first = document.at("/manifests/0");
    assertEquals(text(manifest), document(first).path("annotations").toString());
    assertEquals(text(manifestDescriptor), first.path("annotations").toString());
    assertEquals(text(index), document.path("annotations").toString());
    var ofEntry = (ObjectNode) entry.path("annotations");
    ofEntry.remove(List.of("io.containerd.image.name", "org.opencontainers.image.ref.name"));
    assertEquals(indexDescriptor == null ? "{}" : indexDescriptor, ofEntry.toString());
  }

  private static String text(@Nullable String json) {
    return json == null ? "" : json;
  }

  @Test
  void annotationsOfOneImageAreKeptWhenItIsSavedAndLoaded() throws IOException {
    built("--annotation", "k=1", "--annotation", "manifest-descriptor:d=2");
    var archive = directory.resolve("saved.tar").toString();
    out("save", "--format", "oci", "-o", archive, "app:1");
    var other = new Jbuild(directory.resolve("loaded"));
    assertEquals(0, other.run("load", "-i", archive).code(), other.err());
    var index = json(Files.readString(directory.resolve("loaded/index.json")));
    assertEquals("2", index.at("/manifests/0/annotations/d").asText());
    var hex = index.at("/manifests/0/digest").asText().substring("sha256:".length());
    var manifest = json(Files.readString(directory.resolve("loaded/blobs/sha256/" + hex)));
    assertEquals("{\"k\":\"1\"}", manifest.path("annotations").toString());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "--platform=linux/amd64,x y                 | not a platform: \"x y\"",
        "--platform=                                | not a platform: \"\"",
        "--annotation=k                             | it has no value",
        "--annotation=manifest:=1                   | it has no key",
        "--annotation=layer:k=1                     | layer is no level",
        "--annotation=index:k=1                     | there is no index to annotate",
        "--annotation=index[linux/amd64]:k=1        | an index is not of one platform",
        "--annotation=manifest[linux/arm64]:k=1     | the build is not for linux/arm64",
        "--annotation=manifest-descriptor:org.opencontainers.image.ref.name=x | given with --tag",
        "--build-arg=BUILDKIT_MULTI_PLATFORM=maybe  | takes true or false",
      })
  void mistakesAreToldBeforeTheBuild(String option, String sentence) {
    var run = build(option);
    assertEquals(2, run.code(), run.err());
    assertTrue(run.err().contains(sentence), run.err());
    assertFalse(run.err().contains("COPY"), run.err());
  }

  @Test
  void aDockerArchiveHoldsOnePlatform() {
    var file = directory.resolve("docker.tar");
    var run = build("--platform=linux/amd64,linux/arm64", "-o", "type=docker,dest=" + file);
    assertEquals(2, run.code(), run.err());
    assertTrue(run.err().contains("type=docker takes an image for one platform only"), run.err());
    assertFalse(Files.exists(file));
    built("--platform=linux/arm64", "-o", "type=docker,dest=" + file);
    assertTrue(Files.exists(file));
  }

  @Test
  void anIndexOfOnePlatformIsMadeOnRequest() throws IOException {
    var id = built("-q", "--build-arg", "BUILDKIT_MULTI_PLATFORM=1", "--platform=linux/arm").out();
    var manifests = blob(id).get("manifests");
    assertEquals(1, manifests.size());
    assertEquals("v7", manifests.at("/0/platform/variant").asText());
  }

  @Test
  void anOutputMayHaveAnnotationsAndNamesOfItsOwn() throws IOException {
    var entry =
        exported(
            ",annotation.k=2,annotation-index.i=1,name=other:2",
            "--platform=linux/s390x,linux/arm64",
            "--annotation=k=1",
            "--annotation=m=1",
            "-o",
            "type=image,\"name=a:1,b:1\"");
    assertEquals(
        "docker.io/library/other:2", entry.at("/annotations/io.containerd.image.name").asText());
    var index = document(entry);
    assertEquals("{\"i\":\"1\"}", index.path("annotations").toString());
    var manifest = document(index.at("/manifests/0"));
    assertEquals("{\"k\":\"2\",\"m\":\"1\"}", manifest.path("annotations").toString());
    var id = out("images", "-q", "--no-trunc", "a:1");
    assertEquals(id, out("images", "-q", "--no-trunc", "app:1"));
    assertFalse(blob(id).has("annotations"), "the image itself has its own only");
    assertEquals("", out("images", "-q", "other"));
  }

  @Test
  void filesMayBeSplitByPlatformOrNot() throws IOException {
    var split = directory.resolve("split");
    built("--platform=linux/arm", "-o", "type=local,platform-split=true,dest=" + split);
    assertTrue(Files.exists(split.resolve("linux_arm_v7/f")));
    var whole = "type=local,platform-split=false,dest=" + directory.resolve("whole");
    assertEquals(2, build("--platform=linux/arm,linux/amd64", "-o", whole).code());
    built("--platform=linux/arm", "-o", whole);
    assertTrue(Files.exists(directory.resolve("whole/f")));
  }

  @Test
  void aFixedTimeIsToldInTheLayout() throws IOException {
    var entry =
        exported("", "--platform=linux/arm,linux/386", "--build-arg", "SOURCE_DATE_EPOCH=86400");
    assertEquals(
        "1970-01-02T00:00:00Z",
        entry.at("/annotations").path("org.opencontainers.image.created").asText());
    var again = exported("", "--platform=linux/arm,linux/386", "--annotation", "manifest:k=v");
    assertFalse(again.at("/annotations").has("org.opencontainers.image.created"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "linux/arm64/v8, linux/arm64 | -           | linux/arm64",
        "linux/arm                   | linux/amd64 | linux/arm/v7",
        "-                           | linux/s390x | linux/s390x",
        "-                           | -           | ''",
      })
  void platformsAreTypedOrTakenFromTheEnvironment(
      @Nullable String typed, @Nullable String usual, String expected) {
    var words = typed == null ? List.of(".") : List.of("--platform", typed, ".");
    Map<String, String> environment =
        usual == null ? Map.of() : Map.of("DOCKER_DEFAULT_PLATFORM", usual);
    var found = Platforms.of(new BuildCommand().syntax().parse(words), environment);
    assertEquals(expected, String.join(",", found.stream().map(Platform::toString).toList()));
  }

  @Test
  void localIsThisMachine() {
    var options = new BuildCommand().syntax().parse(List.of("--platform=local", "."));
    assertEquals(List.of(Platform.host()), Platforms.of(options, Map.of()));
  }

  @Test
  void aFailureTellsItsPlatform() throws IOException {
    dockerfile("FROM scratch\nARG TARGETARCH\nCOPY f$TARGETARCH /\n");
    Files.writeString(directory.resolve("context/farm"), "");
    var run = build("--platform=linux/arm,linux/386");
    assertEquals(5, run.code(), run.err());
    assertTrue(run.err().contains("Dockerfile:3:6: linux/386: COPY"), run.err());
    assertTrue(build("--platform=linux/386").err().contains("Dockerfile:3:6: COPY"), run.err());
  }
}
