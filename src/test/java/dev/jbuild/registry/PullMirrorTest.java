package dev.jbuild.registry;

import static dev.jbuild.registry.ScriptedRegistry.answer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.MediaType;
import dev.jbuild.image.Reference;
import java.nio.file.Files;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Pulling from the mirrors of a registry.
class PullMirrorTest extends RegistryDesk {

  private final byte[] layer = random(300_000);

  @ParameterizedTest // what each mirror is asked for: by its tag, and by its digest
  @CsvSource({
    "all, false, true, true",
    "tag-only, false, true, false",
    "digest-only, false, false, true",
    "all, true, false, true",
  })
  void mirrorServesWhatItsRuleSays(
      String pulls, boolean digestsOnly, boolean byTag, boolean byDigest) throws Exception {
    try (var mirror = new ScriptedRegistry()) {
      var image = registry.image("team/app", "1", layer);
      mirror.image("copy/app", "1", layer);
      var conf = directory.resolve("conf");
      Files.writeString(
          conf,
          """
          [[registry]]
          location = "%s/team"
          mirror-by-digest-only = %s
          [[registry.mirror]]
          location = "%s/copy"
          pull-from-mirror = "%s"
          """
              .formatted(registry.host(), digestsOnly, mirror.host(), pulls));
      bench.environment.put("CONTAINERS_REGISTRIES_CONF", conf.toString());
      bench.pull(name());
      assertEquals(byTag ? 1 : 0, mirror.count("GET /v2/copy/app/manifests/1"));
      bench.pull(registry.host() + "/team/app@" + image.digest());
      assertEquals(byDigest ? 1 : 0, mirror.count("GET /v2/copy/app/manifests/sha256:"));
    }
  }

  @Test
  void mirrorsAreAskedFirstAndTheRegistryWhenTheyFail() throws Exception {
    try (var mirror = new ScriptedRegistry();
        var broken = new ScriptedRegistry()) {
      var image = registry.image("team/app", "1", layer);
      broken.always("GET", "/v2/", answer(404, ""));
      mirror.document("copy/app", Optional.of("1"), image.mediaType().name(), image.bytes());
      mirror.blob(MediaType.OCI_LAYER, layer); // but not the config
      var conf = directory.resolve("conf");
      Files.writeString(
          conf,
          """
          unqualified-search-registries = ["elsewhere.example"]
          [[registry]]
          prefix = "images.example/team"
          location = "%s/team"
          [[registry.mirror]]
          location = "%s/gone"
          [[registry.mirror]]
          location = "%s/copy"
          [[registry]]
          prefix = "*.blocked.example"
          blocked = true
          """
              .formatted(registry.host(), broken.host(), mirror.host()));
      bench.environment.put("CONTAINERS_REGISTRIES_CONF", conf.toString());
      bench.pull("images.example/team/app:1");
      assertEquals(0, registry.count("GET /v2/team/app/manifests"));
      assertEquals(1, registry.count("GET /v2/team/app/blobs")); // the config
      assertTrue(
          bench.store.references().find("images.example/team/app:1").isPresent(), "its own name");
      bench.store.references().untag("images.example/team/app:1");
      registry.always("GET", "/v2/team/app/manifests/1", answer(403, ""));
      try (var registries = bench.registries()) {
        var name = Reference.parse("images.example/team/app:1");
        var seen = new RemoteImages(registries).inspect(name).descriptor();
        assertEquals(image.digest(), seen.digest());
        mirror.image("copy/app", "1", layer);
        var to = Reference.parse(registry.host() + "/team/copy:1");
        var copied = new Copier(registries, _ -> {}).copy(name, to, Optional.empty());
        assertEquals(image.digest(), copied.digest());
      }
      assertTrue(bench.failing("x.blocked.example/a").contains("blocks"));
    }
  }
}
