package dev.jbuild.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.failure.Source;
import dev.jbuild.image.Digest;
import dev.jbuild.store.KeptEntry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Which failed steps go when another one is kept.
class KeptStepsTest {

  private static KeptStep step(String build, boolean isChanged) {
    var any = Digest.of(new byte[0]);
    return new KeptStep(
        new KeptEntry(build, new byte[0], Instant.EPOCH, Path.of(build)),
        "build 1",
        "RUN false",
        new Source("Dockerfile", "RUN false").span(1),
        1,
        Digest.of(build.getBytes(UTF_8)),
        any,
        any,
        List.of(),
        List.of(),
        RecipeJsonTest.recipe(),
        List.of(),
        isChanged,
        List.of());
  }

  private static List<String> outlived(List<KeptStep> others, String build) {
    return KeptSteps.outlived(others, Digest.of(build.getBytes(UTF_8))).stream()
        .map(gone -> gone.entry().id())
        .toList();
  }

  @Test
  void theStepOfTheSameBuildGoesUnlessSomebodyChangedIt() {
    assertEquals(List.of("a"), outlived(List.of(step("b", false), step("a", false)), "a"));
    assertEquals(List.of(), outlived(List.of(step("b", false), step("a", true)), "a"));
  }

  @Test
  void theOldestGoButThoseThatSomebodyChangedDoNotCount() {
    var others = new ArrayList<KeptStep>();
    for (int i = 0; i < 11; i++) {
      others.add(step("hand-" + i, true));
      others.add(step("step-" + i, false));
    }
    others.add(step("hand-11", true));
    assertEquals(List.of("step-9", "step-10"), outlived(others, "new"));
  }
}
