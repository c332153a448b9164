package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.build.Images;
import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.ContainerConfig;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.History;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.store.Store;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands on a real store with two images of one empty layer each.
class ImageCommandsTest {

  /// An archive without entries: a valid layer.
  private static final byte[] EMPTY_TAR = new byte[1024];

  @TempDir Path directory;

  private Digest app = Digest.of(EMPTY_TAR);

  @BeforeEach
  void makeImages() throws IOException {
    app = make("2026-01-02T03:04:05Z", "app", "host:5000/team/app:2", "app:1", "app:latest");
    make("2026-02-02T03:04:05Z", "other", "other:1");
  }

  private Path root() {
    return directory.resolve("store");
  }

  private Digest make(String created, String user, String... names) throws IOException {
    try (var store = Store.open(root())) {
      var layer = store.blobs().put(EMPTY_TAR);
      var time = Instant.parse(created);
      var config =
          ImageConfig.scratch(new Platform("linux", "amd64"))
              .withCreated(time)
              .withConfig(
                  ContainerConfig.EMPTY
                      .withUser(user)
                      .withEnv(List.of("A=1", "B=two words"))
                      .withLabel("evil", "\u001b[2J"))
              .withLayers(
                  List.of(layer),
                  List.of(
                      new History(
                          time,
                          "COPY a-very-long-name-of-a-file /some/where/far # x",
                          "",
                          "jbuild",
                          false),
                      new History(time, "USER\t" + user, "", "", true)));
      var images = new Images(store);
      images.name(images.assemble(config), Stream.of(names).map(Reference::parse).toList());
      return config.digest();
    }
  }

  private Jbuild jbuild(String... words) {
    return new Jbuild(root()).run(words);
  }

  private String out(String... words) {
    var run = jbuild(words);
    assertEquals(0, run.code(), run.err());
    return run.out();
  }

  private static Object parse(String json) throws IOException {
    return Json.parse(json.getBytes(StandardCharsets.UTF_8), "output");
  }

  @Test
  void imagesAreListedNewestFirst() {
    var lines = out("images").lines().toList();

    assertTrue(lines.getFirst().matches("REPOSITORY +TAG +IMAGE ID +CREATED +SIZE"));
    assertTrue(lines.get(1).matches("other +1 +[0-9a-f]{12} +.* ago +1.02kB"), lines.get(1));
    assertTrue(lines.get(2).startsWith("app  "), lines.get(2));
    assertTrue(lines.get(4).startsWith("host:5000/team/app"), lines.get(4));
    assertEquals(5, lines.size());
  }

  @Test
  void aNameAloneListsAllItsTags() {
    assertEquals("1\nlatest\n", out("images", "--format", "{{.Tag}}", "app"));
    assertEquals("1\n", out("images", "--format", "{{.Tag}}", "app:1"));
    assertEquals("", out("images", "--format", "{{.Tag}}", "none"));
    assertEquals("2\n", out("images", "--format", "{{.Tag}}", "host:5000/team/app"));
  }

  @Test
  void idsAreShortIfNobodyWantsThemWhole() {
    assertEquals(app.shortHex() + "\n", out("images", "-q", "app:1"));
    assertEquals(app + "\n", out("images", "-q", "--no-trunc", "app:1"));
  }

  @Test
  void jsonHasOneObjectALine() throws IOException {
    var line = out("images", "--json", "app:1");

    assertEquals(line, out("images", "--format", "json", "app:1"));
    var row = (Map<?, ?>) parse(line.strip());
    assertEquals("app", row.get("Repository"));
    assertEquals("2026-01-02 03:04:05 +0000 UTC", row.get("CreatedAt"));
    assertEquals(app.shortHex(), row.get("ID"));
  }

  @Test
  void aTableCanHaveOtherColumns() {
    assertEquals(
        "TAG       DIGEST\n", out("images", "--format", "table {{.Tag}}\\t{{.Digest}}", "none"));
    assertTrue(out("images", "--digests", "app:1").contains("sha256:"));
  }

  @Test
  void unknownFieldsAndFiltersAreMistakes() {
    assertEquals(2, jbuild("images", "--format", "{{.Nothing}}").code());
    assertEquals(2, jbuild("images", "--filter", "label=x").code());
    assertEquals(2, jbuild("images", "Not//AName").code());
  }

  @Test
  void anImageThatLostItsNameIsDangling() {
    out("tag", "app:1", "other:1");

    assertEquals(
        "<none>:<none>\n",
        out("images", "--filter", "dangling=true", "--format", "{{.Repository}}:{{.Tag}}"));
    assertEquals(4, out("images", "-f", "dangling=false", "-q").lines().count());
  }

  @Test
  void imagesAreFilteredByPatternsOfNames() {
    var form = "{{.Repository}}:{{.Tag}}";
    assertEquals(
        "host:5000/team/app:2\n",
        out("images", "-f", "reference=host:5000/*/ap?", "--format", form));
    assertEquals(
        "other:1\napp:1\n",
        out("images", "-f", "reference=*:1", "-f", "dangling=false", "--format", form));
    assertEquals("", out("images", "-q", "-f", "reference=host*"));
    assertEquals(0, jbuild("inspect", "--type", "image", "app:1").code());
    assertEquals(2, jbuild("inspect", "--type=volume", "app:1").code());
  }

  @Test
  void aDamagedImageIsListedWithAWarning() throws IOException {
    var blobs = root().resolve("blobs/sha256");
    Files.delete(blobs.resolve(app.hex()));

    var run = jbuild("images", "--format", "{{.Tag}} {{.Size}} {{.CreatedSince}}", "app:1");

    assertEquals("1 N/A N/A\n", run.out());
    assertTrue(run.err().startsWith("warning: app:1 is damaged: "), run.err());
  }

  /// A signature, say, that was pushed into `registry serve --store`.
  @Test
  void anArtifactIsListedAndInspectedAsWhatItIs() throws IOException {
    Digest id;
    try (var store = Store.open(root())) {
      var blob = store.blobs().put("signed".getBytes(StandardCharsets.UTF_8));
      var empty = store.blobs().put("{}".getBytes(StandardCharsets.UTF_8));
      var manifest =
          Manifest.ofArtifact(
              "application/vnd.example.signature",
              new Descriptor(new MediaType("application/vnd.oci.empty.v1+json"), empty, 2),
              List.of(new Descriptor(new MediaType("application/x-signature"), blob, 6)));
      store.blobs().put(manifest.bytes());
      store.references().tag("host:5000/team/app:sig", manifest.descriptor());
      id = manifest.descriptor().digest();
    }
    var columns = "{{.ID}} {{.Platform}} {{.Size}}";
    var listed = jbuild("images", "--format", columns, "host:5000/team/app:sig");
    assertEquals(id.shortHex() + " artifact 6B\n", listed.out(), listed.err());
    assertEquals("", listed.err());
    var shown = jbuild("inspect", "host:5000/team/app:sig");
    assertEquals(0, shown.code(), shown.err());
    assertTrue(shown.out().contains("application/vnd.example.signature"), shown.out());
    assertTrue(shown.out().contains("\"Id\": \"" + id + "\""), shown.out());
    var history = jbuild("history", "host:5000/team/app:sig");
    var sentence = " is no image but an artifact of the type application/vnd.example.signature";
    assertTrue(history.err().contains("manifest " + id + sentence), history.err());
    assertEquals(0, jbuild("rmi", id.shortHex()).code());
  }

  @Test
  void aHistoryShowsTheNewestStepFirst() {
    var lines = out("history", "app:1").lines().toList();

    assertTrue(lines.getFirst().matches("IMAGE +CREATED +CREATED BY +SIZE +COMMENT"));
    assertTrue(lines.get(1).startsWith(app.shortHex() + "  "), lines.get(1));
    assertTrue(lines.get(1).contains("USER\\tapp"), lines.get(1));
    assertTrue(lines.get(2).startsWith("<missing> "), lines.get(2));
    assertTrue(
        lines.get(2).contains("COPY a-very-long-name-of-a-file /some/where/…"), lines.get(2));
    assertTrue(lines.get(2).matches(".* 1.02kB +jbuild"), lines.get(2));
  }

  @Test
  void aHistoryCanBeWholeAndForPrograms() {
    assertEquals(app + "\n<missing>\n", out("history", "-q", "--no-trunc", "app:1"));
    assertEquals(
        "2026-01-02T03:04:05Z 0\n2026-01-02T03:04:05Z 1024\n",
        out("history", "--human=false", "--format", "{{.CreatedSince}} {{.Size}}", "app:1"));
    assertTrue(out("history", "--no-trunc", "app:1").contains("/far # x"));
  }

  @Test
  void inspectShowsWhatDockerShows() throws IOException {
    var documents = (List<?>) parse(out("inspect", "app:1"));
    var image = (Map<?, ?>) documents.getFirst();

    assertEquals(app.toString(), image.get("Id"));
    assertEquals(List.of("host:5000/team/app:2", "app:1", "app:latest"), image.get("RepoTags"));
    assertEquals("2026-01-02T03:04:05Z", image.get("Created"));
    assertEquals("amd64", image.get("Architecture"));
    assertEquals(1024L, image.get("Size"));
    assertEquals(
        Map.of("Type", "layers", "Layers", List.of(Digest.of(EMPTY_TAR).toString())),
        image.get("RootFS"));
    var config = (Map<?, ?>) Objects.requireNonNull(image.get("Config"));
    assertEquals("app", config.get("User"));
    assertEquals(Map.of("evil", "\u001b[2J"), config.get("Labels"));
  }

  @Test
  void inspectAnswersQuestions() {
    assertEquals("app\nother\n", out("inspect", "-f", "{{.Config.User}}", "app:1", "other:1"));
    assertEquals(
        "[\"A=1\",\"B=two words\"]\n", out("inspect", "--format={{json .Config.Env}}", "app:1"));
    assertEquals(2, jbuild("inspect", "-f", "{{.Nothing}}", "app:1").code());
    assertEquals(7, jbuild("inspect", "app:1", "none").code());
    assertEquals(7, jbuild("inspect", "--platform", "linux/arm64", "app:1").code());
  }

  @Test
  void anImageIsFoundByTheBeginningOfItsId() {
    assertEquals("app\n", out("inspect", "-f", "{{.Config.User}}", app.shortHex()));
    assertEquals("app\n", out("inspect", "-f", "{{.Config.User}}", app.toString()));
  }

  @Test
  void aTagIsANameMore() {
    assertEquals("", out("tag", "app:1", "new"));
    assertEquals("latest\n", out("images", "--format", "{{.Tag}}", "new"));
    assertEquals(2, jbuild("tag", "app:1", "New").code());
    assertEquals(2, jbuild("tag", "app:1").code());
    assertEquals(7, jbuild("tag", "none", "new").code());
  }

  @Test
  void removingANameLeavesTheOthers() {
    assertEquals("Untagged: app:1\n", out("rmi", "app:1"));
    assertEquals("latest\n", out("images", "--format", "{{.Tag}}", "app"));
  }

  @Test
  void removingTheLastNameRemovesTheImage() {
    var run = jbuild("rmi", "other:1");

    assertTrue(run.out().matches("Untagged: other:1\nDeleted: sha256:[0-9a-f]{64}\n"), run.out());
    assertEquals("", out("images", "-q", "other"));
  }

  @Test
  void anIdOfSeveralNamesIsRemovedByForceOnly() {
    var refused = jbuild("rmi", app.shortHex());
    assertEquals(7, refused.code());
    assertTrue(refused.err().contains("app:1, app:latest"), refused.err());

    assertEquals(
        "Untagged: host:5000/team/app:2\nUntagged: app:1\nUntagged: app:latest\nDeleted: "
            + app
            + "\n",
        out("rmi", "-f", app.shortHex()));
    assertEquals("", out("images", "-q", "app"));
  }

  @Test
  void removingGoesOnAfterAMissingImage() {
    var run = jbuild("rmi", "none", "app:1");

    assertEquals(7, run.code());
    assertEquals("Untagged: app:1\n", run.out());
    assertTrue(run.err().contains("there is no image \"none\""), run.err());
    assertEquals(0, jbuild("rmi", "--force", "none").code());
  }

  @Test
  void whatIsSavedCanBeLoaded() throws Exception {
    for (var format : List.of("docker", "oci")) {
      var file = directory.resolve(format + ".tar");
      assertEquals("", out("save", "--format", format, "-o", file.toString(), "app", "other:1"));
      var other = new Jbuild(directory.resolve("loaded-" + format));

      var loaded = other.run("load", "-q", "-i", file.toString());

      assertEquals(0, loaded.code(), loaded.err());
      assertEquals(
          "Loaded image: app:1\nLoaded image: app:latest\nLoaded image: other:1\n", loaded.out());
      var listed = new Jbuild(directory.resolve("loaded-" + format)).run("images", "-q", "app:1");
      assertEquals(app.shortHex() + "\n", listed.out());
    }
  }

  @Test
  void anArchiveGoesToStandardOutputAndComesFromStandardInput() throws Exception {
    var archive = jbuild("save", app.shortHex());
    assertEquals(0, archive.code(), archive.err());
    var out = new ByteArrayOutputStream();
    var console = new Console(out, new ByteArrayOutputStream(), false, false, () -> 0);
    var load = new LoadCommand(new ByteArrayInputStream(archive.bytes()), () -> false);

    load.run(
        load.syntax().parse(List.of()),
        new Session(
            console,
            Map.of("JBUILD_ROOT", directory.resolve("loaded").toString()),
            load.syntax().parse(List.of())));
    console.flush();

    assertEquals("Loaded image ID: " + app + "\n", out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void archivesAreNothingForATerminal() {
    var console =
        new Console(
            new ByteArrayOutputStream(), new ByteArrayOutputStream(), true, false, () -> 80);
    var save = new SaveCommand(() -> true);
    var options = save.syntax().parse(List.of("app:1"));
    var session = new Session(console, Map.of("JBUILD_ROOT", root().toString()), options);
    var load = new LoadCommand(new ByteArrayInputStream(new byte[0]), () -> true);
    var nothing = load.syntax().parse(List.of());

    var failure = assertThrows(BuildFailure.class, () -> save.run(options, session));
    assertEquals(BuildFailure.Kind.USAGE, failure.kind());
    failure = assertThrows(BuildFailure.class, () -> load.run(nothing, session));
    assertEquals(BuildFailure.Kind.USAGE, failure.kind());
  }

  @Test
  void mistakesOfSaveAndLoadAreTold() throws IOException {
    var broken = Files.writeString(directory.resolve("broken.tar"), "no archive");

    assertEquals(7, jbuild("save", "-o", directory.resolve("x").toString(), "none").code());
    assertEquals(2, jbuild("save", "-o", directory.toString(), "app:1").code());
    assertEquals(2, jbuild("save", "--format", "zip", "-o", "x", "app:1").code());
    assertEquals(5, jbuild("load", "-i", directory.resolve("missing").toString()).code());
    var load = jbuild("load", "-i", broken.toString());
    assertEquals(5, load.code());
    assertTrue(load.err().contains("broken.tar cannot be loaded: "), load.err());
    assertFalse(Files.exists(directory.resolve("x")));
  }

  private Jbuild prune(String answer, String... words) throws Exception {
    var prune = new PruneCommand(new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8)));
    var out = new ByteArrayOutputStream();
    var console = new Console(out, out, false, false, () -> 0);
    var options = prune.syntax().parse(List.of(words));
    prune.run(options, new Session(console, Map.of("JBUILD_ROOT", root().toString()), options));
    console.flush();
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("continue? [y/N]"));
    return jbuild("images", "--filter", "dangling=true", "-q");
  }

  @Test
  void pruningAsksFirst() throws Exception {
    out("tag", "app:1", "other:1");

    assertFalse(prune("\n").out().isEmpty());
    assertFalse(prune("n\n").out().isEmpty());
    assertThrows(BuildFailure.class, () -> prune(""));
    assertTrue(prune("Y\n").out().isEmpty());
  }

  @Test
  void pruningByForceSaysWhatItGained() {
    out("tag", "app:1", "other:1");

    assertTrue(out("prune", "--dry-run").matches("Total space to reclaim: [0-9.]+k?B\n"));
    var run = jbuild("prune", "-f");
    assertTrue(run.out().matches("Total reclaimed space: [0-9.]+k?B\n"), run.out());
    assertTrue(run.err().startsWith("removed 1 image, 2 blobs"), run.err());
    assertEquals("Total reclaimed space: 0B\n", out("prune", "--force", "--all"));
    assertEquals(app.shortHex() + "\n", out("images", "-q", "app:1"));
  }

  @Test
  void pruneTakesTimesAndSizes() {
    out("tag", "app:1", "other:1");

    assertEquals("Total reclaimed space: 0B\n", out("prune", "-f", "--filter", "until=24h"));
    assertEquals(0, jbuild("prune", "-f", "--keep-storage", "10GB").code());
    assertEquals(2, jbuild("prune", "-f", "--keep-storage", "lots").code());
    assertEquals(2, jbuild("prune", "-f", "--filter", "label=x").code());
  }

  @Test
  void aWholeStoreHasNoFindings() {
    var run = jbuild("store", "check");

    assertEquals(0, run.code());
    assertEquals("", run.out());
    assertEquals("[]\n", out("store", "check", "--json"));
  }

  @Test
  void aDamagedStoreIsToldAndRepaired() throws IOException {
    Files.delete(root().resolve("blobs/sha256").resolve(app.hex()));

    var run = jbuild("store", "check");
    assertEquals(7, run.code());
    assertTrue(run.out().contains(app + " is missing"), run.out());
    assertEquals(7, jbuild("store", "check", "--json").code());

    var repair = jbuild("store", "check", "--repair");
    assertEquals(0, repair.code(), repair.out());
    assertTrue(repair.out().lines().allMatch(line -> line.endsWith("(repaired)")), repair.out());
    assertEquals(0, jbuild("store", "check").code());
    assertEquals("", out("images", "-q", "app"));
  }

  @Test
  void aDamagedLayerEndsTheWritingOfAnArchiveAndLeavesNone() throws IOException {
    var blob = root().resolve("blobs/sha256").resolve(Digest.of(EMPTY_TAR).hex());
    Files.delete(blob);
    Files.write(blob, "x".repeat(EMPTY_TAR.length).getBytes(StandardCharsets.UTF_8));
    var context = Files.createDirectories(directory.resolve("context"));
    Files.writeString(context.resolve("Dockerfile"), "FROM app:1\n");
    var archive = directory.resolve("archive.tar");

    var output = "type=oci,compression=uncompressed,dest=" + archive;
    var run = jbuild("build", "-q", "-o", output, context.toString());

    assertEquals(7, run.code(), run.err());
    assertTrue(run.err().contains("is damaged"), run.err());
    assertFalse(run.err().contains("bug"), run.err());
    assertFalse(Files.exists(archive));
  }

  @Test
  void whatFillsTheStoreIsTold() throws IOException {
    var lines = out("store", "du").lines().toList();

    assertTrue(lines.getFirst().matches("TYPE +COUNT +SIZE"), lines.getFirst());
    assertTrue(lines.get(1).matches("images +5 +[0-9.]+kB"), lines.get(1));
    assertTrue(lines.getLast().startsWith("total "), lines.getLast());
    assertTrue(parse(out("store", "du", "--json")) instanceof List);
    assertEquals(2, jbuild("store", "du", "--repair").code());
    assertEquals(2, jbuild("store", "empty").code());
  }
}
