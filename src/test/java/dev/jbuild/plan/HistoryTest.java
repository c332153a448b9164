package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The texts of the history, byte for byte those that BuildKit writes (Docker's tools show them).
class HistoryTest {

  @ParameterizedTest(name = "9 {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "RUN a  b             | RUN /bin/sh -c a  b # buildkit",
        "RUN [\"a\", \"b c\"] | RUN a b c # buildkit",
        "RUN --mount=type=tmpfs,target=/t --network=none a | RUN /bin/sh -c a # buildkit",
        "RUN                  | RUN /bin/sh -c  # buildkit",
        "COPY a b/ /x/        | COPY a b/ /x/ # buildkit",
        "COPY --chown=u:g --chmod=0644 --link a /x | COPY --chown=u:g --chmod=0644 a /x # buildkit",
        "COPY --parents --exclude=*.md a /x | COPY --parents a /x # buildkit",
        "COPY --from=alpine a x | COPY a x # buildkit",
        "ADD a /x             | ADD a /x # buildkit",
        "ADD https://h/f?q /x | ADD https://h/f?q /x # buildkit",
        "ENV A=1 B=\"x y\"    | ENV A=1 B=x y",
        "ENV A x y            | ENV A=x y",
        "LABEL k=v l=\"\"     | LABEL k=v l=",
        "ARG A=1 B            | ARG A=1 B",
        "WORKDIR a/../b/      | WORKDIR /b",
        "USER app:1           | USER app:1",
        "VOLUME /a /b         | VOLUME [/a /b]",
        "VOLUME [\"/a b\"]    | VOLUME [/a b]",
        "EXPOSE 81 80/UDP     | EXPOSE [80/udp 81/tcp]",
        "CMD [\"a\", \"b\\\"\"] | CMD [\"a\" \"b\\\"\"]",
        "CMD a                | CMD [\"/bin/sh\" \"-c\" \"a\"]",
        "CMD                  | CMD [\"/bin/sh\" \"-c\" \"\"]",
        "CMD []               | CMD []",
        "ENTRYPOINT [\"é\"]   | ENTRYPOINT [\"é\"]",
        "SHELL [\"/bin/bash\", \"-c\"] | SHELL [/bin/bash -c]",
        "STOPSIGNAL 9         | STOPSIGNAL 9",
        "MAINTAINER me <m@e>  | MAINTAINER me <m@e>",
        "HEALTHCHECK NONE | HEALTHCHECK {Test:[NONE] Interval:0s Timeout:0s StartPeriod:0s"
            + " StartInterval:0s Retries:0}",
        "HEALTHCHECK --interval=90s --timeout=1500ms --retries=3 CMD x y | HEALTHCHECK"
            + " {Test:[CMD-SHELL x y] Interval:1m30s Timeout:1.5s StartPeriod:0s"
            + " StartInterval:0s Retries:3}",
        "HEALTHCHECK CMD [\"x\", \"y\"] | HEALTHCHECK {Test:[CMD x y] Interval:0s Timeout:0s"
            + " StartPeriod:0s StartInterval:0s Retries:0}",
      })
  void anInstructionIsToldAs(String instruction, String expected) {
    var history = PlanBench.of("FROM scratch\n" + instruction + "\n").history();
    assertEquals(List.of(expected), history);
  }

  @Test
  void runTellsTheArgumentsInScopeByFirstDeclarationWithTheirCurrentValues() {
    var history =
        PlanBench.of(
                """
                FROM scratch
                ARG B=1
                ARG A
                ENV B=2
                ARG B=3
                ARG UNSET
                RUN x
                """)
            .args("A=given")
            .history();
    assertEquals("RUN |3 B=3 A=given UNSET= /bin/sh -c x # buildkit", history.getLast());
  }

  @Test
  void heredocsAreToldByNameInCopyAndByTheirTextInRun() {
    var history =
        PlanBench.of(
                """
                FROM scratch
                COPY x <<EOF /d/
                body
                EOF
                RUN <<EOF
                one
                two
                EOF
                RUN cat <<EOF
                one
                EOF
                """)
            .history();
    assertEquals(
        List.of(
            "COPY x <<EOF /d/ # buildkit",
            "RUN /bin/sh -c one\ntwo\n # buildkit",
            "RUN /bin/sh -c cat <<EOF\none\nEOF # buildkit"),
        history);
  }

  @Test
  void fromAndOnbuildHaveNoEntry() {
    var steps = PlanBench.of("FROM scratch\nONBUILD RUN x\nUSER u\n").steps();
    assertEquals(2, steps.size());
    assertEquals(List.of("USER u"), steps.stream().flatMap(s -> s.createdBy().stream()).toList());
  }

  @Test
  void anInstructionIsShownInOneLineAsItWasWritten() {
    var steps =
        PlanBench.of(
                """
                FROM scratch
                RUN --mount=type=cache,target=/c a \\
                    && b
                COPY --from=0 --chown=$U src /src
                RUN <<EOF
                  first
                  second
                EOF
                """
                    .replace("--from=0", "--from=alpine"))
            .steps();
    assertEquals(
        List.of(
            "RUN --mount=type=cache,target=/c a && b",
            "COPY --from=alpine --chown=$U src /src",
            "RUN <<EOF (first…)"),
        steps.stream().map(Step::instruction).toList());
  }
}
