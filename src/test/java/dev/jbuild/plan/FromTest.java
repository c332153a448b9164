package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.failure.Source;
import dev.jbuild.image.ContainerConfig;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// FROM, stages, targets and what of them is needed (dockerfile-rules.md 3).
class FromTest {

  private static final String PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  @Test
  void scratchBeginsWithAPathAndTheRootDirectory() { // checklist 18
    var plan = PlanBench.of("FROM scratch\n").plan();
    assertEquals(
        ContainerConfig.EMPTY.withEnv(List.of(PATH)).withWorkingDir("/"), plan.image().config());
    assertEquals("amd64", plan.image().architecture());
    assertTrue(plan.target().steps().isEmpty());
  }

  @Test
  void anImageWithoutPathGetsOne() {
    var base = ContainerConfig.EMPTY.withVariable("A", "1");
    var config = PlanBench.of("FROM base\n").image("base", base).config();
    assertEquals(List.of("A=1", PATH), config.env());
  }

  @Test
  void anImageWithPathKeepsItsConfigToTheByte() {
    var base =
        ImageConfig.scratch(PlanBench.HOST)
            .withConfig(ContainerConfig.EMPTY.withVariable("PATH", "/bin"));
    assertEquals(base, PlanBench.of("FROM base\n").image("base", base).plan().image());
  }

  @Test
  void aStageCalledScratchIsThatStageBelow() { // section 3
    var plan = PlanBench.of("FROM base AS scratch\nENV A=1\nFROM scratch\nENV B=2\n").plan();
    assertEquals(List.of(PATH, "A=1", "B=2"), plan.image().config().env());
  }

  @Test
  void anEmptyPlatformIsNone() { // section 3
    var bench = PlanBench.of("FROM --platform= base\n");
    assertEquals(List.of("base:latest for linux/amd64"), bench.asked());
  }

  @Test
  void onlyImagesThatTheTargetReachesAreAskedFor() {
    var bench =
        PlanBench.of(
            """
            FROM unused AS unused
            FROM one AS a
            FROM two AS b
            COPY --from=a x /
            RUN --mount=from=three,target=/t x
            COPY --from=one y /
            """);
    assertEquals(
        List.of(
            "one:latest for linux/amd64",
            "two:latest for linux/amd64",
            "three:latest for linux/amd64"),
        bench.asked());
    assertEquals(List.of(1, 2), bench.plan().stages().stream().map(Stage::index).toList());
    assertEquals(Set.of(1), bench.plan().target().needs());
  }

  @Test
  void aStageAboveIsFoundInAnyCase() {
    var plan = PlanBench.of("FROM scratch AS Build\nENV A=1\nFROM BUILD\n").plan();
    assertEquals(new StageBase.EarlierStage(0), plan.target().base());
    assertEquals("1", plan.image().config().variable("A").orElseThrow());
  }

  @Test
  void fromBindsToTheNearestAboveAndCopyToTheLastOfAName() {
    var plan =
        PlanBench.of(
                """
                FROM scratch AS a
                ENV V=1
                FROM a AS b
                FROM scratch AS a
                FROM b
                COPY --from=a x /
                """)
            .plan();
    assertEquals(Set.of(1, 2), plan.target().needs());
    assertEquals("1", plan.image().config().variable("V").orElseThrow());
  }

  @Test
  void aNumberIsAnImageInFromAndAStageInCopy() {
    assertEquals(
        List.of("0:latest for linux/amd64"), PlanBench.of("FROM scratch\nFROM 0\n").asked());
    var copy = PlanBench.of("FROM scratch\nFROM scratch\nCOPY --from=0 a /\n");
    assertEquals(new Origin.EarlierStage(0), copy.last(CopyStep.class).origin());
    var mount = PlanBench.of("FROM scratch\nFROM scratch\nRUN --mount=from=0,target=/t x\n");
    assertEquals(List.of("0:latest for linux/amd64"), mount.asked());
  }

  @Test
  void globalArgumentsNameImages() {
    var text = "ARG TAG=1\nFROM --platform=$BUILDPLATFORM base:$TAG\n";
    assertEquals(List.of("base:1 for linux/amd64"), PlanBench.of(text).asked());
    assertEquals(List.of("base:2 for linux/amd64"), PlanBench.of(text).args("TAG=2").asked());
  }

  @Test
  void oneImageForTwoPlatformsIsTwoQuestions() {
    var bench =
        PlanBench.of("FROM --platform=$BUILDPLATFORM base AS a\nFROM base\nCOPY --from=a x /\n")
            .platform("linux/arm64");
    assertEquals(
        List.of("base:latest for linux/amd64", "base:latest for linux/arm64"), bench.asked());
  }

  @Test
  void theFinalImageIsForTheRequestedPlatformWhateverItsBase() {
    var plan =
        PlanBench.of("FROM --platform=linux/amd64 base\nRUN x\n").platform("linux/arm64").plan();
    assertEquals(new Platform("linux", "amd64"), plan.target().platform());
    assertEquals("arm64", plan.image().architecture());
    assertEquals(new Platform("linux", "arm64"), plan.platform());
  }

  @Test
  void withoutRequestTheImagesOwnPlatformIsAdopted() {
    var arm = ImageConfig.scratch(new Platform("linux", "arm64"));
    var plan = PlanBench.of("FROM base\n").image("base", arm).plan();
    assertEquals("arm64", plan.image().architecture());
    assertEquals(new Platform("linux", "arm64"), plan.target().platform());
    assertEquals(Rule.INVALID_BASE_IMAGE_PLATFORM, plan.findings().getFirst().rule());
  }

  @Test
  void theTargetIsFoundByNameInAnyCaseOrByNumber() {
    var text = "FROM scratch AS one\nFROM scratch AS two\nFROM scratch\n";
    assertEquals(2, PlanBench.of(text).plan().target().index());
    assertEquals(0, PlanBench.of(text).target("ONE").plan().target().index());
    assertEquals(1, PlanBench.of(text).target("1").plan().target().index());
    assertEquals("stage-2", PlanBench.of(text).plan().target().displayName());
  }

  @Test
  void whatIsWrongInsideAnUnusedStageIsNotTold() {
    PlanBench.of("FROM scratch AS x\nENV A=${B:?no}\nEXPOSE nonsense\nFROM scratch\n").plan();
  }

  @Test
  void aStageInheritsEverythingButTriggers() {
    var bench =
        PlanBench.of(
            """
            FROM scratch AS a
            USER u
            WORKDIR /w
            LABEL l=1
            EXPOSE 80
            VOLUME /v
            SHELL ["/bin/bash", "-c"]
            STOPSIGNAL TERM
            HEALTHCHECK CMD x
            MAINTAINER me
            ENTRYPOINT ["e"]
            CMD ["c"]
            FROM a
            RUN y
            """);
    var plan = bench.plan();
    assertEquals(plan.stage(0).image().config(), plan.image().config());
    assertEquals("me", plan.image().author());
    assertEquals(List.of("/bin/bash", "-c", "y"), bench.last(RunStep.class).argv());
  }

  @Test
  void labelsOfTheCommandLineWinAndAreInNoHistory() {
    var bench = PlanBench.of("FROM scratch\nLABEL l=1\n").label("l", "2");
    assertEquals("2", bench.config().labels().get("l"));
    assertEquals(List.of("LABEL l=1"), bench.history());
  }

  @Test
  void aNamedContextReplacesAStageAnImageOrAnUnknownName() {
    var image = new NamedContext.Image(Reference.parse("other:1"));
    var stage =
        PlanBench.of("FROM missing AS a\nRUN x\nFROM scratch\nCOPY --from=a x /\n")
            .context("a", image);
    assertEquals(List.of("other:1 for linux/amd64"), stage.asked());
    assertTrue(stage.plan().stage(0).steps().isEmpty());
    assertEquals(
        List.of("other:1 for linux/amd64"),
        PlanBench.of("FROM alpine\n").context("alpine", image).asked());
    var files =
        PlanBench.of("FROM scratch\nCOPY --from=src x /\n")
            .context("src", new NamedContext.Files());
    assertEquals(new Origin.Files("src"), files.last(CopyStep.class).origin());
    var base = PlanBench.of("FROM root\nRUN x\n").context("root", new NamedContext.Files()).plan();
    assertEquals(new StageBase.Files("root"), base.target().base());
    assertEquals(List.of(PATH), base.image().config().env());
    var none = PlanBench.of("FROM alpine\n").context("alpine", new NamedContext.Scratch());
    assertEquals(new StageBase.Scratch(), none.plan().target().base());
    assertEquals(List.of(), none.asked());
  }

  @Test
  void aNamedContextIsFoundUnderEverySpellingOfItsName() { // section 3
    var image = new NamedContext.Image(Reference.parse("other:1"));
    for (var written : List.of("alpine", "alpine:latest", "docker.io/library/alpine")) {
      for (var name : List.of("alpine", "alpine:latest", "docker.io/library/alpine:latest")) {
        var bench = PlanBench.of("FROM " + written + "\n").context(name, image);
        assertEquals(List.of("other:1 for linux/amd64"), bench.asked(), written + " by " + name);
      }
    }
    var other = PlanBench.of("FROM alpine:3\n").context("alpine", image);
    assertEquals(List.of("alpine:3 for linux/amd64"), other.asked());
  }

  @Test
  void scratchIsScratchWhateverAContextIsCalled() { // section 3
    var image = new NamedContext.Image(Reference.parse("other:1"));
    assertEquals(List.of(), PlanBench.of("FROM scratch\n").context("scratch", image).asked());
  }

  @Test
  void aNamedContextMayBeForOnePlatform() {
    var image = new NamedContext.Image(Reference.parse("arm:1"));
    var bench =
        PlanBench.of("FROM alpine\n").context("alpine::linux/arm64", image).platform("linux/arm64");
    assertEquals(List.of("arm:1 for linux/arm64"), bench.asked());
    var other = PlanBench.of("FROM alpine\n").context("alpine::linux/arm64", image);
    assertEquals(List.of("alpine:latest for linux/amd64"), other.asked());
  }

  @Test
  void whatThePlanNeedsSaysWhereAndGuessesAtStages() {
    var planner =
        new Planner(
            PlanRequest.of(
                Dockerfile.parse(new Source("Dockerfile", "FROM scratch AS build\nFROM biuld\n")),
                PlanBench.HOST));
    var needs = assertInstanceOf(Planning.NeedsImages.class, planner.plan(Map.of())).needs();
    assertEquals("Dockerfile:2:6", needs.getFirst().span().toString());
    assertEquals("did you mean build?", needs.getFirst().hint().orElseThrow());
  }
}
