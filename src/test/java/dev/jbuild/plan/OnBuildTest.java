package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.ContainerConfig;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// ONBUILD: stored in the config, run once in the child, gone after that (reliability 84).
class OnBuildTest {

  private static PlanBench child(String dockerfile, String... triggers) {
    return PlanBench.of(dockerfile)
        .image("base", ContainerConfig.EMPTY.withOnBuild(List.of(triggers)));
  }

  @Test
  void aTriggerIsStoredAsItIsWritten() {
    var config = PlanBench.of("FROM scratch\nONBUILD RUN echo $A\nONBUILD copy . /x\n").config();
    assertEquals(List.of("RUN echo $A", "copy . /x"), config.onBuild());
  }

  @Test
  void triggersOfABaseImageRunFirstAndOnce() { // checklist 17
    var bench = child("FROM base\nRUN own\n", "ENV A=1", "RUN two");
    var plan = bench.plan();
    assertEquals(
        List.of("ONBUILD ENV A=1", "ONBUILD RUN two", "RUN own"),
        plan.target().steps().stream().map(Step::instruction).toList());
    assertEquals("ONBUILD of base", plan.target().steps().getFirst().span().source().name());
    assertTrue(plan.image().config().onBuild().isEmpty());
  }

  @Test
  void triggersOfAStageRunInTheStageBasedOnItButNotInTheNext() {
    var plan =
        PlanBench.of("FROM scratch AS a\nONBUILD ENV A=$B\nFROM a AS b\nENV C=1\nFROM b\n").plan();
    assertEquals(List.of(), plan.target().steps());
    assertEquals(2, plan.stage(1).steps().size());
    assertTrue(plan.image().config().onBuild().isEmpty());
  }

  @Test
  void aTriggerMayNameStagesAndImagesOfTheChild() {
    var bench =
        child(
            "FROM scratch AS build\nFROM base\n",
            "COPY --from=build /x /",
            "COPY --from=other /y /",
            "RUN --mount=from=third,target=/t x");
    assertEquals(
        List.of(
            "base:latest for linux/amd64",
            "other:latest for linux/amd64",
            "third:latest for linux/amd64"),
        bench.asked());
    assertEquals(Set.of(0), bench.plan().target().needs());
  }

  @Test
  void chainsOfTriggersAreRefused() {
    for (var trigger : List.of("ONBUILD RUN x", "FROM scratch", "MAINTAINER me")) {
      var failure = child("FROM base\n", trigger).failure();
      assertEquals("ONBUILD of base", failure.where().orElseThrow().source().name());
    }
  }

  @Test
  void moreThanOneInstructionInATriggerIsRefused() {
    child("FROM base\n", "RUN x\nRUN y").failure();
  }

  @Test
  void tooManyTriggersAreRefused() {
    var triggers = Collections.nCopies(10_000, "ENV A=1").toArray(String[]::new);
    var failure = child("FROM base\n", triggers).failure();
    assertTrue(failure.message().contains("10000 ONBUILD triggers"), failure.message());
    assertEquals("Dockerfile:1:6", failure.where().orElseThrow().toString());
  }

  @Test
  void aTriggerThatIsWrongIsToldAsTheBases() {
    var failure = child("FROM base\n", "ENV A=1", "EXPOSE x").failure();
    assertEquals("ONBUILD of base:1:8", failure.where().orElseThrow().toString());
  }
}
