package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.Utf8;
import dev.jbuild.image.ContainerConfig;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which value a variable has where: what the last RUN sees of V, or - if it is not set.
class ScopeTest {

  @ParameterizedTest(name = "2.3 {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "a global argument is not seen in a stage | ARG V=1; FROM scratch | -",
        "ARG brings a global one in | ARG V=1; FROM scratch; ARG V | 1",
        "a default in the stage hides the global one | ARG V=1; FROM scratch; ARG V=2 | 2",
        "an argument has no effect above its line | FROM scratch; ENV V=${A}x; ARG A=1 | x",
        "globals see those before them | ARG A=1; ARG V=${A}2; FROM scratch; ARG V | 12",
        "a stage inherits the arguments of its base | FROM scratch AS a; ARG V=1; FROM a | 1",
        "other stages do not | FROM scratch AS a; ARG V=1; FROM scratch | -",
        "ENV after ARG hides it | FROM scratch; ARG V=1; ENV V=2 | 2",
        "ARG after ENV hides it | FROM scratch; ENV V=2; ARG V=1 | 1",
        "ARG without a value hides nothing | FROM scratch; ENV V=2; ARG V | 2",
        "an argument beats the base image's ENV | FROM base; ARG BASE=1; ENV V=$BASE | 1",
        "ENV sees the values before it | FROM scratch; ENV A=1; ENV A=2 V=$A | 1",
        "ARG sees those in its own line | FROM scratch; ARG A=1 V=$A | 1",
        "an empty default is a value | FROM scratch; ENV V=1; ARG V= | ",
        "a declared argument without value is unset | FROM scratch; ARG V | -",
        "automatic ones have to be declared | FROM scratch; ENV V=x$TARGETARCH | x",
        "declared they are there | FROM scratch; ARG TARGETARCH; ENV V=$TARGETARCH | amd64",
        "a default wins over an automatic value | FROM scratch; ARG TARGETOS=x; ENV V=$TARGETOS |"
            + " x",
        "so may an empty one | FROM scratch; ARG TARGETARCH=; ENV V=x$TARGETARCH | x",
        "FROM sees automatic ones | FROM scratch AS xdefault; ENV V=1; FROM x$TARGETSTAGE | 1",
        "the host has no variant | FROM scratch; ARG TARGETVARIANT; ENV V=${TARGETVARIANT-u} | ",
        "a value is never read as variables | FROM scratch; ENV A='$B' B=x; ENV V=$A | $B",
        "a value is never read as words | FROM scratch; ENV A='x Y=z'; ENV V=$A | x Y=z",
      })
  void theLastAssignmentInTheFileCounts(String rule, String dockerfile, String expected) {
    var text = dockerfile.replace("; ", "\n") + "\nRUN x\n";
    var base = ContainerConfig.EMPTY.withVariable("BASE", "image");
    var run = PlanBench.of(text).image("base", base).last(RunStep.class);
    assertEquals(expected == null ? "" : expected, run.environment().getOrDefault("V", "-"), rule);
  }

  @ParameterizedTest(name = "2.3 {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "it gives an argument its value | FROM scratch; ARG V | given",
        "it wins over the default | FROM scratch; ARG V=1 | given",
        "it wins over the global default | ARG V=1; FROM scratch; ARG V=2 | given",
        "it is nothing without ARG | FROM scratch | -",
        "a default it overrides is not evaluated | FROM scratch; ARG V=${X:?} | given",
        "nor is a global one | ARG V=${X:?}; FROM scratch; ARG V | given",
        "ENV after it hides it | FROM scratch; ARG V; ENV V=2 | 2",
        "ARG after ENV takes it | FROM scratch; ENV V=2; ARG V | given",
        "a stage based on the one with ARG has it | FROM scratch AS a; ARG V; FROM a | given",
        "a stage beside it has not | FROM scratch AS a; ARG V; FROM scratch | -",
      })
  void aBuildArgument(String rule, String dockerfile, String expected) {
    var text = dockerfile.replace("; ", "\n") + "\nRUN x\n";
    var run = PlanBench.of(text).args("V=given").last(RunStep.class);
    assertEquals(expected, run.environment().getOrDefault("V", "-"), rule);
  }

  @Test
  void aBuildArgumentIsDataWhateverIsInIt() { // reliability 78
    var hostile = "x\nRUN touch /pwned \"$(id)\" ${A:-$(x)} '";
    var plan =
        PlanBench.of("FROM scratch\nARG A\nLABEL l=$A\nCOPY $A /d\nRUN y\n")
            .args("A=" + hostile)
            .plan();
    var steps = plan.target().steps();
    assertEquals(4, steps.size());
    assertEquals(hostile, plan.image().config().labels().get("l"));
    assertEquals(hostile, ((RunStep) steps.get(3)).environment().get("A"));
    assertEquals(List.of("/bin/sh", "-c", "y"), ((RunStep) steps.get(3)).argv());
    assertEquals(
        hostile, ((CopySource.Files) ((CopyStep) steps.get(2)).sources().getFirst()).pattern());
  }

  @Test
  void anArgumentThatHidesAnEnvLeavesTheConfigAlone() {
    var bench = PlanBench.of("FROM scratch\nENV V=env\nARG V=arg\nRUN x\n");
    assertEquals("arg", bench.last(RunStep.class).environment().get("V"));
    assertEquals("env", bench.config().variable("V").orElseThrow());
  }

  @Test
  void automaticArgumentsTellOfBothPlatformsAndTheTarget() {
    var names =
        "BUILDPLATFORM BUILDOS BUILDARCH BUILDVARIANT TARGETPLATFORM TARGETOS TARGETARCH"
            + " TARGETVARIANT TARGETSTAGE BUILDOSVERSION TARGETOSVERSION";
    var text = "FROM scratch AS Final\nARG " + names + "\nRUN x\n";
    var environment =
        new TreeMap<>(
            PlanBench.of(text).platform("linux/arm/v7").last(RunStep.class).environment());
    environment.remove("PATH");
    assertEquals("", environment.remove("BUILDOSVERSION") + environment.remove("TARGETOSVERSION"));
    assertEquals(
        Map.of(
            "BUILDPLATFORM", "linux/amd64",
            "BUILDOS", "linux",
            "BUILDARCH", "amd64",
            "BUILDVARIANT", "",
            "TARGETPLATFORM", "linux/arm/v7",
            "TARGETOS", "linux",
            "TARGETARCH", "arm",
            "TARGETVARIANT", "v7",
            "TARGETSTAGE", "final"),
        environment);
  }

  @Test
  void aStageWithoutNameIsTheTargetStageDefault() {
    var bench = PlanBench.of("FROM scratch\nARG TARGETSTAGE\nRUN x\n");
    assertEquals("default", bench.last(RunStep.class).environment().get("TARGETSTAGE"));
  }

  @Test
  void proxiesAreSetInBothCasesAndStayOutOfHistoryAndEnvironment() { // reliability 80
    var bench = PlanBench.of("FROM scratch\nRUN x\n").args("HTTP_PROXY=http://u:p@h");
    var run = bench.last(RunStep.class);
    assertEquals(Map.of("HTTP_PROXY", "http://u:p@h", "http_proxy", "http://u:p@h"), run.proxies());
    assertFalse(run.environment().containsKey("HTTP_PROXY"));
    assertEquals(List.of("RUN /bin/sh -c x # buildkit"), bench.history());
    assertFalse(Utf8.decode(bench.plan().image().bytes()).contains("u:p"));
  }

  @ParameterizedTest(name = "2.3 {0} needs no ARG")
  @ValueSource(strings = {"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"})
  void aProxyIsGivenUnderEitherName(String name) {
    var lower = name.toLowerCase(Locale.ROOT);
    for (var given : List.of(name, lower)) {
      var run = PlanBench.of("FROM scratch\nRUN x\n").args(given + "=p").last(RunStep.class);
      assertEquals(Map.of(name, "p", lower, "p"), run.proxies(), given);
    }
  }

  @Test
  void aBuildArgumentTakesThePlaceOfAnAutomaticOne() { // section 2.3
    var text = "FROM x$TARGETARCH\nARG TARGETARCH TARGETSTAGE\nRUN x\n";
    var bench = PlanBench.of(text).args("TARGETARCH=mine", "TARGETSTAGE=other");
    assertEquals(List.of("xmine:latest for linux/amd64"), bench.asked());
    var environment = bench.last(RunStep.class).environment();
    assertEquals(
        "mine other", environment.get("TARGETARCH") + " " + environment.get("TARGETSTAGE"));
  }

  @Test
  void aDeclaredProxyIsAnOrdinaryArgument() {
    var bench = PlanBench.of("FROM scratch\nARG no_proxy\nRUN x\n").args("no_proxy=h");
    var run = bench.last(RunStep.class);
    assertEquals("h", run.environment().get("no_proxy"));
    assertEquals(Map.of("NO_PROXY", "h"), run.proxies());
    assertTrue(bench.history().getLast().startsWith("RUN |1 no_proxy=h "));
  }

  @Test
  void aProxyWinsOverAnEnvOfItsName() { // section 2.3
    var bench = PlanBench.of("FROM scratch\nENV http_proxy=mine no_proxy=h\nRUN x\n");
    var run = bench.args("HTTP_PROXY=p", "no_proxy=h", "FTP_PROXY=").last(RunStep.class);
    assertEquals("mine", run.environment().get("http_proxy"));
    assertEquals(Map.of("HTTP_PROXY", "p", "http_proxy", "p", "NO_PROXY", "h"), run.proxies());
    var both = PlanBench.of("FROM scratch\nRUN x\n").args("HTTP_PROXY=p", "http_proxy=q");
    assertEquals(Map.of("HTTP_PROXY", "q", "http_proxy", "q"), both.last(RunStep.class).proxies());
  }

  @Test
  void argumentsForTheScannerAreNoVariables() {
    for (var name : List.of("BUILDKIT_SBOM_SCAN_STAGE", "BUILDKIT_SBOM_SCAN_CONTEXT")) {
      var bench = PlanBench.of("FROM scratch\nARG " + name + "=true\nRUN x\n").args(name + "=1");
      assertFalse(bench.last(RunStep.class).environment().containsKey(name), name);
    }
  }
}
