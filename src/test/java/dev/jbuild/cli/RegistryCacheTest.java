package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jbuild.serve.Registry;
import dev.jbuild.serve.RegistryOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A cache in a registry, shared by stores: what is asked for, what is moved, what is not.
class RegistryCacheTest {

  @TempDir Path temp;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private Registry registry;
  private String host;

  private void start(String directory) throws IOException {
    registry =
        Registry.start(
            RegistryOptions.of(new RegistryOptions.Place.Directory(temp.resolve(directory)))
                .withLog(requests::add, requests::add));
    host = registry.authority();
  }

  @BeforeEach
  void makeContext() throws IOException {
    start("registry");
    var context = Files.createDirectory(temp.resolve("context"));
    Files.writeString(
        context.resolve("Dockerfile"),
        """
        FROM scratch AS made
        COPY large /large
        COPY a /a
        FROM scratch
        COPY --from=made /a /b
        COPY c /c
        """);
    Files.writeString(context.resolve("large"), "large".repeat(100_000));
    Files.writeString(context.resolve("a"), "one");
    Files.writeString(context.resolve("c"), "three");
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private Jbuild jbuild(String store, String... words) {
    requests.clear();
    return new Jbuild(temp.resolve(store)).with("HOME", temp.toString()).run(words);
  }

  private Jbuild build(String store, String... options) {
    var words = new ArrayList<>(List.of(options));
    words.add(temp.resolve("context").toString());
    return jbuild(store, words.toArray(String[]::new));
  }

  private static Jbuild ok(Jbuild run, String... words) {
    assertEquals(0, run.code(), run::err);
    for (var each : words) {
      assertTrue(run.err().contains(each), () -> each + " in: " + run.err());
    }
    return run;
  }

  /// How many requests were like this, for blobs that are no documents.
  private long count(String like) {
    return requests.stream().filter(line -> line.contains(like)).count();
  }

  /// The bytes that the registry gave.
  private long given() {
    return requests.stream()
        .map(line -> line.replaceFirst(".* ([0-9]+)B [0-9]+ms$", "$1"))
        .mapToLong(Long::parseLong)
        .sum();
  }

  private String cache(String tag) {
    return host + "/team/cache:" + tag;
  }

  @Test
  void onlyWhatTheImageNeedsIsFetched() {
    ok(build("one", "--cache-to", "type=registry,mode=max,ref=" + cache("max")));
    ok(build("two", "--cache-from", cache("max")), "4 of 4 steps cached");
    // the config, and the two layers of the image: not those of the stage that is copied from
    assertEquals(3, count("GET /v2/team/cache/blobs/"), requests::toString);
    assertEquals(1, count("GET /v2/team/cache/manifests/max"));
    assertTrue(given() < 10_000, requests::toString);
  }

  @Test
  void imageWhoseLayersAreInTheRegistryIsPushedWithoutThem() {
    ok(build("one", "--cache-to", cache("min")));
    var run = build("two", "--cache-from", cache("min"), "-t", host + "/team/app:1", "--push");
    ok(run, "4 of 4 steps cached", "mounted");
    assertEquals(1, count("GET /v2/team/cache/blobs/"), "the config alone: " + requests);
    assertEquals(1, count("PUT /v2/team/app/blobs/"), "the image's config alone: " + requests);
  }

  /// As builds on several machines do whose images an index joins later.
  @Test
  void imageIsPushedByItsDigestAlone() {
    var name = host + "/team/part";
    var run = build("one", "-o", "type=image,push=true,push-by-digest=true,name=" + name);
    ok(run, "pushed " + name + "@sha256:");
    long puts = count("PUT /v2/team/part/manifests/"); // the index of its layer is one too
    assertEquals(puts, count("PUT /v2/team/part/manifests/sha256:"), requests::toString);
    assertTrue(puts > 0, requests::toString);
  }

  @Test
  void writingTheSameCacheAgainMovesNothing() {
    var to = "type=registry,mode=max,ref=" + cache("max");
    var first = build("one", "--cache-to", to);
    ok(first);
    var again = build("two", "--cache-from", cache("max"), "--cache-to", to);
    ok(again, "4 of 4 steps cached");
    assertEquals(written(first), written(again));
    assertEquals(0, count("POST "), requests::toString);
    assertEquals(3, count("GET /v2/team/cache/blobs/"), "as if it had not been written");
  }

  @Test
  void copyOntoLayersThatAreElsewhereNeedsTheirIndexesOnly() throws IOException {
    var dockerfile = temp.resolve("context/Dockerfile");
    Files.writeString(dockerfile, "FROM scratch\nCOPY large /large\nCOPY a /a\n");
    var to = "type=registry,mode=max,ref=" + cache("max");
    ok(build("one", "--cache-to", to));
    Files.writeString(temp.resolve("context/a"), "two");
    ok(
        build("two", "--cache-from", cache("max"), "-t", host + "/team/app:1", "--push"),
        "1 of 2 steps cached",
        "rebuilt from stage-0 2: a changed");
    // the config, the index of the layer below, and what was copied before
    assertEquals(3, count("GET /v2/team/cache/blobs/"), requests::toString);
    assertTrue(given() < 10_000, requests::toString);
    var app = build("two", "-o", temp.resolve("out").toString());
    ok(app);
    assertEquals("two", Files.readString(temp.resolve("out/a")));
  }

  /// The index of a layer that nobody here has read is the word of the cache that gave it.
  @Test
  void whatIsOnlyClaimedOfALayerGoesToNoOtherCache() throws IOException {
    var dockerfile = temp.resolve("context/Dockerfile");
    Files.writeString(dockerfile, "FROM scratch\nCOPY large /large\nCOPY a /a\n");
    var to = "type=registry,mode=max,ref=";
    ok(build("one", "--cache-to", to + cache("given")));
    assertEquals(2, blobs("given", "layer-index").count());
    Files.writeString(temp.resolve("context/a"), "two");
    var lazy = new String[] {"-t", host + "/team/app:1", "--push", "--cache-from", cache("given")};
    var words = new ArrayList<>(List.of(lazy));
    words.addAll(List.of("--cache-to", to + cache("other"), "--cache-to", to + cache("given")));
    ok(build("two", words.toArray(String[]::new)), "1 of 2 steps cached");
    assertEquals(1, blobs("other", "layer-index").count(), "of the layer that was made here");
    assertEquals(2, blobs("given", "layer-index").count(), "what it said itself stays");
    // of two caches, one has the layer, and the other knows what is in it
    Files.writeString(temp.resolve("context/a"), "three");
    words.addAll(0, List.of("--cache-from", cache("other")));
    ok(build("three", words.toArray(String[]::new)), "1 of 2 steps cached");
    var gets = requests.stream().filter(line -> line.startsWith("GET /v2/team/cache/b")).toList();
    for (var blob : blobs("given", "image.layer").toList()) {
      assertTrue(gets.stream().noneMatch(line -> line.contains(blob)), gets::toString);
    }
    // a build that names no cache believes none, and reads the layer
    Files.writeString(temp.resolve("context/a"), "four");
    ok(build("three", "-t", host + "/team/app:2", "--push"), "1 of 2 steps cached");
    assertEquals(1, count("GET /v2/team/cache/blobs/"), requests::toString);
  }

  private Stream<String> blobs(String tag, String type) throws IOException {
    var manifest = ok(jbuild("any", "registry", "inspect", "--raw", cache(tag))).out();
    return new ObjectMapper()
        .readTree(manifest)
        .get("layers")
        .valueStream()
        .filter(each -> each.get("mediaType").asText().contains(type))
        .map(each -> each.get("digest").asText());
  }

  /// Both know of the base only what its registry claims, and never have it.
  @Test
  void stepsThatWereMadeByClaimedIndexesAreFoundByThem() throws IOException {
    var dockerfile = temp.resolve("context/Dockerfile");
    Files.writeString(dockerfile, "FROM scratch\nCOPY large /dir/large\n");
    ok(build("base", "-t", host + "/team/base:1", "--push"));
    Files.writeString(dockerfile, "FROM " + host + "/team/base:1\nWORKDIR /w\nCOPY a /dir/a\n");
    var app = host + "/team/app:1";
    ok(build("one", "-t", app, "--push", "--cache-to", cache("claims")));
    ok(build("two", "-t", app, "--push", "--cache-from", cache("claims")), "2 of 2 steps cached");
    assertEquals(2, count("GET /v2/team/base/blobs/"), "config and index: " + requests);
    // who has read the layer made the same steps without a claim
    ok(build("three", "--cache-to", cache("certain"), "-o", temp.resolve("out").toString()));
    ok(build("four", "-t", app, "--push", "--cache-from", cache("certain")), "2 of 2 steps cached");
  }

  @Test
  void whatWasLeftInARegistryThatIsGoneIsMadeAgain() throws IOException {
    ok(build("one", "--cache-to", cache("min")));
    ok(build("two", "--cache-from", cache("min"), "-t", host + "/team/app:1", "--push"));
    stop();
    start("another");
    var out = temp.resolve("out");
    ok(
        build("two", "-o", out.toString()),
        "warning: a layer of the cache cannot be had, and what needs it is made again: the layer",
        "0 of 4 steps cached");
    assertEquals("one", Files.readString(out.resolve("b")));
    assertEquals(0, jbuild("two", "store", "check").code());
  }

  private static String written(Jbuild run) {
    return run.err().lines().filter(line -> line.startsWith("cache written")).findFirst().get();
  }

  @Test
  void aCacheInTheImageIsNoPartOfItsId() {
    var app = host + "/team/app:1";
    ok(build("one", "-q", "-t", app, "--push", "--cache-to", "type=inline"));
    var with = ok(build("one", "-q", "--cache-to", "type=inline")).out();
    assertEquals(with, ok(build("one", "-q")).out());
    ok(build("two", "--cache-from", app), "4 of 4 steps cached", "from " + app);
    assertEquals(with, ok(build("two", "-q")).out());
    ok(build("one", "-t", host + "/team/plain:1", "--push"));
    ok(
        build("three", "--cache-from", host + "/team/plain:1"),
        "is not used: it holds no cache of jbuild's",
        "0 of 4 steps cached");
    ok(
        build(
            "one",
            "-t",
            host + "/team/two:1",
            "--push",
            "--cache-to",
            "type=inline",
            "--platform",
            "linux/amd64,linux/arm64"));
    ok(
        build("four", "--cache-from", host + "/team/two:1", "--platform", "linux/arm64"),
        "4 of 4 steps cached");
  }

  @Test
  void platformsOfABuildShareACache() {
    var both = "linux/amd64,linux/arm64";
    ok(build("one", "--platform", both, "--cache-to", cache("both")));
    for (var platform : List.of("linux/arm64", "linux/amd64")) {
      ok(
          build(platform.replace('/', '-'), "--platform", platform, "--cache-from", cache("both")),
          "4 of 4 steps cached");
    }
  }

  @Test
  void whatIsExportedIsImported() {
    ok(build("one"));
    var dir = temp.resolve("dir").toString();
    var remote = "type=registry,ref=" + cache("all");
    var last = ok(jbuild("one", "cache", "export", "-q", dir)).out();
    assertEquals(last, ok(jbuild("one", "cache", "export", "-q", "--all", remote)).out());
    ok(jbuild("two", "cache", "import", dir), "imported", "4 layers");
    ok(jbuild("three", "cache", "import", remote), "imported", "4 layers");
    requests.clear();
    for (var store : List.of("two", "three")) {
      ok(build(store), "4 of 4 steps cached");
      assertEquals(List.of(), requests);
      assertEquals(0, jbuild(store, "store", "check").code());
    }
    assertEquals(7, jbuild("two", "cache", "import", temp.toString()).code());
    assertEquals(2, jbuild("two", "cache", "export", "type=inline").code());
    assertEquals(7, jbuild("none", "cache", "export", dir).code());
    var bare = jbuild("one", "cache", "export", cache("bare"));
    assertTrue(bare.err().contains("for a registry type=registry,ref=" + cache("bare")), bare::err);
    var taken = jbuild("one", "cache", "export", temp.resolve("context").toString());
    assertEquals(2, taken.code());
    assertTrue(taken.err().contains("which has other files"), taken::err);
    var nowhere = build("one", "--cache-to", "type=local,dest=/proc/none");
    assertEquals(7, nowhere.code());
    assertTrue(nowhere.err().contains("cannot be written to /proc/none: "), nowhere::err);
  }

  @Test
  void aCacheThatIsNotThereIsToldAndOneThatCannotBeWrittenFails() throws IOException {
    int closed;
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = free.getLocalPort();
    }
    var away = "127.0.0.1:" + closed + "/c:1";
    ok(
        build("one", "--cache-from", cache("none"), "--cache-from", away),
        "warning: the cache " + cache("none") + " is not used: there is no image",
        "warning: the cache " + away + " is not used: ",
        "0 of 4 steps cached");
    assertEquals(6, build("one", "--cache-to", away).code());
    ok(
        build("one", "--cache-to", "type=registry,ignore-error=true,ref=" + away),
        "warning: the cache was not written to " + away);
  }
}
