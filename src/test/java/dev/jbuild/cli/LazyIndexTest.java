package dev.jbuild.cli;

import static dev.jbuild.registry.ScriptedRegistry.answer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Manifest;
import dev.jbuild.layer.PlainTar;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarForge;
import dev.jbuild.tar.TarLimits;
import dev.jbuild.tar.TarReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Indexes of layers that stay in a registry, which come with the image: used, false, hostile.
class LazyIndexTest extends LazyBench {

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

  /// Layers and their indexes are as long as before then, and zeros.
  private void damageAllButDocuments() throws IOException {
    try (var blobs = Files.newDirectoryStream(temp.resolve("store/blobs/sha256"))) {
      for (var blob : blobs) {
        var bytes = Files.readAllBytes(blob);
        if (bytes[0] != '{') {
          Files.delete(blob);
          Files.write(blob, new byte[bytes.length]);
        }
      }
    }
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
    damageAllButDocuments();
    assertFalse(succeeds("push", name).err().contains("damaged"), "what is there is not read");
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
    claim(base, PlainTar.index(new ByteArrayInputStream(tar), false).toBytes());
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
    claim(base, PlainTar.index(new ByteArrayInputStream(layer("b")), false).toBytes());
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
    claims.put(Digest.of(below), PlainTar.index(new ByteArrayInputStream(forged), false).toBytes());
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
}
