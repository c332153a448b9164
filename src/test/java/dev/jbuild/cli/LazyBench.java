package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.image.Digest;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.registry.ScriptedRegistry;
import dev.jbuild.tar.TarForge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// What tests of bases that stay in a registry have in common: a registry that is told what to do,
/// and a context.
class LazyBench {

  @TempDir Path temp;
  ScriptedRegistry registry;
  Path context;

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

  static byte[] layer(String file) {
    return new TarForge().file(file, "content of " + file).tar();
  }

  Jbuild jbuild(String... words) {
    return new Jbuild(temp.resolve("store")).with("HOME", temp.toString()).run(words);
  }

  Jbuild succeeds(String... words) {
    var run = jbuild(words);
    assertEquals(0, run.code(), run::err);
    return run;
  }

  Jbuild builds(String dockerfile, String... options) throws IOException {
    Files.writeString(context.resolve("Dockerfile"), dockerfile.replace("HOST", registry.host()));
    var words = new ArrayList<>(List.of("build"));
    words.addAll(List.of(options));
    words.add(context.toString());
    return jbuild(words.toArray(String[]::new));
  }

  Manifest pushed(String tag) throws IOException {
    return manifest("team/app/manifests/" + tag);
  }

  Manifest manifest(String place) throws IOException {
    var stored = Objects.requireNonNull(registry.manifests.get(place));
    return Manifest.parse(stored.bytes(), new MediaType(stored.type()));
  }

  long gets(Digest layer) {
    return registry.count("GET /v2/team/base/blobs/" + layer);
  }
}
