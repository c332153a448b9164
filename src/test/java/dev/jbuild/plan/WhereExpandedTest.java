package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Section 2.2: in which arguments of which instructions variables are replaced.
class WhereExpandedTest {

  private static final String START = "FROM scratch\nENV V=v M=644 N=9 P=\"80 90\"\n";

  @ParameterizedTest(name = "2.2 {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "ENV ${V}k=$V|ENV vk=v",
        "LABEL ${V}k=$V|LABEL vk=v",
        "ARG X=$V|ARG X=v",
        "ARG $V|ARG $V",
        "COPY --chown=$N --chmod=$M $V x$V /$V/|COPY --chown=9 --chmod=644 v xv /v/ # buildkit",
        "COPY [\"$V\", \"/$V/\"]|COPY v /v/ # buildkit",
        "ADD --chown=$N:$N --chmod=$M $V /$V|ADD --chown=9:9 --chmod=644 v /v # buildkit",
        "WORKDIR /$V|WORKDIR /v",
        "USER $V:${N}|USER v:9",
        "STOPSIGNAL $N|STOPSIGNAL 9",
        "VOLUME /$V /x|VOLUME [/v /x]",
        "VOLUME [\"/$V\"]|VOLUME [/v]",
        "EXPOSE $P 1$N/tcp|EXPOSE [80/tcp 90/tcp 19/tcp]",
        "RUN echo $V|RUN /bin/sh -c echo $V # buildkit",
        "RUN [\"echo\", \"$V\"]|RUN echo $V # buildkit",
        "CMD [\"$V\"]|CMD [\"$V\"]",
        "CMD $V|CMD [\"/bin/sh\" \"-c\" \"$V\"]",
        "ENTRYPOINT $V|ENTRYPOINT [\"/bin/sh\" \"-c\" \"$V\"]",
        "SHELL [\"$V\"]|SHELL [$V]",
        "MAINTAINER $V|MAINTAINER $V",
        "HEALTHCHECK CMD $V|HEALTHCHECK {Test:[CMD-SHELL $V] Interval:0s Timeout:0s StartPeriod:0s"
            + " StartInterval:0s Retries:0}",
      })
  void anInstructionIsWrittenDownWithItsVariablesReplacedOrNot(String text, String history) {
    assertEquals(history, PlanBench.of(START + text).history().getLast());
  }

  @Test
  void aTriggerKeepsItsVariablesUntilItIsTriggered() {
    var text = START + "ONBUILD WORKDIR /$V\n";
    assertEquals(List.of("WORKDIR /$V"), PlanBench.of(text).config().onBuild());
    assertEquals(
        "WORKDIR /v",
        PlanBench.of(text.replace("FROM scratch", "FROM scratch AS a") + "FROM a")
            .history()
            .getLast());
  }

  @Test
  void flagsThatNameFilesAndStagesAreTakenAsTheyAre() {
    var copy = PlanBench.of(START + "COPY --exclude=$V --exclude=*.md a b").last(CopyStep.class);
    assertEquals(List.of("$V", "*.md"), copy.excludes());
    for (var flags : List.of("COPY --from=$V a b", "RUN --mount=from=${V},target=/x a")) {
      assertTrue(PlanBench.of(START + flags).failure().message().contains("cannot hold variables"));
    }
  }

  @Test
  void addExpandsItsChecksumAndItsDocumentsAndNoOtherFlag() {
    var sum = "0".repeat(64);
    var add =
        PlanBench.of(
                "FROM scratch\nARG S=sha256:%s V=v\nADD --checksum=$S --exclude=$V https://h/f /d"
                    .formatted(sum))
            .last(CopyStep.class);
    assertEquals("sha256:" + sum, add.checksum().orElseThrow());
    assertEquals(List.of("$V"), add.excludes());
    var inline = PlanBench.of(START + "ADD <<E /x\n$V\nE").last(CopyStep.class);
    assertEquals("v\n", ((CopySource.Inline) inline.sources().getFirst()).content());
  }

  @Test
  void theNameOfAStageAndOfADeviceAreTakenAsTheyAre() {
    assertTrue(PlanBench.of("ARG N=a\nFROM scratch AS $N").failure().message().contains("$N"));
    var run = PlanBench.of(START + "RUN --device=$V,required a").last(RunStep.class);
    assertEquals(List.of("$V"), run.devices());
  }

  @Test
  void mountsAreExpandedAndHereDocumentsOfCopyAre() {
    var run = PlanBench.of(START + "RUN --mount=type=tmpfs,target=/$V a").last(RunStep.class);
    assertTrue(run.mounts().toString().contains("/v"), run.mounts().toString());
    for (var name : List.of("E", "'E'")) {
      var copy = PlanBench.of(START + "COPY <<" + name + " /x\n$V \\$V\nE").last(CopyStep.class);
      var content = ((CopySource.Inline) copy.sources().getFirst()).content();
      assertEquals(name.equals("E") ? "v $V\n" : "$V \\$V\n", content);
    }
  }

  @Test
  void fromSeesGlobalArgumentsOnly() {
    var text =
        "ARG V=a\nARG P=linux/arm64\nFROM --platform=$P $V\nENV V=c\nFROM x$V\nCOPY --from=0 a b";
    assertEquals(
        List.of("a:latest for linux/arm64", "xa:latest for linux/amd64"),
        PlanBench.of(text).asked());
  }
}
