package dev.jbuild.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Digest;
import dev.jbuild.image.Index;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerArchiveTest extends StoreBench {

  private static final Packing USUAL = new Packing(Optional.empty(), 2, 0);
  private static final Platform AMD = Platform.parse("linux/amd64");

  private byte[] written(Platform platform, NamedImage... images) throws IOException {
    var out = new ByteArrayOutputStream();
    new DockerArchive(store, USUAL, platform).write(List.of(images), out);
    return out.toByteArray();
  }

  private static String text(byte[] tar, String name) throws IOException {
    var bytes = TarForge.entries(tar).get(name);
    assertTrue(bytes != null, name);
    return bytes == null ? "" : new String(bytes, UTF_8);
  }

  private static String blob(Digest digest) {
    return "blobs/sha256/" + digest.hex();
  }

  @Test
  void namesConfigTagsAndLayersForOldReaders() throws Exception {
    var image = Samples.built(store, "amd64", Samples.ONE, Samples.TWO);
    var config = Samples.config("amd64", Samples.ONE, Samples.TWO).digest();
    var one = Digest.of(Samples.ONE);
    var two = Digest.of(Samples.TWO);

    var tar = written(AMD, new NamedImage(image, List.of(Samples.APP, Samples.WEB)));

    assertEquals(
        "[{\"Config\":\""
            + blob(config)
            + "\",\"RepoTags\":[\"app:1\",\"ghcr.io/me/web:2\"],"
            + "\"Layers\":[\""
            + blob(one)
            + "\",\""
            + blob(two)
            + "\"]}]",
        text(tar, "manifest.json"));
    assertEquals(
        "{\"app\":{\"1\":\"" + two.hex() + "\"},\"ghcr.io/me/web\":{\"2\":\"" + two.hex() + "\"}}",
        text(tar, "repositories"));
    assertArrayEquals(Samples.ONE, TarForge.entries(tar).get(blob(one)));
    assertEquals(
        List.of("oci-layout", "index.json", "manifest.json", "repositories"),
        List.copyOf(TarForge.entries(tar).keySet()).subList(0, 4));
  }

  @Test
  void givesAnImageWithoutANameNoTags() throws Exception {
    var image = Samples.built(store, "amd64");

    var tar = written(AMD, new NamedImage(image, List.of()));

    assertTrue(text(tar, "manifest.json").contains("\"RepoTags\":null,\"Layers\":[]"));
    assertEquals("{}", text(tar, "repositories"));
  }

  /// Also if they are gzip and are called zstd, which nobody notices who looks into them.
  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd"})
  void holdsLayersPlainThatCameCompressed(String said) throws Exception {
    var type = new MediaType(MediaType.OCI_LAYER + "+" + said);
    var image = Samples.gzipped(store, "amd64", type, Samples.ONE);

    var tar = written(AMD, new NamedImage(image, List.of(Samples.APP)));

    assertArrayEquals(Samples.ONE, TarForge.entries(tar).get(blob(Digest.of(Samples.ONE))));
  }

  @Test
  void holdsAnIndexAsALayoutAndNamesOneOfItsImagesForOlderReaders() throws Exception {
    var amd = Samples.built(store, "amd64", Samples.ONE);
    var arm = Samples.built(store, "arm64", Samples.TWO);
    var index =
        Index.of(
            List.of(amd.withPlatform(AMD), arm.withPlatform(Platform.parse("linux/arm64"))),
            Map.of());
    store.blobs().put(index.bytes());
    var app = new NamedImage(index.descriptor(), List.of(Samples.APP));

    var tar = written(Platform.parse("linux/arm64"), app);

    assertTrue(text(tar, "index.json").contains(index.digest().hex()));
    assertTrue(text(tar, "manifest.json").contains(Digest.of(Samples.TWO).hex()));
    assertFalse(text(tar, "manifest.json").contains(Digest.of(Samples.ONE).hex()));
    assertArrayEquals(Samples.ONE, TarForge.entries(tar).get(blob(Digest.of(Samples.ONE))));
    var other = text(written(Platform.parse("linux/s390x"), app), "manifest.json");
    assertTrue(other.contains(Digest.of(Samples.ONE).hex()), "the first, if none fits");
  }

  @Test
  void isTheSameEachTime() throws Exception { // case 120
    var image = Samples.pulled(store, "amd64", Samples.ONE, Samples.TWO);
    var app = new NamedImage(image, List.of(Samples.APP));

    assertArrayEquals(written(AMD, app), written(AMD, app));
  }
}
