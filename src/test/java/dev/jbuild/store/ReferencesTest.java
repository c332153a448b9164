package dev.jbuild.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Names of images.
class ReferencesTest {

  private static final String A = "docker.io/library/a:1";
  private static final String B = "docker.io/library/b:1";

  @TempDir Path temp;
  private Store store;
  private References references;
  private Path index;

  @BeforeEach
  void open() throws IOException {
    store = Store.open(temp.resolve("store"));
    references = store.references();
    index = temp.resolve("store/index.json");
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private Descriptor image(String content) throws IOException {
    return SampleImage.put(store, content).manifest();
  }

  private List<String> names() throws IOException {
    return references.all().stream()
        .map(e -> e.name().orElse("<none>") + "=" + e.descriptor().digest().shortHex())
        .toList();
  }

  @Test
  void anImageIsFoundByItsName() throws IOException {
    var image = image("x").withPlatform(new Platform("linux", "arm64", "v8"));

    references.tag(A, image);

    var found = references.find(A).orElseThrow();
    assertEquals(image.withAnnotations(Map.of(Descriptor.REF_NAME, A)), found);
    assertEquals(Optional.empty(), references.find(B));
    try (var other = Store.open(store.root())) {
      assertEquals(Optional.of(found), other.references().find(A));
    }
  }

  @Test
  void retaggingLeavesTheOldImageWithoutAName() throws IOException {
    var old = image("old");
    var young = image("young");
    references.tag(A, old);
    references.tag(A, young);
    assertEquals(
        List.of("<none>=" + old.digest().shortHex(), A + "=" + young.digest().shortHex()), names());
  }

  @Test
  void anImageWithAnotherNameIsNotListedWithoutOne() throws IOException {
    var old = image("old");
    references.tag(A, old);
    references.tag(B, old);
    references.tag(A, image("young"));
    assertEquals(1, names().stream().filter(n -> n.startsWith(B)).count());
    assertEquals(2, names().size());
  }

  @Test
  void theSameTagAgainWritesNothing() throws IOException {
    var image = image("x");
    references.tag(A, image);
    var before = Files.readAttributes(index, "unix:ino");
    references.tag(A, image);
    references.tag(A, references.find(A).orElseThrow());
    assertEquals(before, Files.readAttributes(index, "unix:ino"));
  }

  @Test
  void anImageThatHadLostItsNameTakesANewOne() throws IOException {
    var old = image("old");
    references.tag(A, old);
    references.tag(A, image("young"));
    references.tag(B, old);
    assertEquals(2, names().size());
    assertTrue(names().stream().noneMatch(n -> n.startsWith("<none>")), names().toString());
  }

  @Test
  void anImageWithoutANameIsAddedOnce() throws IOException {
    var image = image("x");
    references.add(image.withAnnotations(Map.of(Descriptor.REF_NAME, "not this", "k", "v")));
    references.add(image);
    assertEquals(List.of("<none>=" + image.digest().shortHex()), names());
    assertEquals(Map.of("k", "v"), references.all().getFirst().descriptor().annotations());
  }

  @Test
  void aNameTakenAwayTakesTheImageWithTheLastOne() throws IOException {
    var image = image("x");
    references.tag(A, image);
    references.tag(B, image);
    assertTrue(references.untag(A));
    assertFalse(references.untag(A));
    assertEquals(List.of(B + "=" + image.digest().shortHex()), names());
    references.tag(A, image);
    assertTrue(references.remove(image.digest()));
    assertEquals(List.of(), names());
  }

  @Test
  void aNameForNothingIsRefused() {
    var nothing = new Descriptor(MediaType.OCI_MANIFEST, Digest.of(new byte[9]), 9);
    assertThrows(MissingBlobException.class, () -> references.tag(A, nothing));
    assertThrows(MissingBlobException.class, () -> references.add(nothing));
  }

  /// Case 114: what others put into the file stays.
  /// What was read is kept in memory, and counts as long as the file is the same.
  @Test
  void whatAnotherProcessWroteIsSeen() throws IOException {
    var image = image("x");
    references.tag(A, image);
    assertEquals(Optional.empty(), references.find(B));
    try (var other = Store.open(store.root())) {
      other.references().tag(B, image);
      assertTrue(references.find(B).isPresent());
      other.references().untag(A);
    }
    assertEquals(Optional.empty(), references.find(A));
    references.tag(A, image);
    assertEquals(2, references.all().size());
  }

  /// An answer has what has to stand in the file line by line.
  @Test
  void ofWhatIsWrittenInSeveralLinesNothingIsToldToAnAnswer() throws IOException {
    var image = image("x");
    references.tag(A, image);
    assertEquals(1, references.texts(image, List.of(A)).orElseThrow().size());
    Files.writeString(index, Files.readString(index).replace(",\"size\"", ",\n\"size\""));
    assertEquals(image.digest(), references.find(A).orElseThrow().digest());
    assertEquals(Optional.empty(), references.texts(image, List.of(A)));
  }

  @Test
  void unknownThingsSurviveAChange() throws IOException {
    var image = image("x");
    var foreign =
        """
        {"schemaVersion":2,"com.example.top":[1,2.50,{"deep":null}],"manifests":[
          {"mediaType":"application/vnd.example+json","digest":"sha256:%s","size":7,
           "annotations":{"org.opencontainers.image.ref.name":"v1","z":"y"},"data":"aGk=","urls":["u"]},
          {"mediaType":"x/y","digest":"sha512:%s","size":-1,"odd":true}]}
        """
            .formatted("0".repeat(64), "1".repeat(128));
    Files.writeString(index, foreign);

    references.tag(A, image);
    references.tag("v1", image);

    var json = JsonObject.parse(Files.readAllBytes(index), "index.json");
    var before = JsonObject.parse(foreign.getBytes(UTF_8), "before");
    assertEquals(before.members().get("com.example.top"), json.members().get("com.example.top"));
    var elements = json.objects("manifests");
    assertEquals("aGk=", elements.getFirst().requiredString("data"));
    assertEquals(Map.of("z", "y"), elements.getFirst().stringMap("annotations"));
    assertEquals(before.objects("manifests").get(1).members(), elements.get(1).members());
    assertEquals(3, references.all().size(), "the one of another algorithm is not shown");
  }

  /// How an image without a name begins in a file that holds nothing else.
  private static final String PLAIN =
      "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":"
          + "\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:0123";

  /// Case 114.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{\"schemaVersion\":2,\"manif",
        "null",
        "[]",
        "{}",
        "{\"schemaVersion\":2}",
        "{\"schemaVersion\":1,\"manifests\":[]}",
        "{\"schemaVersion\":2,\"manifests\":[{}]}",
        "{\"schemaVersion\":2,\"manifests\":[7]}",
        "{\"schemaVersion\":2,\"manifests\":{}}",
        "{\"schemaVersion\":2,\"manifests\":[],\"manifests\":[]}",
        "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a/b\",\"digest\":\"sha256:../../x\",\"size\":1}]}",
        "{\"schemaVersion\":2,\"manifests\":[]} trailing",
        PLAIN + "456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\",\"size\":1}]}",
        PLAIN + "456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\",\"size\":1}]}",
        PLAIN + "456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\"size\":}]}",
        PLAIN + "456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\"size\":-1}]}",
        PLAIN + "456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\"size\":1.5}]}",
        PLAIN + "456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\"size\":01}]}",
        PLAIN
            + "456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\"size\":9999999999999999999}]}"
      })
  void aBrokenIndexIsNamedAndNeverOverwritten(String text) throws IOException {
    var image = image("x");
    Files.writeString(index, text);
    for (var failure :
        List.of(
            assertThrows(BuildFailure.class, () -> references.all()),
            assertThrows(BuildFailure.class, () -> references.find(A)),
            assertThrows(BuildFailure.class, () -> references.tag(A, image)),
            assertThrows(BuildFailure.class, () -> references.untag(A)),
            assertThrows(BuildFailure.class, () -> store.prune(PruneOptions.ALL)))) {
      assertTrue(failure.message().contains(index.toString()), failure.message());
      assertEquals(BuildFailure.Kind.STORE, failure.kind());
    }
    assertEquals(text, Files.readString(index));
    assertTrue(store.blobs().contains(image.digest()), "nothing was pruned");

    assertEquals(1, store.repair().size());

    assertEquals(text, Files.readString(index.resolveSibling("index.json.broken")));
    assertEquals(List.of("<none>=" + image.digest().shortHex()), names());
    assertEquals(List.of(), store.check());
  }

  /// Case 114.
  @Test
  void aMissingOrHugeIndexIsRefused() throws IOException {
    Files.write(index, new byte[IndexFile.LIMIT + 1]);
    var huge = assertThrows(BuildFailure.class, () -> references.all());
    assertTrue(huge.message().contains("larger"), huge.message());
    Files.delete(index);
    assertThrows(BuildFailure.class, () -> references.all());
    assertFalse(Files.exists(index));
    store.repair();
    assertEquals(List.of(), references.all());
  }

  /// Case 114.
  @Test
  void twoImagesOfOneNameAreAnErrorThatRepairMends() throws IOException {
    references.tag(A, image("x"));
    references.tag(B, image("y"));
    Files.writeString(index, Files.readString(index).replace("b:1", "a:1"));

    var failure = assertThrows(BuildFailure.class, () -> references.find(A));
    assertTrue(failure.message().contains(A), failure.message());

    assertEquals(1, store.repair().size());
    assertEquals(List.of(), store.check());
    assertEquals(image("y").digest(), references.find(A).orElseThrow().digest());
    assertEquals(2, references.all().size());
  }

  /// Case 110: eight writers, and a reader that finds a whole file at every instant.
  @Test
  void theIndexIsWholeAtEveryInstant() throws Exception {
    int writers = 8;
    int tags = 12;
    var images = new Descriptor[writers];
    for (int i = 0; i < writers; i++) {
      images[i] = image("image " + i);
    }
    var done = new AtomicBoolean();
    try (var threads = Executors.newFixedThreadPool(writers + 1)) {
      Future<Integer> reader = threads.submit(() -> readUntil(done));
      var tagging =
          IntStream.range(0, writers)
              .mapToObj(
                  i ->
                      threads.submit(
                          () -> {
                            tag(i, images[i], tags);
                            return 0;
                          }))
              .toList();
      try {
        for (var writer : tagging) {
          writer.get();
        }
      } finally {
        done.set(true);
      }
      assertTrue(reader.get() > 0);
    }
    var entries = references.all();
    assertEquals(
        (long) writers * tags, entries.stream().filter(e -> e.name().isPresent()).count() - 1);
    assertTrue(references.find("all").isPresent());
    assertEquals(List.of(), store.check());
  }

  private int readUntil(AtomicBoolean done) throws IOException {
    int count = 0;
    for (; !done.get(); count++) {
      var parsed = Json.parse(Files.readAllBytes(index), "index.json");
      assertTrue(parsed instanceof Map<?, ?>);
    }
    return count;
  }

  /// Half of the writers have a store of their own, as another process would.
  private void tag(int writer, Descriptor image, int tags) throws IOException {
    try (var own = Store.open(store.root())) {
      var mine = writer % 2 == 0 ? references : own.references();
      for (int i = 0; i < tags; i++) {
        mine.tag("t" + writer + "-" + i, image);
        if (i % 4 == 0) {
          mine.tag("all", image);
        }
      }
    }
  }

  /// Case 115: what the file says is durable before its name is.
  @Test
  void aFailedChangeLeavesTheFileAsItWas() throws IOException {
    references.tag(A, image("x"));
    var before = Files.readAllBytes(index);
    assertThrows(
        IllegalStateException.class,
        () ->
            references.change(
                file -> {
                  file.items().clear();
                  throw new IllegalStateException("died");
                }));
    assertArrayEquals(before, Files.readAllBytes(index));
  }
}
