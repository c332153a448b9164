package dev.jbuild.cli;

import static dev.jbuild.registry.ScriptedRegistry.answer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Index;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.registry.ScriptedRegistry;
import dev.jbuild.serve.Registry;
import dev.jbuild.serve.RegistryOptions;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarForge;
import dev.jbuild.tar.TarLimits;
import dev.jbuild.tar.TarReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Builds on images whose layers stay in a registry.
class LazyBaseTest {

  @TempDir Path temp;
  private ScriptedRegistry registry;
  private Path context;

  @BeforeEach
  void start() throws IOException {
    registry = new ScriptedRegistry();
    context = Files.createDirectory(temp.resolve("context"));
    Files.writeString(context.resolve("a"), "content");
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private static byte[] layer(String file) {
    return new TarForge().file(file, "content of " + file).tar();
  }

  private Jbuild jbuild(String... words) {
    return new Jbuild(temp.resolve("store")).with("HOME", temp.toString()).run(words);
  }

  private Jbuild succeeds(String... words) {
    var run = jbuild(words);
    assertEquals(0, run.code(), run::err);
    return run;
  }

  private Jbuild builds(String dockerfile, String... options) throws IOException {
    Files.writeString(context.resolve("Dockerfile"), dockerfile.replace("HOST", registry.host()));
    var words = new ArrayList<>(List.of("build"));
    words.addAll(List.of(options));
    words.add(context.toString());
    return jbuild(words.toArray(String[]::new));
  }

  private Manifest pushed(String tag) throws IOException {
    return manifest("team/app/manifests/" + tag);
  }

  private Manifest manifest(String place) throws IOException {
    var stored = Objects.requireNonNull(registry.manifests.get(place));
    return Manifest.parse(stored.bytes(), new MediaType(stored.type()));
  }

  private long gets(Digest layer) {
    return registry.count("GET /v2/team/base/blobs/" + layer);
  }

  @Test
  void linkOnlyBuildPushesWithoutTheLayersOfItsBase() throws Exception {
    var below = layer("below");
    registry.image("team/base", "1", below, layer("second"));
    var app = registry.host() + "/team/app:1";
    var dockerfile = "FROM HOST/team/base:1\nENV A=b\nCOPY --link a /a\n";

    var run = builds(dockerfile, "-t", app, "--push");

    assertEquals(0, run.code(), run::err);
    assertEquals(1, registry.count("GET /v2/team/base/manifests"));
    assertEquals(1, registry.count("GET /v2/team/base/blobs"), "the config alone");
    assertEquals(Digest.of(below), pushed("1").layers().getFirst().digest());
    succeeds("store", "check");
    succeeds("images");
    succeeds("history", app);
    succeeds("inspect", app);
    succeeds("store", "du");
    succeeds("prune", "--all", "--force");
    assertEquals(0, gets(Digest.of(below)));
    var never = builds(dockerfile, "--pull=never");
    assertEquals(7, never.code(), never::err);
    assertTrue(never.err().contains("and --pull=never asks no registry"), never::err);
    assertEquals(0, gets(Digest.of(below)));

    // what is tagged here and goes nowhere else is whole
    assertEquals(0, builds(dockerfile, "-t", "mine").code());
    assertEquals(1, gets(Digest.of(below)));
    assertEquals(0, builds(dockerfile, "-t", "mine").code());
    assertEquals(1, gets(Digest.of(below)));
    succeeds("store", "check");
    succeeds("rmi", app, "mine", registry.host() + "/team/base:1");
    succeeds("prune", "--all", "--force");
    succeeds("store", "check");
    try (var left = Files.list(temp.resolve("store/cache/origins"))) {
      assertEquals(0, left.count());
    }
  }

  /// What is fetched late is fetched with the options of the command that needs it.
  @Test
  void commandsThatFetchLayersLateSayWhoTheyAre() throws Exception {
    var passwords = temp.resolve("htpasswd");
    Files.writeString(
        passwords, "me:$2y$04$E5AhHdK1yD.Mz9S9S3T/ruh5tgwfzdhXMvp5ZHVdcuJr1/biXWOta\n");
    var place = new RegistryOptions.Place.Directory(temp.resolve("data"));
    try (var own = Registry.start(RegistryOptions.of(place).withPasswords(passwords))) {
      var base = own.authority() + "/team/base:1";
      var app = own.authority() + "/team/app:1";
      var creds = "--creds=me:secret";
      Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY a /b\n");
      var other = new Jbuild(temp.resolve("other")).with("HOME", temp.toString());
      other.run("-t", base, "--push", creds, context.toString());
      assertEquals(0, other.code(), other::err);
      var linked = "FROM " + base + "\nCOPY --link a /a\n";
      assertEquals(0, builds(linked, "-t", app, "--push", creds).code());
      assertEquals(6, jbuild("save", "-o", temp.resolve("x").toString(), app).code());
      assertEquals(6, jbuild("diff", app).code());
      assertTrue(succeeds("diff", creds, app).out().startsWith("A /a"));
      succeeds("save", creds, "-o", temp.resolve("x").toString(), app);
    }
  }

  /// Whoever has the layers was named by a Dockerfile, which may be another's.
  @Test
  void loginIsNotForARegistryThatOnlyHasTheLayers() throws Exception { // case 49
    var left = layer("left");
    registry.image("team/base", "1", left);
    var linked = "FROM HOST/team/base:1\nCOPY --link a /a\n";
    var app = registry.host() + "/team/app:1";
    assertEquals(0, builds(linked, "-t", app, "--push").code());
    succeeds("tag", app, "docker.io/me/app:1");
    succeeds("tag", app, "other.example/app:1");
    succeeds("tag", app, "bare:1");
    var asked = registry.authorizations.size();
    registry.always(
        "GET",
        "/team/base/blobs/" + Digest.of(left),
        answer(401, "{}", "WWW-Authenticate", "Basic realm=\"x\""));
    var creds = "--creds=me:pw7";
    var file = temp.resolve("x").toString();
    for (var name :
        List.of("docker.io/me/app:1", "index.docker.io/me/app:1", "other.example/app:1")) {
      assertEquals(6, jbuild("save", creds, "-o", file, name, "bare:1").code(), name);
      assertEquals(6, jbuild("diff", creds, name).code(), name);
      assertEquals(125, jbuild("run", "--pull=never", creds, name, "true").code(), name);
    }
    assertNobodyLoggedIn(asked);
    for (var command : List.of("save -o " + file, "diff", "run --pull=never --entrypoint=true")) {
      var words = new ArrayList<>(List.of(command.split(" ", -1)));
      words.addAll(List.of(creds, "bare:1"));
      var refused = jbuild(words.toArray(String[]::new));
      assertTrue(refused.code() == 2 || refused.code() == 125, refused::err);
      assertTrue(refused.err().contains("the names say none"), refused::err);
      assertTrue(refused.err().contains("jbuild login HOST"), refused::err);
    }
    assertNobodyLoggedIn(asked);
  }

  private void assertNobodyLoggedIn(int before) {
    assertTrue(
        registry.authorizations.stream().skip(before).allMatch("none"::equals),
        () -> registry.authorizations.toString());
  }

  @ParameterizedTest
  @CsvSource({"start tools, 125", "debug, 125", "registry serve --store --addr=127.0.0.1:0, 2"})
  void commandsThatNameNoRegistryRefuseALogin(String command, int code) { // case 49
    var words = new ArrayList<>(List.of(command.split(" ", -1)));
    words.add(command.startsWith("registry") ? 2 : 1, "--creds=me:pw7");
    var refused = jbuild(words.toArray(String[]::new));
    assertEquals(code, refused.code(), refused::err);
    assertTrue(refused.err().contains("--creds is for a registry that is named"), refused::err);
    assertTrue(refused.err().contains("jbuild login HOST"), refused::err);
  }

  @Test
  void layersOfABaseAreMountedOrBroughtAndSent() throws Exception { // case 61
    var below = layer("below");
    registry.image("team/base", "1", below);
    var digest = Digest.of(below);
    registry.always("HEAD", "/team/app/blobs/" + digest, answer(404, ""));
    registry.next("POST", "mount=" + digest + "&from=team%2Fbase", answer(201, ""));
    var app = registry.host() + "/team/app:1";
    var dockerfile = "FROM HOST/team/base:1\nCOPY --link a /a\n";
    var mounted = builds(dockerfile, "-t", app, "--push");
    assertEquals(0, mounted.code(), mounted::err);
    assertEquals(0, gets(digest));

    var refused = builds(dockerfile, "-t", app, "--push");
    assertEquals(0, refused.code(), refused::err);
    assertEquals(2, registry.count("POST /v2/team/app/blobs/uploads/?mount=" + digest));
    assertEquals(1, gets(digest), "the registry would not mount it");
    assertTrue(refused.err().contains("pull " + digest.shortHex()), refused::err);
  }

  @Test
  void layerThatNobodyBroughtIsToldWhereItIs() throws Exception {
    var below = layer("below");
    registry.image("team/base", "1", below);
    var app = registry.host() + "/team/app:1";
    assertEquals(
        0, builds("FROM HOST/team/base:1\nCOPY --link a /a\n", "-t", app, "--push").code());
    registry.always("GET", "/team/base/blobs/", answer(404, ""));
    var said = "the layer " + Digest.of(below) + " is not in the store but in " + registry.host();
    for (var words :
        List.of(
            List.of("save", app, "-o", temp.resolve("x.tar").toString()),
            List.of("push", app, registry.host().replace("127.0.0.1", "localhost") + "/t/x:1"))) {
      registry.always("HEAD", "/t/x/blobs/", answer(404, ""));
      var run = jbuild(words.toArray(String[]::new));
      assertEquals(6, run.code(), run::err);
      assertTrue(run.err().contains(said), run::err);
    }
    assertFalse(Files.exists(temp.resolve("x.tar")));
  }

  @Test
  void tagThatMovesMeansOneImageInAllOfABuild() throws Exception { // case 39
    var first = registry.image("team/base", "old", layer("first"));
    var second = registry.image("team/base", "new", layer("second"));
    var both =
        Index.of(
            List.of(
                first.descriptor().withPlatform(new Platform("linux", "amd64")),
                first.descriptor().withPlatform(new Platform("linux", "arm64"))),
            Map.of());
    registry.document("team/base", Optional.of("1"), both.mediaType().name(), both.bytes());
    registry.next(
        "GET",
        "/team/base/manifests/1",
        exchange -> {
          registry.usual(exchange);
          registry.document(
              "team/base", Optional.of("1"), second.mediaType().name(), second.bytes());
        });
    var run =
        builds(
            """
            FROM HOST/team/base:1 AS one
            FROM HOST/team/base:1
            COPY --link --from=one /first /x/
            COPY --link --from=HOST/team/base:1 /first /y/
            """,
            "--pull",
            "--platform",
            "linux/amd64,linux/arm64");
    assertEquals(0, run.code(), run::err);
    assertEquals(1, registry.count("GET /v2/team/base/manifests/1"));
    assertEquals(0, registry.count("GET /v2/team/base/blobs/" + Digest.of(layer("second"))));
  }

  @ParameterizedTest // requests for the tag, and the image used: while the registry answers, moved
  @CsvSource({
    "missing, 0, first, first",
    "always, 2, second, fails",
    "newer, 2, second, second",
    "never, 0, first, first",
  })
  void pullSaysWhenARegistryIsAsked(String when, long asked, String used, String later)
      throws Exception {
    registry.image("team/base", "1", layer("first"));
    assertEquals(0, builds("FROM HOST/team/base:1\n", "--pull=never").code() == 0 ? 1 : 0);
    assertEquals(0, registry.requests.size(), "never means never");
    assertEquals(0, builds("FROM HOST/team/base:1\n").code());
    registry.image("team/base", "1", layer("second"));
    registry.requests.clear();

    assertEquals(used, usedBy(builds("FROM HOST/team/base:1\n", "-q", "--pull=" + when)));

    assertEquals(
        asked,
        registry.count("GET /v2/team/base/manifests/1")
            + registry.count("HEAD /v2/team/base/manifests/1"));
    registry.always("HEAD", "/team/base/manifests/", answer(403, ""));
    registry.always("GET", "/team/base/manifests/", answer(403, ""));
    assertEquals(later, usedBy(builds("FROM HOST/team/base:1\n", "-q", "--pull=" + when)));
  }

  private String usedBy(Jbuild run) throws IOException {
    if (run.code() != 0) {
      return "fails";
    }
    var inspected = succeeds("inspect", run.out().strip()).out();
    return inspected.contains(Digest.of(layer("first")).toString()) ? "first" : "second";
  }

  @Test
  void imageForAnotherPlatformIsAskedFromTheRegistryFirst() throws Exception {
    var amd = registry.image("team/base", "1", layer("amd"));
    assertEquals(0, builds("FROM HOST/team/base:1\n").code());
    var arm = armImage(layer("arm"));
    registry.document("team/base", Optional.of("1"), arm.mediaType().name(), arm.bytes());
    var fits = builds("FROM HOST/team/base:1\n", "-q", "--platform=linux/arm64");
    assertEquals(0, fits.code(), fits::err);
    assertTrue(
        succeeds("inspect", fits.out().strip()).out().contains(Digest.of(layer("arm")).toString()));
    assertFalse(fits.err().contains("InvalidBaseImagePlatform"), fits::err);
    var name = registry.host() + "/team/base:1";
    assertTrue(
        succeeds("images", "--digests").out().contains(amd.digest().toString()),
        "the name stays with " + name);

    registry.requests.clear(); // case 39: one question, however many platforms
    var two = builds("FROM HOST/team/base:1\n", "--platform=linux/arm64,linux/s390x");
    assertEquals(0, two.code(), two::err);
    assertEquals(1, registry.count("GET /v2/team/base/manifests/1"));

    registry.always("GET", "/team/base/manifests/", answer(404, ""));
    var warned = builds("FROM HOST/team/base:1\n", "--platform=linux/arm64");
    assertEquals(0, warned.code(), warned::err);
    assertTrue(warned.err().contains("is an image for linux/amd64"), warned::err);
  }

  /// A base that jbuild pushed, with the indexes of its layers, as another store sees it.
  private Manifest base() throws IOException {
    registry.listingReferrers();
    var name = registry.host() + "/team/base:1";
    var made = builds("FROM scratch\nCOPY a /etc/\n", "-t", name, "--push");
    assertEquals(0, made.code(), made::err);
    temp = Files.createDirectory(temp.resolve("another-machine"));
    registry.requests.clear();
    return manifest("team/base/manifests/1");
  }

  /// The only layer of an image is said to have this index.
  private void claim(Manifest image, byte[] index) throws IOException {
    var config =
        ImageConfig.parse(
            Objects.requireNonNull(registry.blobs.get(image.config().digest().toString())));
    var claims = new TreeMap<Digest, byte[]>();
    claims.put(config.diffIds().getFirst(), index);
    registry.attachIndexes("team/base", image.descriptor(), claims);
  }

  @Test
  void copyThatAsksWhatIsBelowNeedsTheIndexAndNotTheLayer() throws Exception {
    base();
    var app = registry.host() + "/team/app:1";
    var dockerfile =
        """
        FROM HOST/team/base:1 AS one
        COPY a /etc/x
        FROM HOST/team/base:1 AS two
        COPY a /etc/y
        FROM HOST/team/base:1
        COPY a /etc/b
        WORKDIR /etc
        COPY --link --from=one /etc/x /x
        COPY --link --from=two /etc/y /y
        """;
    var run = builds(dockerfile, "-t", app, "--push");
    assertEquals(0, run.code(), run::err);
    var below = pushed("1").layers().getFirst().digest();
    assertEquals(0, gets(below));
    assertEquals(1, registry.count("GET /v2/team/base/referrers"));
    assertEquals(0, builds("FROM HOST/team/base:1\nCOPY a /etc/b\n", "-t", "mine").code());
    assertEquals(1, gets(below));
    var files = temp.resolve("files");
    assertEquals(
        0,
        builds(
                "FROM HOST/team/base:1\nCOPY a /etc/b\nWORKDIR /etc\n",
                "-o",
                "type=local,dest=" + files)
            .code());
    assertEquals("content", Files.readString(files.resolve("etc/b")));
  }

  @Test
  void indexesAreAttachedOnceAndOnlyWhereReferrersAreListed() throws Exception {
    var name = registry.host() + "/team/base:1";
    assertEquals(0, builds("FROM scratch\nCOPY a /etc/\n", "-t", name, "--push").code());
    assertEquals(1, registry.manifests.size(), "by tag alone, and no tag of the fallback");
    registry.listingReferrers();
    registry.next("PUT", "/manifests/sha256:", answer(400, ""));
    assertTrue(succeeds("push", name).err().contains("--no-layer-indexes"), "a warning at most");
    assertEquals(1, registry.manifests.size());
    succeeds("push", "--no-layer-indexes", name);
    assertEquals(1, registry.manifests.size());
    succeeds("push", name);
    assertEquals(2, registry.manifests.size());
    registry.requests.clear();
    succeeds("push", name);
    assertEquals(2, registry.manifests.size());
    assertEquals(0, registry.count("POST"));
    var copy = registry.host() + "/team/copy:1";
    succeeds("copy", name, copy);
    var copied = registry.manifests.keySet().stream().filter(key -> key.contains("team/copy"));
    assertEquals(2, copied.count());
  }

  @Test
  void hostileIndexesArePassedOver() throws Exception {
    var base = base();
    var app = registry.host() + "/team/app:1";
    var dockerfile = "FROM HOST/team/base:1\nCOPY a /etc/b\n";
    claim(base, new byte[(16 << 20) + 1]);
    var run = builds(dockerfile, "-t", app, "--push");
    assertEquals(0, run.code(), run::err);
    assertEquals(1, gets(base.layers().getFirst().digest()));
  }

  @Test
  void falseIndexFailsTheBuildThatFindsItOutAndLeavesNothing() throws Exception {
    var base = base();
    var tar = new TarForge().block(new TarForge.Block("etc/").type('5').mode(0777)).tar();
    claim(base, LayerReader.scan(new ByteArrayInputStream(tar), false).toBytes());
    var dockerfile = "FROM HOST/team/base:1\nCOPY a /etc/b\n";
    var believed = builds(dockerfile, "-t", registry.host() + "/team/app:1", "--push");
    assertEquals(0, believed.code(), believed::err);

    var files = temp.resolve("files");
    var found = builds(dockerfile, "-o", "type=local,dest=" + files);
    assertEquals(6, found.code(), found::err);
    assertTrue(found.err().contains("is false, and steps may have been made with it"), found::err);
    var after = builds(dockerfile, "-o", "type=local,dest=" + files);
    assertEquals(0, after.code(), after::err);
    assertEquals("content", Files.readString(files.resolve("etc/b")));
    assertEquals("content", Files.readString(files.resolve("etc/a")));
    var mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(files.resolve("etc")));
    assertEquals("rwxr-xr-x", mode, "not what the lie said");
  }

  @Test
  void falseIndexThatMakesABuildFailIsFoundOutByThat() throws Exception {
    var base = base();
    claim(base, LayerReader.scan(new ByteArrayInputStream(layer("b")), false).toBytes());
    var dockerfile = "FROM scratch\nCOPY --from=HOST/team/base:1 /etc/a /\n";
    var never = builds(dockerfile.replace("/etc/a", "/none"), "--pull=never");
    assertFalse(never.err().contains("is false"), never::err);
    registry.next("GET", "/team/base/blobs/" + base.layers().getFirst().digest(), answer(404, ""));
    var kept = builds(dockerfile);
    assertEquals(5, kept.code(), kept::err);
    assertTrue(kept.err().contains("/etc/a"), "the layer cannot be had: " + kept.err());
    var found = builds(dockerfile);
    assertEquals(6, found.code(), found::err);
    assertTrue(found.err().contains("is false, and steps may have been made with it"), found::err);
    var after = builds(dockerfile);
    assertEquals(0, after.code(), after::err);
  }

  /// Whoever can push somewhere can name the layers of another image as their own.
  @Test
  void indexOfOneRepositoryIsNotUsedForTheImageOfAnother() throws Exception {
    registry.listingReferrers();
    var below =
        new TarForge()
            .block(new TarForge.Block("app/").type('5').mode(0755))
            .file("app/z", "z")
            .tar();
    registry.image("team/base", "1", below);
    var forged = new TarForge().block(new TarForge.Block("app").type('2').link("evil")).tar();
    var claims = new TreeMap<Digest, byte[]>();
    claims.put(
        Digest.of(below), LayerReader.scan(new ByteArrayInputStream(forged), false).toBytes());
    var theirs = registry.image("mallory/base", "1", below);
    registry.attachIndexes("mallory/base", theirs.descriptor(), claims);
    var app = registry.host() + "/team/app:1";
    var first = builds("FROM HOST/mallory/base:1\nCOPY a /app/x\n", "-t", app, "--push");
    assertEquals(0, first.code(), first::err);
    assertEquals("evil/x", lastFile(pushed("1")), "believed of its own image");

    var other = builds("FROM HOST/team/base:1\nCOPY a /app/y\n", "-t", app, "--push");
    assertEquals(0, other.code(), other::err);
    assertEquals("app/y", lastFile(pushed("1")));

    temp = Files.createDirectory(temp.resolve("third"));
    var both =
        builds(
            """
            FROM HOST/mallory/base:1 AS one
            COPY a /app/x
            FROM HOST/team/base:1
            COPY a /app/y
            COPY --link --from=one /app/x /x
            """,
            "-t",
            app,
            "--push");
    assertEquals(0, both.code(), both::err);
    var made = pushed("1").layers();
    assertEquals("app/y", lastFile(made.get(made.size() - 2)));
  }

  private String lastFile(Manifest image) throws IOException {
    return lastFile(image.layers().getLast());
  }

  private String lastFile(Descriptor layer) throws IOException {
    var blob = Objects.requireNonNull(registry.blobs.get(layer.digest().toString()));
    var last = "";
    try (var plain = Compression.decompressAny(new ByteArrayInputStream(blob), TarLimits.DEFAULT)) {
      var tar = new TarReader(plain, TarLimits.DEFAULT);
      for (var entry = tar.next(); entry != null; entry = tar.next()) {
        last = entry.path().toString();
      }
    }
    return last;
  }

  private Manifest armImage(byte[] layer) throws IOException {
    var descriptor = registry.blob(MediaType.OCI_LAYER, layer);
    var config =
        ScriptedRegistry.bytes(
            "{\"architecture\":\"arm64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\","
                + "\"diff_ids\":[\""
                + Digest.of(layer)
                + "\"]}}");
    return Manifest.of(
        registry.blob(MediaType.OCI_CONFIG, config), List.of(descriptor), new TreeMap<>());
  }
}
