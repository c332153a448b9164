package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Warnings, and build arguments that mean something to the builder.
class NoticeTest {

  private static List<String> notices(PlanBench bench) {
    var plan = bench.plan();
    return Stream.concat(
            plan.findings().stream()
                .map(
                    finding ->
                        finding.rule().ruleName()
                            + (" " + finding.span().line() + ":" + finding.span().column())
                            + (" " + finding.message())),
            plan.remarks().stream().map(remark -> "- " + remark))
        .toList();
  }

  @Test
  void anArgumentThatNobodyDeclaresIsTold() {
    var bench =
        PlanBench.of("FROM scratch AS unused\nARG OTHER\nFROM scratch\nARG VERSION\n")
            .args("VERSOIN=1", "OTHER=1", "https_proxy=x", "TARGETARCH=y", "BUILDKIT_SYNTAX=z");
    assertEquals(
        List.of("- no ARG declares the build argument VERSOIN: did you mean VERSION?"),
        notices(bench));
  }

  @Test
  void anUndefinedVariableIsToldUnlessItIsDeclaredOrHasAStandIn() {
    var bench = PlanBench.of("FROM scratch\nENV NAME=x\nARG A\nLABEL l=$A m=${B:-x} n=$NMAE\n");
    assertEquals(
        List.of("UndefinedVar 4:24 no variable is called $NMAE: did you mean $NAME?"),
        notices(bench));
  }

  @Test
  void aFromThatNeedsBuildArgumentsIsTold() {
    var bench = PlanBench.of("ARG B\nFROM $B\n").args("B=alpine");
    assertEquals(
        List.of("InvalidDefaultArgInFrom 2:6 without build arguments $B is no image name"),
        notices(bench));
  }

  @Test
  void anUndeclaredArgumentInFromIsTold() {
    assertEquals(
        List.of("UndefinedArgInFrom 1:12 no ARG before the first FROM gives $TAG a value"),
        notices(PlanBench.of("FROM alpine$TAG\n")));
  }

  @Test
  void portsThatAreOddButAllowedAreTold() {
    assertEquals(
        List.of(
            "ExposeInvalidFormat 2:8 EXPOSE takes no address or host port: 1:2",
            "ExposeProtoCasing 2:12 the protocol of 80/TCP should be lower case"),
        notices(PlanBench.of("FROM scratch\nEXPOSE 1:2 80/TCP\n")));
  }

  @Test
  void theHostNameCanBeChosen() {
    assertEquals("buildkitsandbox", PlanBench.of("FROM scratch\n").plan().hostname());
    assertEquals(
        "h", PlanBench.of("FROM scratch\n").args("BUILDKIT_SANDBOX_HOSTNAME=h").plan().hostname());
  }
}
