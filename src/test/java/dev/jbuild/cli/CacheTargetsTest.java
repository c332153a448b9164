package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.build.BuildResult;
import dev.jbuild.build.BuiltImage;
import dev.jbuild.console.Console;
import dev.jbuild.console.Progress;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.CacheManifest;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import dev.jbuild.registry.Access;
import dev.jbuild.registry.Registries;
import dev.jbuild.store.Store;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where the cache of a build goes when the build is done.
class CacheTargetsTest {

  @TempDir Path temp;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private static BuildResult built(Map<String, String> annotations) {
    var config = ImageConfig.scratch(Platform.parse("linux/amd64"));
    var image = new BuiltImage(config.platform(), config, List.of(), new TreeMap<>(annotations));
    var name = new Descriptor(MediaType.OCI_MANIFEST, Digest.of(new byte[0]), 0);
    return new BuildResult(
        name, List.of(image), 0, 0, 0, 0, 0, 0, List.of(), Map.of(), Optional.empty());
  }

  private void write(String target, BuildResult build) throws Exception {
    var console = new Console(new ByteArrayOutputStream(), err, false, false, () -> 0);
    try (var store = Store.open(temp.resolve("store"));
        var registries = new Registries(Map.of(), Access.USUAL, _ -> {})) {
      var registry = new Outputs.Registry(registries, () -> Progress.quiet(console));
      CacheTargets.parse(List.of(target)).write(store, build, console, registry);
    }
    console.flush();
  }

  /// A cache that has no room in the manifest is left out when that is made; nothing is named then.
  @Test
  void cacheThatTheImageLacksFailsWhoDoesNotIgnoreIt() throws Exception {
    write("type=inline", built(Map.of(CacheManifest.INLINE, "x")));
    var failure = assertThrows(BuildFailure.class, () -> write("type=inline", built(Map.of())));
    assertEquals(BuildFailure.Kind.STORE, failure.kind());
    assertTrue(failure.message().contains("too many steps for a place in the image"));
    write("type=inline,ignore-error=true", built(Map.of()));
    var told = err.toString(StandardCharsets.UTF_8);
    assertTrue(told.startsWith("warning: the cache was not written to the image: "), told);
  }
}
