package dev.jbuild.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jbuild.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A cache in a directory, shared by two stores: `--cache-to` and `--cache-from`.
class SharedCacheTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temp;
  private Path cache;

  @BeforeEach
  void makeContext() throws IOException {
    cache = temp.resolve("cache");
    context("context");
  }

  private Path context(String name) throws IOException {
    var context = Files.createDirectories(temp.resolve(name));
    Files.writeString(
        context.resolve("Dockerfile"),
        """
        FROM scratch AS made
        ARG API_TOKEN=hush-hush
        COPY a /a
        FROM scratch
        COPY --from=made /a /b
        COPY c /c
        """);
    Files.writeString(context.resolve("a"), "one");
    Files.writeString(context.resolve("c"), "three");
    return context;
  }

  private Jbuild build(String store, String context, String... options) {
    var words = new java.util.ArrayList<String>(java.util.List.of(options));
    words.add(temp.resolve(context).toString());
    return new Jbuild(temp.resolve(store)).run(words.toArray(String[]::new));
  }

  private String to() {
    return "type=local,mode=max,dest=" + cache;
  }

  private String from() {
    return "type=local,src=" + cache;
  }

  private static void says(Jbuild run, String... words) {
    assertEquals(0, run.code(), run.err());
    for (var each : words) {
      assertTrue(run.err().contains(each), each + " in: " + run.err());
    }
  }

  private static String id(Jbuild run) {
    assertEquals(0, run.code(), run.err());
    return run.out().strip();
  }

  private static String manifest(Path layout) throws IOException {
    return JSON.readTree(layout.resolve("index.json").toFile()).at("/manifests/0/digest").asText();
  }

  @Test
  void anotherStoreTakesEveryStepAndSaysFromWhere() throws IOException {
    says(build("one", "context", "--cache-to", to()), "0 of 3 steps cached");
    var second = build("two", "context", "--cache-from", from());
    says(second, "3 of 3 steps cached", "COPY a /a  cached  from " + cache, "records");
    assertEquals(id(build("one", "context", "-q")), id(build("two", "context", "-q")));
    says(build("two", "context"), "3 of 3 steps cached");
    assertEquals(0, new Jbuild(temp.resolve("two")).run("store", "check").code());
    var explained = new Jbuild(temp.resolve("two")).run("cache", "explain", "--json").out();
    assertTrue(explained.contains("\"Outcome\": \"cached\""), explained);
  }

  /// What a machine is like is not in a key: other directory, times, umask and hash order.
  @Test
  void placeTimesAndRightsOfTheContextDoNotMatter() throws IOException {
    build("one", "context", "--cache-to", to());
    var other = context("elsewhere/deep");
    for (var name : new String[] {"a", "c", "Dockerfile"}) {
      Files.setLastModifiedTime(other.resolve(name), FileTime.fromMillis(1_000_000_000_000L));
    }
    Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwx------"));
    says(
        build("two", "elsewhere/deep", "--cache-from", from(), "--jobs", "1"),
        "3 of 3 steps cached");
  }

  /// Config and blobs of the cache in a layout, but those of a type.
  private static List<String> contents(Path layout, String without) throws IOException {
    var name = manifest(layout).substring("sha256:".length());
    var json = JSON.readTree(layout.resolve("blobs/sha256").resolve(name).toFile());
    return Stream.concat(Stream.of(json.get("config")), json.get("layers").valueStream())
        .filter(blob -> without.isEmpty() || !blob.get("mediaType").asText().contains(without))
        .map(Object::toString)
        .toList();
  }

  /// Only what nobody in between has read is not told of: what is in a layer that nothing needed.
  @Test
  void sameCacheIsTheSameBytesAlsoWhenItOnlyPassedThrough() throws IOException {
    build("one", "context", "--cache-to", to());
    var first = manifest(cache);
    build("one", "context", "--cache-to", to());
    assertEquals(first, manifest(cache));
    var onward = temp.resolve("onward");
    says(
        build(
            "two",
            "context",
            "--cache-from",
            from(),
            "--cache-to",
            "type=local,mode=max,dest=" + onward));
    assertEquals(contents(cache, "layer-index"), contents(onward, "layer-index"));
    assertEquals(2, contents(onward, "").size() - contents(onward, "layer-index").size());
    says(
        build("three", "context", "--cache-from", "type=local,src=" + onward),
        "3 of 3 steps cached");
  }

  @Test
  void theFirstCacheThatKnowsAStepGivesIt() throws IOException {
    build("one", "context", "--cache-to", "type=local,dest=" + cache + ",mode=max,tag=one");
    Files.writeString(temp.resolve("context/c"), "other");
    build("one", "context", "--cache-to", "type=local,dest=" + cache + ",mode=max,tag=two");
    var second =
        build(
            "two",
            "context",
            "--cache-from",
            from() + ",tag=none",
            "--cache-from",
            from() + ",tag=one",
            "--cache-from",
            from() + ",tag=two");
    says(second, "3 of 3 steps cached", "is not used: it has no tag none");
  }

  @Test
  void aMissIsExplainedByTheBuildThatWasShared() throws IOException {
    build("one", "context", "--cache-to", to());
    Files.writeString(temp.resolve("context/a"), "two");
    says(
        build("two", "context", "--cache-from", from(), "--build-arg", "API_TOKEN=hush-hush"),
        "1 of 3 steps cached",
        "rebuilt from made 1: a changed");
    var explained = new Jbuild(temp.resolve("two")).run("cache", "explain");
    assertTrue(explained.out().contains("stage-1 1   made      COPY --from=made /a /b"));
    assertTrue(explained.out().contains("  a changed"), explained.out());
    assertTrue(explained.out().contains("from " + cache), explained.out());
    assertEquals(7, new Jbuild(temp.resolve("two")).run("cache", "explain", "/none").code());
    assertEquals(7, new Jbuild(temp.resolve("none")).run("cache", "explain").code());
  }

  @Test
  void minHasTheLayersOfTheTargetAndTellsOfTheOthers() throws IOException {
    build("one", "context", "--cache-to", "type=local,dest=" + cache);
    long layers =
        manifestJson().get("layers").valueStream().filter(SharedCacheTest::isLayer).count();
    assertEquals(2, layers);
    says(build("two", "context", "--cache-from", from()), "3 of 3 steps cached");
    assertEquals(0, new Jbuild(temp.resolve("two")).run("store", "check").code());
    assertEquals(0, new Jbuild(temp.resolve("two")).run("prune", "--force").code());
    says(build("two", "context"), "3 of 3 steps cached");
    Files.writeString(
        temp.resolve("context/Dockerfile"),
        "FROM scratch AS made\nARG API_TOKEN\nCOPY a /a\nFROM scratch\nCOPY --from=made /a /new\n");
    var changed = build("three", "context", "--cache-from", from(), "-o", temp + "/out");
    says(changed, "a layer of the cache cannot be had", "0 of 2 steps cached");
    assertEquals("one", Files.readString(temp.resolve("out/new")));
  }

  @Test
  void valuesOfSecretsAndPlacesOfTheMachineAreNotInIt() throws IOException {
    build("one", "context", "--cache-to", to());
    var config = Files.readString(blob(manifestJson().at("/config/digest").asText()));
    assertFalse(config.contains("hush-hush"), config);
    assertFalse(config.contains(temp.toString()), config);
  }

  /// Of a variable that was put into another value or into a path, the same holds.
  @Test
  void valuesInWhichASecretIsAreNotInIt() throws IOException {
    Files.writeString(
        temp.resolve("context/Dockerfile"),
        """
        FROM scratch
        ARG API_TOKEN=hush-hush
        COPY a /dir-${API_TOKEN}/
        WORKDIR /wd-${API_TOKEN}
        USER ${API_TOKEN}
        WORKDIR /other
        """);
    build("one", "context", "--cache-to", to());
    var config = Files.readString(blob(manifestJson().at("/config/digest").asText()));
    assertFalse(config.contains("hush-hush"), config);
    says(build("two", "context", "--cache-from", from()), "3 of 3 steps cached");
    Files.writeString(temp.resolve("context/a"), "two");
    says(build("three", "context", "--cache-from", from()), "rebuilt from stage-0 1: a changed");
    Files.writeString(temp.resolve("context/a"), "one");
    says(
        build("four", "context", "--cache-from", from(), "--build-arg", "API_TOKEN=other"),
        "rebuilt from stage-0 1: the instruction changed");
  }

  /// Each tells of its own steps, whichever of them the store remembers as the last.
  @Test
  void twoBuildsOfTheSameAtOnceKeepTheirRecordsApart() throws Exception {
    var waits = new Path[] {temp.resolve("id"), temp.resolve("metadata")};
    for (var each : waits) {
      assertEquals(0, new ProcessBuilder("mkfifo", each.toString()).start().waitFor());
    }
    var first =
        CompletableFuture.supplyAsync(
            () ->
                build(
                    "one",
                    "context",
                    "--iidfile=" + waits[0],
                    "--metadata-file=" + waits[1],
                    "--cache-to",
                    to()));
    Files.readString(waits[0]); // the first has made its image, and waits for who reads the other
    Files.writeString(temp.resolve("context/c"), "other");
    says(build("one", "context"), "2 of 3 steps cached");
    Files.readString(waits[1]);
    says(first.get(), "cache written");
    Files.writeString(temp.resolve("context/c"), "three");
    says(build("two", "context", "--cache-from", from()), "3 of 3 steps cached");
  }

  private Path blob(String digest) {
    return cache.resolve("blobs/sha256").resolve(digest.substring("sha256:".length()));
  }

  private ObjectNode manifestJson() throws IOException {
    return (ObjectNode) JSON.readTree(blob(manifest(cache)).toFile());
  }

  private String put(byte[] bytes) throws IOException {
    var digest = Digest.of(bytes).toString();
    Files.write(blob(digest), bytes);
    return digest;
  }

  /// Writes the cache's manifest anew, as someone would who may write to it.
  private void forge(Consumer<ObjectNode> change) throws IOException {
    var manifest = manifestJson();
    change.accept(manifest);
    var bytes = JSON.writeValueAsBytes(manifest);
    var index = (ObjectNode) JSON.readTree(cache.resolve("index.json").toFile());
    var entry = (ObjectNode) index.at("/manifests/0");
    entry.put("digest", put(bytes)).put("size", bytes.length);
    JSON.writeValue(cache.resolve("index.json").toFile(), index);
  }

  /// Likewise its config.
  private void forgeConfig(Consumer<ObjectNode> change) throws IOException {
    var config =
        (ObjectNode) JSON.readTree(blob(manifestJson().at("/config/digest").asText()).toFile());
    change.accept(config);
    replaceConfig(JSON.writeValueAsBytes(config));
  }

  private void replaceConfig(byte[] bytes) throws IOException {
    var digest = put(bytes);
    forge(
        manifest ->
            ((ObjectNode) manifest.get("config")).put("digest", digest).put("size", bytes.length));
  }

  private interface Damage {
    void run() throws IOException;
  }

  private static boolean isLayer(com.fasterxml.jackson.databind.JsonNode blob) {
    return blob.get("mediaType").asText().contains("image.layer");
  }

  private void eachLayer(Consumer<ObjectNode> change) throws IOException {
    forge(
        manifest ->
            manifest
                .get("layers")
                .forEach(
                    layer -> {
                      if (isLayer(layer)) {
                        change.accept((ObjectNode) layer);
                      }
                    }));
  }

  private Map<String, Damage> damages() {
    var damages = new TreeMap<String, Damage>();
    damages.put("no index.json", () -> Files.delete(cache.resolve("index.json")));
    damages.put("index.json is none", () -> Files.writeString(cache.resolve("index.json"), "[]"));
    damages.put("no manifest", () -> Files.delete(blob(manifest(cache))));
    damages.put(
        "another manifest", () -> Files.writeString(blob(manifest(cache)), "{\"config\":{}}"));
    damages.put(
        "no config", () -> Files.delete(blob(manifestJson().at("/config/digest").asText())));
    damages.put("config is no JSON", () -> replaceConfig("nonsense".getBytes(UTF_8)));
    damages.put("config is a list", () -> replaceConfig("[1]".getBytes(UTF_8)));
    damages.put(
        "config is said to be huge",
        () -> forge(m -> ((ObjectNode) m.get("config")).put("size", 1L << 40)));
    damages.put("config of the future", () -> forgeConfig(c -> c.put("version", 99)));
    damages.put(
        "no image of jbuild's",
        () -> forge(m -> ((ObjectNode) m.get("config")).put("mediaType", "a/b")));
    damages.put(
        "wrong digests in records",
        () -> forgeConfig(c -> c.get("records").forEach(r -> ((ObjectNode) r).put("layer", "x"))));
    damages.put(
        "times that cannot be",
        () -> forgeConfig(c -> c.get("records").forEach(r -> ((ObjectNode) r).put("created", -5))));
    damages.put("deep nesting", () -> replaceConfig("[".repeat(100_000).getBytes(UTF_8)));
    damages.put(
        "layers are gone",
        () -> eachLayer(layer -> blob(layer.get("digest").asText()).toFile().delete()));
    damages.put(
        "layers have other bytes",
        () ->
            eachLayer(
                layer -> {
                  try {
                    Files.writeString(blob(layer.get("digest").asText()), "evil");
                  } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                }));
    damages.put(
        "layers hold another layer",
        () -> {
          var manifest = manifestJson();
          var first = manifest.at("/layers/0");
          eachLayer(
              layer -> {
                layer.put("digest", first.get("digest").asText());
                layer.put("size", first.get("size").asLong());
              });
        });
    damages.put(
        "layers are no tars",
        () -> {
          var digest = put("evil".getBytes(UTF_8));
          eachLayer(layer -> layer.put("digest", digest).put("size", 4));
        });
    damages.put(
        "layers are no gzip",
        () -> {
          var digest = put(new byte[] {0x1f, (byte) 0x8b, 8, 0, 1, 2, 3});
          eachLayer(layer -> layer.put("digest", digest).put("size", 7));
        });
    damages.put(
        "inputs are none",
        () -> {
          var digest = put("evil".getBytes(UTF_8));
          forge(
              manifest ->
                  manifest
                      .get("layers")
                      .forEach(
                          layer -> {
                            if (!layer.has("annotations")) {
                              ((ObjectNode) layer).put("digest", digest).put("size", 4);
                            }
                          }));
          forgeConfig(
              config -> {
                config.get("records").forEach(r -> ((ObjectNode) r).remove("layer"));
                ((com.fasterxml.jackson.databind.node.ArrayNode) config.get("records")).removeAll();
                config
                    .findParents("files")
                    .forEach(inputs -> ((ObjectNode) inputs).put("files", digest));
              });
        });
    return damages;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (var file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  /// The index of the first layer says that /c is a directory: a COPY that believes it goes astray.
  @ParameterizedTest
  @ValueSource(strings = {"gzip", "uncompressed"})
  void aFalseIndexOfALayerIsFoundOut(String compression) throws IOException {
    Files.writeString(temp.resolve("context/Dockerfile"), "FROM scratch\nCOPY a /a\nCOPY c /c\n");
    build("one", "context", "--cache-to", to() + ",compression=" + compression);
    var whole = cache;
    cache = temp.resolve("other");
    var other = context("other-context");
    Files.writeString(other.resolve("Dockerfile"), "FROM scratch\nCOPY c /c/c\n");
    build("one", "other-context", "--cache-to", to());
    var falseIndex =
        manifestJson()
            .get("layers")
            .valueStream()
            .filter(each -> each.get("mediaType").asText().contains("layer-index"))
            .findFirst()
            .orElseThrow()
            .get("digest")
            .asText();
    var bytes = Files.readAllBytes(blob(falseIndex));
    cache = whole;
    put(bytes);
    var below = JSON.readTree(blob(manifestJson().at("/config/digest").asText()).toFile());
    var first = below.at("/builds/0/steps/1/inputs/parent").asText(); // of a single layer
    forge(
        manifest ->
            manifest
                .get("layers")
                .forEach(
                    each -> {
                      if (each.get("mediaType").asText().contains("layer-index")
                          && each.at("/annotations/dev.jbuild.layer.diff-id")
                              .asText()
                              .equals(first)) {
                        ((ObjectNode) each).put("digest", falseIndex).put("size", bytes.length);
                      }
                    }));
    Files.writeString(temp.resolve("context/c"), "changed");
    var run = build("two", "context", "--cache-from", from());
    says(run, "the cache is used no more: the index that", "is false");
    var out = temp.resolve("out");
    says(build("two", "context", "-o", out.toString()), "2 of 2 steps cached");
    assertEquals("changed", Files.readString(out.resolve("c")));
  }

  /// Whatever is wrong with it, a person is warned or nothing is taken, and the image is right.
  @Test
  void aBrokenCacheIsAMissAndNeverWrongContent() throws IOException {
    int number = 0;
    build("one", "context", "--cache-to", to());
    var whole = cache;
    for (var damage : damages().entrySet()) {
      cache = temp.resolve("cache-" + number);
      copy(whole, cache);
      var store = "store-" + number;
      var out = temp.resolve("out-" + number++);
      damage.getValue().run();
      var run = build(store, "context", "--cache-from", from(), "-o", out.toString());
      assertEquals(0, run.code(), damage.getKey() + ": " + run.err());
      var told = run.err().contains("is not used: ") || run.err().contains("cannot be had");
      assertTrue(told || damage.getKey().equals("inputs are none"), damage.getKey() + run.err());
      assertEquals("one", Files.readString(out.resolve("b")), damage.getKey());
      assertEquals("three", Files.readString(out.resolve("c")), damage.getKey());
      var check = new Jbuild(temp.resolve(store)).run("store", "check");
      assertEquals(0, check.code(), damage.getKey() + check.out());
    }
  }
}
