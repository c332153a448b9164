package dev.jbuild.cli;

import static dev.jbuild.registry.ScriptedRegistry.answer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Digest;
import dev.jbuild.image.Index;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import dev.jbuild.registry.ScriptedRegistry;
import dev.jbuild.serve.Registry;
import dev.jbuild.serve.RegistryOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A base whose layers stay in its registry as long as nobody needs their bytes.
class LazyBaseTest extends LazyBench {

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
