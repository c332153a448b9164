package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.jbuild.image.ContainerConfig;
import dev.jbuild.image.Healthcheck;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What instructions do to the config (dockerfile-rules.md 7 and 8).
class ConfigTest {

  private static final ContainerConfig BASE =
      ContainerConfig.EMPTY
          .withEntrypoint(List.of("base-e"))
          .withCmd(List.of("base-c"))
          .withWorkingDir("/base")
          .withVariable("A", "1");

  private static ContainerConfig config(String instructions) {
    return PlanBench.of("FROM base\n" + instructions.replace("; ", "\n") + "\n")
        .image("base", BASE)
        .config();
  }

  @ParameterizedTest(name = "8 {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "USER u                        | [base-e] [base-c]",
        "ENTRYPOINT [\"e\"]            | [e] null",
        "CMD [\"c\"]                   | [base-e] [c]",
        "CMD [\"c\"]; ENTRYPOINT [\"e\"] | [e] [c]",
        "ENTRYPOINT [\"e\"]; CMD [\"c\"] | [e] [c]",
        "CMD [\"c\"]; CMD [\"d\"]      | [base-e] [d]",
        "ENTRYPOINT []                 | null null",
        "CMD []                        | [base-e] null",
        "CMD a b                       | [base-e] [/bin/sh, -c, a b]",
        "CMD ['a']                     | [base-e] [/bin/sh, -c, ['a']]",
        "CMD $A                        | [base-e] [/bin/sh, -c, $A]",
        "SHELL [\"s\"]; CMD a; SHELL [\"t\"] | [base-e] [s, a]",
      })
  void entrypointAndCmd(String instructions, String expected) { // checklist 3, 16
    var config = config(instructions);
    assertEquals(expected, config.entrypoint() + " " + config.cmd());
  }

  /// As BuildKit, whose images for Windows have its shell and no PATH of ours.
  @Test
  void anImageForWindowsHasItsShell() {
    var config = PlanBench.of("FROM scratch\nCMD x y\n").platform("windows/amd64").config();
    assertEquals(List.of("cmd", "/S", "/C", "x y"), config.cmd());
    assertEquals(List.of(), config.env());
  }

  @Test
  void aCmdOfTheBaseStageIsInheritedAndSoCleared() {
    var text = "FROM scratch AS a\nCMD [\"c\"]\nFROM a\nENTRYPOINT [\"e\"]\n";
    assertNull(PlanBench.of(text).config().cmd());
  }

  @Test
  void envIsUpdatedInPlaceAndKeepsItsOrder() {
    var env = config("ENV B=2; ENV A=3 C=").env();
    assertEquals(List.of("A=3"), env.subList(0, 1));
    assertEquals(List.of("B=2", "C="), env.subList(env.size() - 2, env.size()));
  }

  @ParameterizedTest(name = "7 {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "WORKDIR /x/         | /x/      | /x",
        "WORKDIR /x/../y//z/.| /x/../y//z/. | /y/z",
        "WORKDIR /../up      | /../up   | /up",
        "WORKDIR x/          | /base/x  | /base/x",
        "WORKDIR ../x/./y//z | /x/y/z   | /x/y/z",
        "WORKDIR /a b        | /a b     | /a b",
        "WORKDIR $A          | /base/1  | /base/1",
        "WORKDIR $NOTHING    | /base    | /base",
        "WORKDIR /           | /        | /",
        "WORKDIR ../../..    | /        | /",
      })
  void workdirIsJoinedAndAnAbsoluteOneKeptAsWritten(
      String instruction, String written, String directory) {
    var bench = PlanBench.of("FROM base\nUSER u\n" + instruction + "\n").image("base", BASE);
    assertEquals(written, bench.config().workingDir());
    var step = bench.last(WorkdirStep.class);
    assertEquals(directory + " u", step.directory() + " " + step.user());
    assertEquals("WORKDIR " + written, step.createdBy().orElseThrow());
  }

  @ParameterizedTest(name = "7 {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "EXPOSE 80             | [80/tcp]",
        "EXPOSE 7000-7002/UDP  | [7000/udp, 7001/udp, 7002/udp]",
        "EXPOSE $P             | [443/tcp, 80/tcp]",
        "EXPOSE 1.2.3.4:1:2/sctp 9:8 | [2/sctp, 8/tcp]",
        "EXPOSE 80 80/tcp      | [80/tcp]",
        "EXPOSE $NOTHING       | []",
      })
  void exposeNamesSinglePorts(String instruction, String expected) { // checklist 20
    assertEquals(expected, config("ENV P=\"80 443\"; " + instruction).exposedPorts().toString());
  }

  @Test
  void otherSettingsAreStoredAsTheyAreGiven() {
    var config =
        config("USER $A:g; VOLUME rel [\"x\"]; LABEL a.b=1 $A=x; LABEL a.b=2; STOPSIGNAL sigterm");
    assertEquals("1:g", config.user());
    assertEquals(Set.of("rel", "[x]"), config.volumes());
    assertEquals(Map.of("a.b", "2", "1", "x"), config.labels());
    assertEquals("sigterm", config.stopSignal());
  }

  @ParameterizedTest(name = "8 STOPSIGNAL {0}")
  @CsvSource({"9", "TERM", "SIGKILL", "rtmin+3", "SIGRTMAX-14", "RTMIN"})
  void signalsHaveNamesAndNumbers(String signal) {
    assertEquals(signal, config("STOPSIGNAL " + signal).stopSignal());
  }

  private static Healthcheck health(String instruction) {
    return Objects.requireNonNull(config(instruction).healthcheck());
  }

  @Test
  void healthcheckIsKeptAsDockerHasIt() {
    var health = health("HEALTHCHECK --interval=30s --start-period=1m --retries=2 CMD [\"x\"]");
    assertEquals(List.of("CMD", "x"), health.test());
    assertEquals(Duration.ofSeconds(30), health.interval());
    assertEquals(Duration.ofMinutes(1), health.startPeriod());
    assertEquals(2, health.retries());
    assertEquals(List.of("NONE"), health("HEALTHCHECK NONE").test());
  }

  @Test
  void everyStepHasTheConfigAfterIt() {
    var steps = PlanBench.of("FROM scratch\nENV A=1\nUSER u\nRUN x\n").steps();
    assertEquals("", steps.get(0).after().user());
    assertEquals("u", steps.get(1).after().user());
    assertEquals("u", steps.get(2).after().user());
    assertEquals("1", steps.get(0).after().variable("A").orElseThrow());
  }

  @Test
  void quotesAndVariablesOfEnvAreResolvedOnce() { // checklist 6
    var config = PlanBench.of("FROM scratch\nENV a=1\nENV a=2 b=$a c='$a' d=\"$a\\$\"\n").config();
    assertEquals(
        List.of("a=2", "b=1", "c=$a", "d=1$"), config.env().subList(1, config.env().size()));
  }
}
