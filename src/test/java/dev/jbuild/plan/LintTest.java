package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.dockerfile.Rule;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.ContainerConfig;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What lint runs and builds find in a Dockerfile.
class LintTest {

  private record Case(String name, String dockerfile, List<String> found) {}

  /// A line `--- name`, the Dockerfile, a line `===`, then `Rule line:column` each.
  private static List<Case> cases() throws IOException {
    try (var in = LintTest.class.getResourceAsStream("lint.txt")) {
      var text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return Arrays.stream(text.split("(?m)^--- "))
          .skip(1)
          .map(
              each -> {
                int name = each.indexOf('\n');
                int end = each.indexOf("===\n");
                return new Case(
                    each.substring(0, name),
                    each.substring(name + 1, end),
                    each.substring(end + 4).lines().toList());
              })
          .toList();
    }
  }

  @TestFactory
  Stream<DynamicTest> aLintRunFindsWhatTheTableSays() throws IOException {
    return cases().stream()
        .map(
            each ->
                DynamicTest.dynamicTest(
                    "11 " + each.name(),
                    () -> assertEquals(each.found(), PlanBench.of(each.dockerfile()).lint())));
  }

  @Test
  void theTableKnowsEveryRuleThatThisPackageFinds() throws IOException {
    var found = cases().stream().flatMap(each -> each.found().stream()).toList();
    for (var rule : Rule.values()) {
      boolean elsewhere =
          rule == Rule.COPY_IGNORED_FILE || rule == Rule.INVALID_BASE_IMAGE_PLATFORM;
      assertTrue(
          elsewhere || found.stream().anyMatch(line -> line.startsWith(rule.ruleName() + " ")),
          rule.ruleName());
    }
  }

  @Test
  void aKnownBaseHasItsVariablesItsShellAndItsPlatform() {
    var config =
        ContainerConfig.EMPTY.withVariable("HOME_DIR", "/h").withShell(List.of("/bin/bash", "-c"));
    var text = "FROM base:1\nCOPY $HOME_DIR$HOEM_DIR$X /d/\nCMD x\n";
    assertEquals(
        List.of("UndefinedVar 2:15", "UndefinedVar 2:24"),
        PlanBench.of(text).image("base:1", config).lint());
    assertEquals(
        List.of("InvalidBaseImagePlatform 1:6"),
        PlanBench.of("FROM base:1\n")
            .image("base:1", ImageConfig.scratch(new Platform("linux", "arm64")))
            .lint());
  }

  @Test
  void whatANamedContextPutsInAnImagesPlaceIsNotOursToPin() {
    var text = "FROM debian\nFROM alpine\n";
    assertEquals(
        List.of("UnpinnedBaseImage 2:6"),
        PlanBench.of(text)
            .context("debian", new NamedContext.Image(Reference.parse("debian-of-mine")))
            .lint());
  }

  @Test
  void withATargetOnlyWhatItNeedsIsLookedAt() {
    var text = "FROM scratch AS a\nENV a b\nFROM scratch AS b\nENV a b\nFROM a AS c\nCOPY $X /\n";
    assertEquals(
        List.of("LegacyKeyValueFormat 2:1", "LegacyKeyValueFormat 4:1", "UndefinedVar 6:6"),
        PlanBench.of(text).lint());
    assertEquals(List.of("LegacyKeyValueFormat 4:1"), PlanBench.of(text).target("b").lint());
    assertEquals(
        List.of("LegacyKeyValueFormat 2:1", "UndefinedVar 6:6"),
        PlanBench.of(text).target("c").lint());
  }

  @Test
  void aBuildIsNotToldOfAdviceNorOfStagesThatItDoesNotNeed() {
    var plan =
        PlanBench.of("FROM debian AS unused\nENV a b\nFROM debian\nENV a b\nARG TARGETARCH=x\n")
            .plan();
    assertEquals(
        List.of("LegacyKeyValueFormat 4", "PlatformArgDefault 5"),
        plan.findings().stream()
            .map(each -> each.rule().ruleName() + " " + each.span().line())
            .toList());
    assertEquals(List.of(), PlanBench.of("FROM scratch\nARG TARGETARCH=amd64\n").plan().findings());
  }

  @Test
  void theBuildArgumentStandsForTheDirective() {
    var text = "# check=skip=all;error=false\nFROM scratch\nENV a b\nENV TOKEN=x\n";
    assertFalse(PlanBench.of(text).plan().checks().areErrors());
    var bench =
        PlanBench.of(text).args("BUILDKIT_DOCKERFILE_CHECK=error=true;skip=LegacyKeyValueFormat");
    assertEquals(List.of("SecretsUsedInArgOrEnv 4:5"), bench.lint());
    assertTrue(bench.plan().checks().areErrors());
    var empty = PlanBench.of(text).args("BUILDKIT_DOCKERFILE_CHECK=");
    assertEquals(2, empty.lint().size());
    var failure =
        PlanBench.of("FROM scratch\n").args("BUILDKIT_DOCKERFILE_CHECK=skpi=all").failure();
    assertEquals(BuildFailure.Kind.USAGE, failure.kind());
    assertEquals(
        "the build argument BUILDKIT_DOCKERFILE_CHECK has no option skpi", failure.message());
  }

  @Test
  void aDirectiveThatIsNotUnderstoodIsAnErrorWithItsPlace() {
    for (var row :
        List.of(
            "skpi=all|9|has no option skpi",
            "skip=A;eror=true|16|has no option eror",
            "error=maybe|15|has error=maybe",
            "all|9|has all where an option is expected",
            "skip=A;|16|has nothing where an option is expected",
            "skip=A;error=true;x=1|27|has no option x")) {
      var columns = row.split("\\|", -1);
      var failure = PlanBench.of("# check=" + columns[0] + "\nFROM scratch\n").failure();
      assertEquals(BuildFailure.Kind.DOCKERFILE, failure.kind());
      assertEquals("the directive check " + columns[2], failure.message());
      var where = failure.where().orElseThrow();
      assertEquals("1:" + columns[1], where.line() + ":" + where.column());
    }
  }

  @Test
  void theTruthIsWrittenInManyWaysAndTheRestOfTheLineIsForPeople() {
    for (var text : List.of("error=1", "error=TRUE;skip=A", "skip=A;error=t and why")) {
      assertTrue(
          PlanBench.of("#check=" + text + "\nFROM scratch\n").plan().checks().areErrors(), text);
    }
    assertFalse(PlanBench.of("# check=error=F\nFROM scratch\n").plan().checks().areErrors());
  }
}
