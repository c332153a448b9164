package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.registry.ScriptedRegistry;
import dev.jbuild.serve.Registry;
import dev.jbuild.serve.RegistryOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `pull` and `push` as docker and podman have them.
class TransferCommandsTest {

  @TempDir Path temp;

  private Jbuild jbuild(String store, String... words) {
    return new Jbuild(temp.resolve(store)).with("HOME", temp.toString()).run(words);
  }

  private Jbuild ok(String store, String... words) {
    var run = jbuild(store, words);
    assertEquals(0, run.code(), run::err);
    return run;
  }

  private Registry registry() throws IOException {
    return Registry.start(
        RegistryOptions.of(new RegistryOptions.Place.Directory(temp.resolve("registry"))));
  }

  @Test
  void allTagsAndOnePlatformComeAndGo() throws Exception {
    var context = Files.createDirectory(temp.resolve("context"));
    Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nARG X\nLABEL x=$X\nCOPY f /\n");
    Files.writeString(context.resolve("f"), "content");
    try (var registry = registry()) {
      var app = registry.authority() + "/team/app";
      var both = "--platform=linux/amd64,linux/arm64";
      for (var tag : List.of("1", "2")) {
        ok("one", "-t", app + ":" + tag, both, "--build-arg", "X=" + tag, context.toString());
      }
      ok("one", "push", "-q", "--compression-format", "zstd", "--compression-level=3", "-a", app);
      assertEquals(2, ok("two", "pull", "-q", "--all-tags", app).out().lines().count());
      assertEquals(2, ok("two", "images", "-q", app).out().lines().count());
      ok("one", "push", "--platform", "linux/arm64", app + ":1", app + ":arm");
      var arm = ok("one", "registry", "inspect", "-f", "{{.MediaType}}", app + ":arm").out();
      assertEquals("application/vnd.oci.image.manifest.v1+json", arm.strip());
      assertEquals(7, jbuild("one", "push", "--platform=linux/s390x", app + ":1").code());
      assertEquals(2, jbuild("two", "pull", "-a", app + ":1").code());
    }
  }

  /// The layers came compressed, and the store never had them in another form.
  @Test
  void whatIsPushedIntoAStoreCanBeBuiltOn() throws Exception {
    var context = Files.createDirectory(temp.resolve("context"));
    Files.writeString(context.resolve("f"), "content");
    var place = new RegistryOptions.Place.Images(temp.resolve("served"));
    try (var registry = Registry.start(RegistryOptions.of(place))) {
      var app = registry.authority() + "/app:1";
      Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY f /\n");
      ok("one", "-t", app, "--push", context.toString());
      Files.writeString(context.resolve("Dockerfile"), "FROM app:1\nCOPY --from=app:1 /f /g\n");
      ok("served", "--pull=never", "-o", temp.resolve("out").toString(), context.toString());
      assertEquals("content", Files.readString(temp.resolve("out/g")));
      ok("served", "store", "check");
    }
  }

  /// What a registry lists is a stranger's text.
  @Test
  void tagThatIsNoneIsNotPulled() throws Exception {
    try (var registry = new ScriptedRegistry()) {
      var tags = "{\"tags\":[\"../../x\"]}";
      registry.always("GET", "/tags/list", ScriptedRegistry.answer(200, tags));
      var run = jbuild("one", "pull", "-a", registry.host() + "/team/app");
      assertEquals(6, run.code(), run::err);
      assertTrue(run.err().contains("lists a tag that is none: ../../x"), run::err);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "pull --arch arm64 app:1, --platform OS/ARCH[/VARIANT] says it",
    "pull --policy missing app:1, --pull of build and run says when these do",
    "pull --cert-dir /c app:1, certificates lie in certs.d",
    "push --sign-by me app:1, jbuild signs nothing",
    "push --format v2s2 app:1, images are OCI images",
    "push --rm app:1, jbuild rmi removes the image",
    "push --compression none --compression-level 3 app:1, none has no levels",
    "login --secret s h.example, --password-stdin takes the password",
    "logout --all, say of which registry",
  })
  void optionsThatAreNotObeyedHaveAReason(String line, String why) {
    var run = jbuild("none", line.split(" "));
    assertEquals(2, run.code(), run::err);
    assertTrue(run.err().contains(why), run::err);
  }
}
