package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.registry.ScriptedRegistry;
import dev.jbuild.tar.TarForge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Command lines of kaniko's executor.
class KanikoTest {

  @TempDir Path temp;

  @BeforeEach
  void context() throws IOException {
    Files.createDirectories(temp.resolve("src/sub"));
    Files.writeString(temp.resolve("src/Dockerfile"), "FROM scratch AS one\nCOPY a /\nFROM one\n");
    Files.writeString(temp.resolve("src/a"), "a\n");
    Files.writeString(temp.resolve("src/sub/Other"), "FROM scratch\nARG A\nLABEL a=$A\nCOPY b /\n");
    Files.writeString(temp.resolve("src/sub/b"), "b\n");
  }

  private Jbuild run(String... words) {
    return new Jbuild(temp.resolve("store")).run(words);
  }

  private Jbuild kaniko(String... words) {
    var all = new ArrayList<>(List.of("--context", temp.resolve("src").toString(), "--no-push"));
    all.addAll(List.of(words));
    return run(all.toArray(String[]::new));
  }

  private String read(String file) throws IOException {
    return Files.readString(temp.resolve(file));
  }

  @Test
  void theImageIsThatOfABuildAndItsDigestIsWritten() throws IOException {
    var built =
        kaniko(
            "--destination=reg.example:5000/team/app:1",
            "--destination=reg.example:5000/team/app:2",
            "--tarPath=" + temp.resolve("image.tar"),
            "--digest-file=" + temp.resolve("digest"),
            "--image-name-with-digest-file=" + temp.resolve("names"),
            "--image-name-tag-with-digest-file=" + temp.resolve("tags"),
            "--reproducible",
            "--verbosity=error");
    assertEquals(0, built.code(), built::err);
    assertEquals("", built.err());
    var digest = read("digest");
    assertTrue(digest.matches("sha256:[0-9a-f]{64}"), digest);
    assertEquals("reg.example:5000/team/app@" + digest, read("names"));
    assertEquals(
        "reg.example:5000/team/app:1@%s\nreg.example:5000/team/app:2@%s".formatted(digest, digest),
        read("tags"));
    assertTrue(Files.size(temp.resolve("image.tar")) > 0);
    var plain = run("build", "-q", "--reproducible", temp.resolve("src").toString());
    assertEquals(
        plain.out(), run("images", "-q", "--no-trunc").out().lines().findFirst().get() + "\n");
  }

  @Test
  void theDockerfileIsLookedForHereAndThenInTheContext() throws IOException {
    var other =
        kaniko(
            "-f",
            "Other",
            "--context-sub-path=sub",
            "-d=x:1",
            "--build-arg=A=5",
            "--label=l=m",
            "--custom-platform=linux/arm64",
            "--oci-layout-path=" + temp.resolve("layout"),
            "--compression=zstd",
            "--single-snapshot");
    assertEquals(0, other.code(), other::err);
    assertTrue(Files.exists(temp.resolve("layout/index.json")));
    var format = "{{.Config.Labels.a}} {{.Config.Labels.l}} {{.Architecture}}";
    assertEquals("5 m arm64\n", run("inspect", "--format", format, "x:1").out());
  }

  @Test
  void whatIsSoAnywayIsTaken() {
    var built =
        kaniko(
            "--cache=false",
            "--cache-copy-layers",
            "--cleanup",
            "--compressed-caching=false",
            "--force",
            "--ignore-var-run=false",
            "--image-download-retry=2",
            "--image-fs-extract-retry=2",
            "--insecure-pull=false",
            "--log-format=color",
            "--log-timestamp=false",
            "--push-retry=3",
            "--skip-push-permission-check",
            "--skip-unused-stages=true",
            "--snapshot-mode=redo",
            "--snapshotMode=full",
            "--use-new-run");
    assertEquals(0, built.code(), built::err);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--bucket=b",
        "--cache-dir=/cache",
        "--cache-ttl=6h",
        "--cache-run-layers=false",
        "--force-build-metadata",
        "--ignore-path=/x",
        "--ignore-var-run",
        "--insecure-pull",
        "--kaniko-dir=/k",
        "--log-format=json",
        "--push-ignore-immutable-tag-errors",
        "--registry-certificate=a=b",
        "--registry-client-cert=a=b,c",
        "--skip-tls-verify-pull",
        "--skip-unused-stages=false",
        "--snapshot-mode=time"
      })
  void whatIsNotToBeHadIsRefusedByName(String option) {
    var refused = kaniko(option);
    assertEquals(2, refused.code(), refused::err);
    var name = option.replaceFirst("=.*", "");
    assertTrue(refused.err().contains(name + " is not supported: "), refused::err);
  }

  /// The registries themselves are never asked: nothing leaves this machine.
  @Test
  void baseImagesAreReadFromMirrors() throws IOException {
    try (var registry = new ScriptedRegistry()) {
      var layer = new TarForge().file("x", "x").tar();
      registry.image("hub/library/debian", "1", layer);
      registry.image("gcr/team/base", "1", layer);
      Files.writeString(
          temp.resolve("src/Dockerfile"),
          "FROM gcr.io/team/base:1\nFROM debian:1\nCOPY --from=0 x y\n");
      var host = registry.host();
      var mirrors = List.of("--registry-mirror=" + host + "/none;" + host + "/hub");
      var kaniko =
          new Jbuild(temp.resolve("store"))
              .with("HOME", temp.toString())
              .with("KANIKO_REGISTRY_MAP", "gcr.io=" + host + "/gcr")
              .run(
                  "kaniko",
                  "--no-push",
                  "--context=" + temp.resolve("src"),
                  mirrors.getFirst(),
                  "--skip-default-registry-fallback");
      assertEquals(0, kaniko.code(), kaniko::err);

      var build =
          new Jbuild(temp.resolve("other"))
              .with("HOME", temp.toString())
              .run(
                  "build",
                  "--mirror=gcr.io=" + host + "/nowhere",
                  "--mirror=index.docker.io=" + host + "/hub",
                  "--mirrors-only",
                  temp.resolve("src").toString());
      assertEquals(6, build.code(), build::err);
    }
    var typed = run("build", "--mirror=docker.io", temp.resolve("src").toString());
    assertTrue(typed.err().contains("--mirror takes HOST=PLACE"), typed::err);
  }

  /// However a host is written, --mirrors-only holds; what is no host is refused. The proxy keeps
  /// what goes astray on this machine.
  @Test
  void hostOfAMirrorIsReadAsThatOfARegistry() throws IOException {
    var context = temp.resolve("src").toString();
    try (var registry = new ScriptedRegistry()) {
      registry.image("hub/library/debian", "1", new TarForge().file("x", "x").tar());
      Files.writeString(
          temp.resolve("src/Dockerfile"),
          """
          FROM Docker.io/library/debian:1
          FROM registry-1.docker.io/library/debian:1
          FROM debian:1
          COPY --from=0 x y
          COPY --from=1 x z
          """);
      for (var host :
          List.of("registry-1.docker.io", "https://docker.io", "http://INDEX.docker.io/")) {
        var build =
            new Jbuild(temp.resolve("store" + host.length()))
                .with("HOME", temp.toString())
                .with("HTTPS_PROXY", "127.0.0.1:1")
                .run(
                    "build",
                    "--mirror=" + host + "=" + registry.host() + "/hub",
                    "--mirrors-only",
                    context);
        assertEquals(0, build.code(), build::err);
      }
    }
    for (var host : List.of("docker.io/library", "https://index.docker.io/v1", "a b", "docker")) {
      for (var words :
          List.of(
              List.of("build", "--mirror=" + host + "=m.example", context),
              List.of(
                  "kaniko", "--no-push", "--registry-map=" + host + "=m.example", "-c", context))) {
        var refused =
            new Jbuild(temp.resolve("none"))
                .with("HTTPS_PROXY", "127.0.0.1:1")
                .run(words.toArray(String[]::new));
        assertEquals(2, refused.code(), refused::err);
        assertTrue(refused.err().contains("--mirror: "), refused::err);
        assertTrue(refused.err().contains("\"" + host + "\" is not a registry"), refused::err);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "s3://bucket/x.tar.gz, reads no buckets",
    "gs://bucket/x.tar.gz, reads no buckets",
    "dir:///nowhere/at/all, /nowhere/at/all",
    "tar:///nowhere/x.tar.gz, /nowhere/x.tar.gz"
  })
  void aContextThatCannotBeHadIsTold(String context, String said) {
    var refused = run("kaniko", "--no-push", "-c", context);
    assertFalse(refused.code() == 0 || refused.code() == 1, refused::err);
    assertTrue(refused.err().contains(said), refused::err);
  }

  @ParameterizedTest
  @CsvSource({
    "git://h/o/p.git, , https://h/o/p.git?submodules=false",
    "git://h/o/p#refs/heads/b, , https://h/o/p.git?ref=refs/heads/b&submodules=false",
    "git://h/p.git#refs/heads/b#abcd, , https://h/p.git?ref=abcd&submodules=false",
    "git://h/p.git, 'branch=b,depth=1,recurse-submodules=true',"
        + " https://h/p.git?ref=b&submodules=true",
    "tar://x.tar.gz, , x.tar.gz",
    "tar://stdin, , -",
    "dir://x/y, , x/y",
    "https://h/x.tar.gz, , https://h/x.tar.gz",
  })
  void aContextBecomesThatOfABuild(String context, String git, String expected) {
    var words = new ArrayList<>(List.of("-c", context));
    if (git != null) {
      words.addAll(List.of("--git", git));
    }
    var options = KanikoOptions.syntax("kaniko").parse(words);
    assertEquals(expected, KanikoContext.of(options, "/workspace/"));
  }

  @ParameterizedTest
  @CsvSource({"sub, sub", "/sub, sub", "//sub/./x/../, sub", "/, ''", "a/../sub, sub"})
  void aDirectoryOfTheContextIsJoinedToIt(String said, String expected) {
    var syntax = KanikoOptions.syntax("kaniko");
    var directory = syntax.parse(List.of("-c", "x", "--context-sub-path", said));
    assertEquals(
        Path.of("x").resolve(expected).toString(), KanikoContext.of(directory, "/workspace/"));
    var git = syntax.parse(List.of("-c", "git://h/p", "--context-sub-path", said));
    assertEquals(
        expected.isEmpty(), !KanikoContext.of(git, "/workspace/").contains("subdir=" + expected));
  }

  @ParameterizedTest
  @CsvSource({
    "--context-sub-path=.., leads out of the context",
    "--context-sub-path=/sub/../../src, leads out of the context",
    "--context=https://h.example/x.tar.gz --context-sub-path=sub, is for directories",
    "--context=tar://x.tar --context-sub-path=sub, is for directories",
    "--git=branch=b, is for a context that is a repository",
    "--git=nonsense=b, is for a context that is a repository",
    "--cache, needs --cache-repo",
    "--cache --destination=x:1, needs --cache-repo",
  })
  void whatCannotBeObeyedTogetherIsRefused(String words, String said) {
    var refused = kaniko(words.split(" "));
    assertEquals(2, refused.code(), refused::err);
    assertTrue(refused.err().contains(said), refused::err);
  }

  @Test
  void whereToPushMustBeSaid() {
    var refused = run("--context", temp.resolve("src").toString());
    assertEquals(2, refused.code());
    assertTrue(refused.err().contains("--destination"), refused::err);
  }

  @Test
  void aBuildOfJbuildsOwnOptionsStaysOne() {
    var built =
        run("--target=one", "--label=a=b", "--build-arg=A=B", "-q", temp.resolve("src").toString());
    assertEquals(0, built.code(), built::err);
  }
}
