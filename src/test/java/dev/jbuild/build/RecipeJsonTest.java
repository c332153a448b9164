package dev.jbuild.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.failure.Source;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import dev.jbuild.plan.Origin;
import dev.jbuild.plan.RunMount;
import dev.jbuild.plan.RunStep;
import dev.jbuild.sandbox.Allowance;
import dev.jbuild.sandbox.Network;
import dev.jbuild.sandbox.Quota;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// How a step ran, written down and read by another process.
class RecipeJsonTest {

  private static final List<RunMount> MOUNTS = mounts();

  private static List<RunMount> mounts() {
    var span = new Source("Dockerfile", "RUN x\nRUN y").span(2, 3, 4);
    return List.of(
        new RunMount.Bind(span, new Origin.Context(), "/a", "/b", true),
        new RunMount.Cache(
            span, "id", new Origin.Scratch(), "/", "/c", true, RunMount.Sharing.LOCKED, 0700, 1, 2),
        new RunMount.Tmpfs(span, "/t", OptionalLong.of(5), false),
        new RunMount.Secret(
            span, "s", Optional.of("/s"), Optional.of("TOKEN"), true, 0400, -1, 1000),
        new RunMount.Ssh(span, "default", "/ssh", false, 0600, 0, 0));
  }

  static StepRecipe recipe() {
    return new StepRecipe(
        List.of("/bin/sh", "-c", "make \"x\"\n"),
        new TreeMap<>(Map.of("A", "1", "B", "ü=\u0001")),
        List.of("HTTP_PROXY"),
        "app:staff",
        "/w",
        Network.NONE,
        true,
        "host",
        List.of(new StepSettings.Host("db", "10.0.0.1")),
        OptionalLong.of(1 << 20),
        List.of(new Allowance.Limit(Allowance.Resource.NOFILE, 10, -1)),
        new Quota(OptionalLong.of(1 << 26), OptionalLong.of(-1), OptionalLong.of(99)),
        Optional.of(new RunStep.Script("EOF", "#!/bin/sh\n")),
        MOUNTS,
        List.of("/bin/sh", "-c"));
  }

  private static List<KeptSource> sources() {
    var layer = Digest.of(new byte[] {1});
    return List.of(
        new KeptSource(List.of(layer), Optional.of("bind-0"), "/x", false, Optional.empty()),
        new KeptSource(List.of(), Optional.empty(), "/", true, Optional.of(layer)),
        KeptSource.NONE,
        KeptSource.NONE,
        KeptSource.NONE);
  }

  @Test
  void whatIsReadIsWhatWasWritten() throws ImageFormatException {
    var written = Json.write(RecipeJson.write(recipe(), sources()));
    var read = RecipeJson.parse(JsonObject.parse(written, "it"), "Dockerfile");

    assertEquals(sources(), read.sources());
    assertEquals(recipe().quota(), read.recipe().quota());
    assertEquals(recipe().environment(), read.recipe().environment());
    assertEquals("Dockerfile:2:3", read.recipe().mounts().getFirst().span().toString());
    var again = Json.write(RecipeJson.write(read.recipe(), read.sources()));
    assertEquals(new String(written, UTF_8), new String(again, UTF_8));
  }

  @Test
  void nonsenseIsAFormatFailure() throws ImageFormatException {
    var good = RecipeJson.write(recipe(), sources());
    for (var change :
        List.of(
            Map.<String, Object>of("network", "MOON"),
            Map.<String, Object>of("argv", "make"),
            Map.<String, Object>of("mounts", List.of(Map.of("type", "nfs"))),
            Map.<String, Object>of("limits", List.of(Map.of("resource", "luck"))),
            Map.<String, Object>of("memory", 0L))) {
      var bad = new TreeMap<>(good);
      bad.putAll(change);
      var json = JsonObject.parse(Json.write(Collections.unmodifiableMap(bad)), "it");
      assertThrows(
          ImageFormatException.class,
          () -> RecipeJson.parse(json, "Dockerfile"),
          change.toString());
    }
  }
}
